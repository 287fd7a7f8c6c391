internal import Dispatch
package import EventModel
internal import LMDB

/// One exclusive turn of this process's writer: appends are staged on a snapshot, looked at, and
/// committed together if no other process has moved the head meanwhile.
///
/// LMDB's write lock is taken only for the commit, so that other databases can be written in between.
package struct CheckedTurn {
    /// A place among the staged events to come back to.
    package typealias Mark = AppendTurn.Mark

    private let snapshot: Snapshot
    private var turn: AppendTurn
    private var isCommitted = false

    /// Everything is judged by one snapshot; its transaction ends with the turn, before the log.
    private final class Snapshot {
        let transaction: ReadTransaction
        let log: EventLog

        init(_ log: EventLog) throws {
            self.log = log
            transaction = try log.environment.beginRead()
        }
    }

    fileprivate init(_ log: EventLog) throws {
        snapshot = try Snapshot(log)
        turn = try AppendTurn(on: log, in: snapshot.transaction)
    }

    /// The head that the turn builds on.
    package var baseHead: Position { Position(turn.baseHead) }

    /// Where the next append begins.
    package var mark: Mark { turn.mark }

    /// Takes back everything staged since the mark.
    package mutating func unstage(to mark: Mark) { turn.unstage(to: mark) }

    /// Stages one append; nothing is written.
    ///
    /// - Throws: kind `conflict` when its condition or an id does not hold; then nothing of it stays.
    /// - Precondition: the turn is not committed.
    package mutating func stage(_ append: PreparedAppend) throws(AnnalsError) -> AppendResult {
        precondition(!isCommitted, "nothing is staged behind a commit")
        return try logCall("staging an append") {
            try turn.stage(append, on: snapshot.log, in: snapshot.transaction)
        }
    }

    /// Lends the events staged since a mark, in order, under the positions that they are going to have.
    package func forEachStaged(
        since mark: Mark, _ body: (borrowing EventView) throws(AnnalsError) -> Void
    ) throws(AnnalsError) {
        try logCall("reading a staged event") { try turn.forEachStaged(since: mark, body) }
    }

    /// Writes what is staged, durably, if the head is still the one that the turn builds on.
    ///
    /// - Parameter known: values of the log's state, `nil` for none, by which the appends were judged.
    /// - Returns: `false` if another process appended meanwhile, or changed one of those values:
    ///   nothing was written. Leave the turn and enter another one, which builds on what is new.
    /// - Precondition: the turn is not committed.
    package mutating func commit(
        ifStateIs known: [String: [UInt8]?] = [:]
    ) throws(AnnalsError) -> Bool {
        precondition(!isCommitted, "a turn commits once")
        let (log, turn) = (snapshot.log, turn)
        if turn.staged.isEmpty { return true }
        isCommitted = try log.writing("appending") { transaction in
            guard try transaction.reading({ try log.head(in: $0) }) == turn.baseHead else {
                return false
            }
            for (key, value) in known {
                let present = try transaction.reading {
                    try $0.copy(ofKey: key.utf8Bytes, in: log.tables.state)
                }
                guard present == value else { return false }
            }
            try turn.write(to: &transaction, log.tables)
            return true
        }
        if isCommitted { log.accept(turn) }
        return isCommitted
    }
}

extension EventLog {
    /// Runs a body as the only writer of this process; other processes may append meanwhile.
    ///
    /// The snapshot of the turn pins pages until the body returns: keep it short. The body must not
    /// write to this log by other means: it would wait for itself.
    /// - Throws: what `body` throws; nothing that it did not commit is written.
    package func withTurn<R>(_ body: (inout CheckedTurn) throws -> R) throws -> R {
        try checkWritable()
        return try writer.sync {
            defer { flushIfDue() }
            var turn = try logCall("beginning a turn") { try CheckedTurn(self) }
            return try body(&turn)
        }
    }
}
