internal import Dispatch
public import EventModel
internal import Synchronization

/// The log for readers that keep what they read, such as projections: the data of every event is
/// verified against the digest in its header before the event is lent.
///
/// While one portion is being applied the next one is verified on another core.
public final class VerifiedEvents: EventSource {
    private let log: EventLog
    private let ahead = Mutex<Ahead?>(nil)
    private let queue = DispatchQueue(label: "annals.verify")

    /// A portion that is being verified: the events behind `after`.
    private struct Ahead: Sendable {
        let after: Position
        let outcome: Outcome
    }

    /// What came of it, once `finished` is left.
    private final class Outcome: Sendable {
        let finished = DispatchGroup()
        let result = Mutex<Result<Position, AnnalsError>>(.success(.start))
    }

    /// Reads a log.
    public init(_ log: EventLog) { self.log = log }

    /// The position of the last event; 0 for an empty log.
    public func head() throws -> Position { try log.head() }

    /// Lends verified events; see `EventSource`.
    ///
    /// - Throws: `RECORD_CORRUPT` with the position, before an event of its portion is lent, besides
    ///   what reading the log throws.
    public func forEachEvent(
        after: Position, through: Position, limit: Int, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        let verified = try waitForVerified(after: after)
        let end: Position
        if let verified, verified > after {
            end = try log.forEachEvent(
                after: after, through: min(through, verified), limit: limit
            ) { event in
                if event.position == after.next { verifyAhead(after: verified, through, limit) }
                try body(event)
            }
        } else {
            end = try log.forEachVerifiedEvent(
                after: after, through: through, limit: limit, body)
            if end > after { verifyAhead(after: end, through, limit) }
        }
        return end
    }

    /// How far the events behind a position are verified; `nil` when nobody has looked at them.
    private func waitForVerified(after: Position) throws(AnnalsError) -> Position? {
        let ahead = ahead.withLock { ahead -> Ahead? in
            defer { ahead = nil }
            return ahead
        }
        guard let ahead, ahead.after == after else { return nil }
        ahead.outcome.finished.wait()
        return try ahead.outcome.result.withLock { $0 }.get()
    }

    private func verifyAhead(after: Position, _ through: Position, _ limit: Int) {
        guard after < through else { return }
        let outcome = Outcome()
        outcome.finished.enter()
        ahead.withLock { $0 = Ahead(after: after, outcome: outcome) }
        queue.async { [log] in
            let result = Result { () throws(AnnalsError) in
                try logCall("verifying events after position \(after)") {
                    try log.forEachVerifiedEvent(
                        after: after, through: through, limit: limit
                    ) { _ in }
                }
            }
            outcome.result.withLock { $0 = result }
            outcome.finished.leave()
        }
    }
}
