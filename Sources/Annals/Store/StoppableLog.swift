internal import EventModel
internal import LogStorage

/// The log as projections read it: every event is verified, and there is an end with an error once the
/// task that reads is cancelled.
///
/// Whoever applies events stops there as at any other error: between two transactions.
struct StoppableLog: EventSource {
    let log: VerifiedEvents
    /// What holds after the stop, for the message.
    let consequence: String

    func head() throws -> Position { try log.head() }

    func forEachEvent(
        after: Position, through: Position, limit: Int,
        _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        try log.forEachEvent(after: after, through: through, limit: limit, body)
    }

    func checkStop() throws {
        guard !Task.isCancelled else { throw EventStore.interrupted(consequence) }
    }
}

extension EventStore {
    /// The error of work that was cancelled and stopped at a safe point.
    static func interrupted(_ consequence: String) -> AnnalsError {
        AnnalsError(
            .unavailable, "INTERRUPTED", "Stopped at a safe point: \(consequence).",
            hint: "Repeat the command to go on.")
    }

    /// The log for a new file that nobody uses yet.
    var logForReplay: StoppableLog {
        StoppableLog(log: VerifiedEvents(log), consequence: "nothing was changed")
    }

    /// The log for a new generation of a projection.
    func logForBuild(_ projection: String) -> StoppableLog {
        StoppableLog(
            log: VerifiedEvents(log),
            consequence: "'\(projection)' was not switched, its earlier file stays in service")
    }

    /// The log for a catch-up: what was applied stays.
    func logForCatchUp(_ projection: String) -> StoppableLog {
        StoppableLog(
            log: VerifiedEvents(log),
            consequence: "'\(projection)' keeps what it has, the next command goes on there")
    }
}
