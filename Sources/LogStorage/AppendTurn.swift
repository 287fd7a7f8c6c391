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
            var places: [AppendResult.Place?] = []
            if append.hasIDs {
                places = try append.records.map { record in
                    try earlierPlace(of: record, append, onlyStaged: false, log, transaction)
                }
            }
            // A repeated append gets its earlier result; its condition held then.
            let isRepeated = append.hasIDs && places.allSatisfy { $0 != nil }
            if !isRepeated { try check(append.condition, on: log, in: transaction) }
            batches.append(append)
            // The events of one append happen at once for the log.
            lastRecorded = max(lastRecorded, log.clock().milliseconds)
            if append.repeatsIDs || places.contains(where: { $0 != nil }) {
                return try stageRest(of: append, places, log, transaction)
            }
            return try stageAll(of: append, log, transaction)
        } catch {
            unstage(to: mark)
            throw error
        }
    }

    /// Gives the next positions to all records of the last batch.
    private mutating func stageAll(
        of append: PreparedAppend, _ log: EventLog, _ transaction: borrowing ReadTransaction
    ) throws -> AppendResult {
        let numbers: [Int32]
        if overlay.isEmpty {
            // Its own index serves as the overlay, so that a group of one costs no second index.
            overlay = append.index.moved(to: baseHead)
            numbers = Array(0..<Int32(append.index.names.names.count))
        } else {
            numbers = overlay.absorb(append.index.moved(to: head))
        }
        var revisions = try lastRevisions(ofStreamsIn: append, numbers, log, transaction)
        for stream in revisions.indices {
            revisions[stream] &-= UInt64(append.index.count(of: stream))
        }
        var places: [AppendResult.Place] = []
        places.reserveCapacity(append.count)
        if staged.isEmpty { staged.reserveCapacity(append.count) }
        for index in append.records.indices {
            let record = append.records[index]
            let revision = revisions[Int(record.stream)] &+ UInt64(record.ordinal)
            places.append(stage(index, as: revision))
        }
        return AppendResult(places: places)
    }

    /// Gives the next positions to those records of the last batch whose events are new.
    ///
    /// - Parameter found: for each record the place that its event has already; empty if none has.
    private mutating func stageRest(
        of append: PreparedAppend, _ found: [AppendResult.Place?], _ log: EventLog,
        _ transaction: borrowing ReadTransaction
    ) throws -> AppendResult {
        let numbers = overlay.numbers(ofNamesIn: append.index)
        var revisions = try lastRevisions(ofStreamsIn: append, numbers, log, transaction)
        var places: [AppendResult.Place] = []
        for (index, record) in append.records.enumerated() {
            var place = found.isEmpty ? nil : found[index]
            if place == nil {
                // An id may stand twice in one append.
                place = try earlierPlace(of: record, append, onlyStaged: true, log, transaction)
            }
            if place == nil {
                let stream = Int(record.stream)
                revisions[stream] += 1
                overlay.add(record.postings, of: append.index, numberedBy: numbers)
                place = stage(index, as: revisions[stream])
            }
            if let place { places.append(place) }
        }
        return AppendResult(places: places)
    }

    private mutating func stage(_ index: Int, as revision: UInt64) -> AppendResult.Place {
        let stamp = Stamp(revision: revision, recorded: lastRecorded)
        staged.append(Staged(batch: batches.count - 1, record: index, stamp: stamp))
        return AppendResult.Place(
            position: Position(head), revision: Revision(revision), isNew: true)
    }

    /// The revision of the last event, staged ones included, of each stream of an append: by the
    /// number of its name there, 0 for names that are no streams.
    private mutating func lastRevisions(
        ofStreamsIn append: PreparedAppend, _ numbers: [Int32], _ log: EventLog,
        _ transaction: borrowing ReadTransaction
    ) throws -> [UInt64] {
        let (names, baseHead) = (append.index.names, baseHead)
        var revisions = Array(repeating: UInt64(0), count: names.names.count)
        try log.withTail(in: transaction, head: baseHead, floor: floor) { tail in
            for name in names.names.indices where names.names[name].kind == .stream {
                let number = Int(numbers[name])
                let below = try overlay.countBelow(number, in: &tail, through: baseHead) {
                    try log.tableCount(.stream, names.bytes(of: name), in: transaction)
                }
                revisions[name] = below + UInt64(overlay.count(of: number))
            }
        }
        return revisions
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
    func write(to transaction: inout WriteTransaction, _ tables: LogTables) throws(LMDBError) {
        var appender = try transaction.appender(to: tables.events)
        var index = 0
        while index < staged.count {
            // One append after the other, so that its bytes are fetched once, not for every record.
            let number = staged[index].batch
            let batch = batches[number]
            while index < staged.count, staged[index].batch == number {
                try write(staged[index], of: batch, at: baseHead + UInt64(index) + 1, &appender)
                index += 1
            }
        }
    }

    private func write(
        _ place: Staged, of batch: PreparedAppend, at position: UInt64,
        _ appender: inout Appender
    ) throws(LMDBError) {
        let record = batch.records[place.record]
        try appender.append(batch.bytes.span.extracting(record.range), atKey: position) { bytes in
            bytes.put(place.stamp.revision, at: RecordFormat.revision)
            bytes.put(UInt64(bitPattern: place.stamp.recorded), at: RecordFormat.recorded)
            if !record.occurredIsGiven {
                bytes.put(UInt64(bitPattern: place.stamp.recorded), at: RecordFormat.occurred)
            }
            let check = XXHash64.hash(
                bytes.span.extracting(RecordFormat.format..<Int(record.headerLength)))
            bytes.put(check, at: RecordFormat.check)
        }
    }
}
