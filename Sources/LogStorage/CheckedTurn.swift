internal import Dispatch
package import EventModel
internal import LMDB

/// One exclusive turn of this process's writer: appends are staged on a snapshot, looked at, and
/// committed together if no other process has moved the head meanwhile.
package struct CheckedTurn {
    private let log: EventLog
    private var turn: AppendTurn

    /// A place to come back to.
    package typealias Mark = AppendTurn.Mark

    fileprivate init(_ log: EventLog) throws {
        self.log = log
        turn = try log.environment.read { try AppendTurn(on: log, in: $0) }
    }

    /// The head that the turn builds on.
    package var baseHead: Position { Position(turn.baseHead) }

    /// Where the next append begins.
    package var mark: Mark { turn.mark }

    /// Takes back everything staged since the mark.
    package mutating func unstage(to mark: Mark) { turn.unstage(to: mark) }

    /// Stages one append; nothing is written.
    /// - Throws: kind `conflict` when its condition or an id does not hold; then nothing of it stays.
    package mutating func stage(_ append: PreparedAppend) throws(AnnalsError) -> AppendResult {
        try logCall("staging an append") {
            try log.environment.read { try turn.stage(append, on: log, in: $0) }
        }
    }

    /// Lends the events staged since a mark, in order, under the positions that they are going to have.
    package func forEachStaged(
        since mark: Mark, _ body: (borrowing EventView) throws(AnnalsError) -> Void
    ) throws(AnnalsError) {
        for index in mark.staged..<turn.staged.count {
            try logCall("reading a staged event") { try turn.withStaged(index, body) }
        }
    }

    /// Writes what is staged, durably; `false` if the head has moved, and then nothing was written.
    package mutating func commit() throws(AnnalsError) -> Bool {
        if turn.staged.isEmpty { return true }
        let isCommitted = try log.poisoning("appending") {
            try log.environment.write { transaction in
                let head = try transaction.reading { try log.head(in: $0) }
                guard head == turn.baseHead else { return false }
                try turn.write(to: &transaction, log.tables)
                return true
            }
        }
        if isCommitted { log.accept(turn) }
        return isCommitted
    }
}

extension EventLog {
    /// Runs one exclusive turn of this process's writer.
    package func withTurn<R>(_ body: (inout CheckedTurn) throws -> R) throws -> R {
        try checkWritable()
        return try writer.sync {
            var turn = try CheckedTurn(self)
            let result = try body(&turn)
            flushIfDue()
            return result
        }
    }

    /// The names in the state that begin with a prefix, in the order of their bytes.
    package func stateKeys(prefix: String) throws(AnnalsError) -> [String] {
        try logCall("reading the state") {
            try environment.read { transaction in
                var keys: [String] = []
                var cursor = try transaction.cursor(in: tables.state)
                var isFound = try cursor.seek(atLeast: prefix.utf8Bytes.span)
                while isFound {
                    let key = String(utf8: cursor.key)
                    guard key.hasPrefix(prefix) else { break }
                    keys.append(key)
                    isFound = try cursor.next()
                }
                return keys
            }
        }
    }
}
