/// What a migration would do: the steps, the reason for each, the way, and what it would cost.
public struct MigrationPlan: Sendable, Equatable {
    /// One migration that would be applied.
    public struct Step: Sendable, Equatable {
        /// Its number.
        public let number: Int
        /// Its name.
        public let name: String
        /// Its module.
        public let module: String
        /// Why it is a step.
        public let reason: Reason
        /// The reason in words, a sentence without its full stop.
        public let detail: String
    }

    /// Why a migration would be applied.
    public enum Reason: String, Sendable {
        /// It is enabled and not applied.
        case pending
        /// Its module was enabled when others were applied already: it is filled from the first event on.
        case backfill
        /// It came later than a greater number that is applied.
        case late
        /// The target that was named depends on it.
        case dependency
    }

    /// Events of one type.
    public struct EventCount: Sendable, Equatable {
        /// The event type.
        public let type: String
        /// How many of its events the log has.
        public let count: Int
    }

    /// The space that the new file takes.
    public struct Disk: Sendable, Equatable {
        /// Bytes, judged by the live file; `nil` when there is none to judge by.
        public let neededBytes: Int?
        /// Bytes that are free where generations lie.
        public let freeBytes: Int

        /// Whether it fits; `nil` when it is not known.
        public var fits: Bool? { neededBytes.map { $0 <= freeBytes } }
    }

    /// The projection.
    public let projection: String
    /// The version now, 0 for none.
    public let from: Int
    /// The version it would have.
    public let to: Int
    /// What would be applied, in order; empty when there is nothing to do.
    public let steps: [Step]
    /// How it would run; `nil` when there is nothing to do.
    public let way: BuildWay?
    /// Why that way, a part of a sentence; empty when there is nothing to do.
    public let because: String
    /// Events that would be read.
    public let events: Int
    /// The ones among them that have a handler to run, by type; every type that a handler knows.
    public let types: [EventCount]
    /// The rate of the last build that was long enough to measure, in events per second; `nil` without
    /// one.
    public let eventsPerSecond: Double?
    /// The space.
    public let disk: Disk

    /// How long it would take by that rate, in milliseconds; `nil` when no rate is known.
    public var estimateMs: Double? { eventsPerSecond.map { Double(events) / $0 * 1000 } }
}
