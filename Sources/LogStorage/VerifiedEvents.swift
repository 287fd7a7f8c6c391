public import EventModel

/// The log for readers that keep what they read, such as projections: the data of every event is
/// verified against the digest in its header before the event is lent.
public struct VerifiedEvents: EventSource {
    private let log: EventLog

    /// Reads a log.
    public init(_ log: EventLog) { self.log = log }

    /// The position of the last event; 0 for an empty log.
    public func head() throws -> Position { try log.head() }

    /// Lends verified events; see `EventSource`.
    ///
    /// - Throws: `RECORD_CORRUPT` with the position, besides what reading the log throws.
    public func forEachEvent(
        after: Position, through: Position, limit: Int, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        try log.forEachVerifiedEvent(after: after, through: through, limit: limit, body)
    }
}
