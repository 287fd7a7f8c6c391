public import EventModel

/// What the projection onto somebody else's connection did, and what it found there.
public struct ExternalResult: Sendable, Equatable {
    /// What had to be done.
    public enum Way: String, Sendable {
        /// The tables were made and filled from the first event on.
        case created
        /// The migrations are other ones than last time: everything was made anew.
        case remade
        /// The events since last time were applied.
        case caughtUp
    }

    /// The projection.
    public let projection: String
    /// The migrations in force, ascending.
    public let versions: [Int]
    /// The position up to which the tables hold the log.
    public let checkpoint: Position
    /// Events looked at.
    public let events: Int
    /// What had to be done.
    public let way: Way
    /// Whether the connection keeps foreign keys, as it was found; with them off nothing cascades.
    public let foreignKeys: Bool
    /// Whether triggers fire triggers of their own kind again, as it was found.
    public let recursiveTriggers: Bool
}
