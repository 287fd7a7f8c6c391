/// What a replay or catch-up does with an event that a handler refuses.
public enum PoisonPolicy: Sendable {
    /// Stops right before the event.
    case stop
    /// Leaves the event's rows out, records it in the `quarantine` table and goes on.
    case quarantine
}
