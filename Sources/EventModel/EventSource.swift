/// Where a projection gets its events from: the log, or a list in a test.
public protocol EventSource: Sendable {
    /// The position of the last event; 0 for an empty log.
    func head() throws -> Position

    /// Lends the events after `after`, in order, until `limit` were lent or `through` was reached.
    ///
    /// One call is one short read transaction over one snapshot. An error of `body` ends the walk and
    /// is thrown on.
    /// - Returns: the position of the last event lent, or `after` when there was none.
    func forEachEvent(
        after: Position, through: Position, limit: Int, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position

    /// Throws when the work is to end, for example because its task was cancelled.
    ///
    /// Asked between two walks on the thread that applies; the walks may run on another one.
    func checkStop() throws
}

extension EventSource {
    /// Goes on to the end.
    public func checkStop() throws {}
}
