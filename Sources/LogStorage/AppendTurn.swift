internal import EventModel
internal import LMDB

/// The appends that will share one commit, staged one behind the other on top of a head.
///
/// Staging checks conditions and ids against the log and against what was staged before, and gives
/// positions, revisions and times. Nothing is written; what was staged can be taken back.
package struct AppendTurn {
    /// The head that the turn builds on.
    let baseHead: UInt64
    /// The names of the staged events.
    private(set) var overlay: TailIndex
    private(set) var batches: [PreparedAppend] = []
    /// The staged records, in order of position: which batch, which record of it.
    private(set) var staged: [(batch: Int, record: Int)] = []
    private var lastRecorded: Int64

    /// The position of the last staged event, `baseHead` while there is none.
    var head: UInt64 { baseHead + UInt64(staged.count) }

    init(on log: EventLog, in transaction: borrowing ReadTransaction) throws {
        baseHead = try log.head(in: transaction)
        overlay = TailIndex(floor: baseHead, seed: log.seed)
        lastRecorded = .min
        if baseHead > 0 {
            lastRecorded = try log.withEvent(at: baseHead, in: transaction) {
                $0.recorded.milliseconds
            }
        }
    }

    /// A place to come back to.
    package struct Mark {
        fileprivate let batches: Int
        let staged: Int
    }

    var mark: Mark { Mark(batches: batches.count, staged: staged.count) }

    /// Takes back everything staged since the mark.
    mutating func unstage(to mark: Mark) {
        batches.removeLast(batches.count - mark.batches)
        staged.removeLast(staged.count - mark.staged)
        overlay.truncate(to: head)
    }

    /// Stages one append.
    ///
    /// - Throws: kind `conflict` when its condition or an id does not hold; then nothing of it stays.
    mutating func stage(
        _ append: PreparedAppend, on log: EventLog, in transaction: borrowing ReadTransaction
    ) throws -> AppendResult {
        let mark = mark
        do {
            var places: [AppendResult.Place?] = []
            places.reserveCapacity(append.count)
            for record in append.records {
                places.append(try earlierPlace(of: record, append, log, transaction))
            }
            // A repeated append gets its earlier result; its condition held then.
            let isRepeated = places.allSatisfy { $0 != nil }
            if !isRepeated { try check(append.condition, on: log, in: transaction) }
            batches.append(append)
            for index in places.indices where places[index] == nil {
                let repeated = try earlierPlace(of: append.records[index], append, log, transaction)
                places[index] = try repeated ?? stageRecord(index, log, transaction)
            }
            return AppendResult(places: places.compactMap { $0 })
        } catch {
            unstage(to: mark)
            throw error
        }
    }

    /// Gives the next position to a record of the last batch.
    private mutating func stageRecord(
        _ index: Int, _ log: EventLog, _ transaction: borrowing ReadTransaction
    ) throws -> AppendResult.Place {
        let batch = batches.count - 1
        let record = batches[batch].records[index]
        let position = Position(head + 1)
        var revision: UInt64 = 1
        do {
            // The bytes are shared only inside these braces; after them they are changed in place.
            let bytes = batches[batch].bytes
            let event = try record.view(in: bytes.span, at: position)
            revision += try lastRevision(of: event.streamBytes, on: log, in: transaction)
            overlay.add(event)
        }
        lastRecorded = max(lastRecorded, log.clock().milliseconds)
        batches[batch].complete(record, revision: revision, recorded: lastRecorded)
        staged.append((batch, index))
        return AppendResult.Place(
            position: position, revision: Revision(revision), isNew: true)
    }

    /// The revision of a stream's last event, staged events included.
    mutating func lastRevision(
        of stream: Span<UInt8>, on log: EventLog, in transaction: borrowing ReadTransaction
    ) throws -> UInt64 {
        let baseHead = baseHead
        return try overlay.count(.stream, stream) {
            try log.withTail(in: transaction, head: baseHead) { tail in
                try tail.count(.stream, stream) {
                    try log.tableCount(.stream, stream, in: transaction)
                }
            }
        }
    }

    /// Lends a staged record.
    func withStaged<R>(
        _ index: Int, _ body: (borrowing EventView) throws -> R
    ) throws -> R {
        let (batch, record) = staged[index]
        let bytes = batches[batch].bytes
        let position = Position(baseHead + UInt64(index) + 1)
        return try body(
            try batches[batch].records[record].view(in: bytes.span, at: position))
    }

    /// Writes the staged records into the log.
    func write(to transaction: inout WriteTransaction, _ tables: LogTables) throws {
        var position = baseHead
        for (batch, record) in staged {
            position += 1
            let bytes = batches[batch].bytes
            let range = batches[batch].records[record].range
            try transaction.append(
                bytes.span.extracting(range), atKey: position, in: tables.events)
        }
    }
}
