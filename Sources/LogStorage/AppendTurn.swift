internal import EventModel
internal import LMDB

/// The appends that will share one commit, staged one behind the other on top of a head.
///
/// Staging checks conditions and ids against the log and against what was staged before, and gives
/// positions, revisions and times. Nothing is written; what was staged can be taken back.
package struct AppendTurn {
    /// The head that the turn builds on.
    let baseHead: UInt64
    /// The position through which the index tables of the turn's snapshot are complete.
    let floor: UInt64
    /// The names of the staged events.
    private(set) var overlay: TailIndex
    private(set) var staged: [Staged] = []
    private var batches: [PreparedAppend] = []
    private var lastRecorded: Int64

    /// A record that has its place.
    struct Staged {
        let batch: Int
        let record: Int
        let stamp: Stamp
    }

    /// The position of the last staged event, `baseHead` while there is none.
    var head: UInt64 { baseHead + UInt64(staged.count) }

    init(on log: EventLog, in transaction: borrowing ReadTransaction) throws {
        baseHead = try log.head(in: transaction)
        floor = try log.indexedThrough(in: transaction)
        overlay = TailIndex(floor: baseHead)
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
            var places: [AppendResult.Place?] = Array(repeating: nil, count: append.count)
            for (index, record) in append.records.enumerated() where record.hasID {
                places[index] = try earlierPlace(
                    of: record, append, onlyStaged: false, log, transaction)
            }
            // A repeated append gets its earlier result; its condition held then.
            let isRepeated = places.allSatisfy { $0 != nil }
            if !isRepeated { try check(append.condition, on: log, in: transaction) }
            var numbers = Array(repeating: Int32(-1), count: append.names.names.count)
            if overlay.isEmpty {
                overlay.adopt(append.names)
                for number in numbers.indices { numbers[number] = Int32(number) }
            }
            batches.append(append)
            // The events of one append happen at once for the log.
            lastRecorded = max(lastRecorded, log.clock().milliseconds)
            for (index, record) in append.records.enumerated() where places[index] == nil {
                // An id may stand twice in one append.
                let repeated = try earlierPlace(
                    of: record, append, onlyStaged: true, log, transaction)
                places[index] =
                    try repeated ?? stage(index, of: append, &numbers, log, transaction)
            }
            return AppendResult(places: places.compactMap { $0 })
        } catch {
            unstage(to: mark)
            throw error
        }
    }

    /// Gives the next position to a record of the last batch.
    ///
    /// - Parameter numbers: for each name of the batch its number in the overlay, -1 while unknown.
    private mutating func stage(
        _ index: Int, of append: PreparedAppend, _ numbers: inout [Int32], _ log: EventLog,
        _ transaction: borrowing ReadTransaction
    ) throws -> AppendResult.Place {
        let record = append.records[index]
        let position = head + 1
        for name in append.numbers[record.nameRange] where numbers[Int(name)] < 0 {
            numbers[Int(name)] = Int32(overlay.number(of: Int(name), in: append.names))
        }
        let stream = Int(append.numbers[record.firstName])
        let (baseHead, floor) = (baseHead, floor)
        let count = try overlay.count(of: Int(numbers[stream]), through: .max) {
            try log.withTail(in: transaction, head: baseHead, floor: floor) { tail in
                try tail.count(of: stream, in: append.names, through: baseHead) {
                    try log.tableCount(.stream, append.names.bytes(of: stream), in: transaction)
                }
            }
        }
        overlay.add(append.numbers[record.nameRange], numberedBy: numbers, at: position)
        let stamp = Stamp(revision: count + 1, recorded: lastRecorded)
        staged.append(Staged(batch: batches.count - 1, record: index, stamp: stamp))
        return AppendResult.Place(
            position: Position(position), revision: Revision(stamp.revision), isNew: true)
    }

    /// Lends a staged record.
    func withStaged<R>(
        _ index: Int, _ body: (borrowing EventView) throws -> R
    ) throws -> R {
        let place = staged[index]
        let bytes = batches[place.batch].bytes
        return try body(
            try RecordDecoder.staged(
                batches[place.batch].records[place.record], of: bytes.span,
                at: Position(baseHead + UInt64(index) + 1), stamp: place.stamp))
    }

    /// Lends the records staged since a mark.
    func forEachStaged(
        since mark: Mark, _ body: (borrowing EventView) throws -> Void
    ) throws {
        for index in mark.staged..<staged.count { try withStaged(index, body) }
    }

    /// Writes the staged records into the log, each stamped and sealed where it lies.
    func write(to transaction: inout WriteTransaction, _ tables: LogTables) throws {
        var index = 0
        while index < staged.count {
            // One append after the other, so that its bytes are fetched once, not for every record.
            let number = staged[index].batch
            let batch = batches[number]
            while index < staged.count, staged[index].batch == number {
                try write(
                    staged[index], of: batch, at: baseHead + UInt64(index) + 1, &transaction, tables
                )
                index += 1
            }
        }
    }

    private func write(
        _ place: Staged, of batch: PreparedAppend, at position: UInt64,
        _ transaction: inout WriteTransaction, _ tables: LogTables
    ) throws(LMDBError) {
        let record = batch.records[place.record]
        try transaction.append(
            batch.bytes.span.extracting(record.range), atKey: position, in: tables.events
        ) { bytes in
            bytes.put(place.stamp.revision, at: RecordFormat.revision)
            bytes.put(UInt64(bitPattern: place.stamp.recorded), at: RecordFormat.recorded)
            if !record.occurredIsGiven {
                bytes.put(UInt64(bitPattern: place.stamp.recorded), at: RecordFormat.occurred)
            }
            let check = XXHash64.hash(
                bytes.span.extracting(RecordFormat.format..<record.headerLength))
            bytes.put(check, at: RecordFormat.check)
        }
    }
}
