internal import Dispatch
public import EventModel
internal import LMDB
internal import Synchronization

extension EventLog {
    /// Writes the tail index into the index tables when it has grown large.
    ///
    /// Runs on the writer.
    ///
    /// A flush that fails changes nothing: the tail stays, and a later append tries again.
    func flushIfDue() {
        let due = tail.withLock { pair in
            pair.current.eventCount >= max(flushEvents, pair.flushAgainAt) ? pair.current : nil
        }
        guard let due else { return }
        do throws(AnnalsError) {
            try flush(due)
            // Readers of other processes may have died since the last flush and still pin pages.
            _ = try logCall("looking for dead readers") { try environment.clearDeadReaders() }
            flushFailure.withLock { $0 = nil }
        } catch {
            tail.withLock { $0.flushAgainAt = due.eventCount + flushEvents }
            flushFailure.withLock { $0 = error }
        }
    }

    /// The tail's lock is free meanwhile: readers go on with the old tables and the old tail.
    private func flush(_ due: TailIndex) throws(AnnalsError) {
        let isFlushed = try writing("writing the indexes") { transaction in
            // Another process may have flushed the same events first.
            guard try transaction.reading({ try indexedThrough(in: $0) }) == due.floor else {
                return false
            }
            try write(due, to: &transaction)
            return true
        }
        guard isFlushed else { return }
        tail.withLock { pair in
            if pair.current.floor == due.floor { pair.retire(floor: due.covered) }
        }
    }

    private func write(_ tail: TailIndex, to transaction: inout WriteTransaction) throws {
        try tail.forEachName(through: tail.covered) { kind, name, positions in
            try add(positions, of: name, to: kind, &transaction)
        }
        try putIndexedThrough(tail.covered, &transaction)
    }

    private func putIndexedThrough(
        _ position: UInt64, _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        let (key, value) = (StateKey.indexedThrough, [UInt8](bigEndian: position))
        try transaction.put(value.span, forKey: key.span, in: tables.state)
    }

    /// Indexes what a crash, or a disk that was full, left behind the index tables, in portions, so
    /// that no process has to hold more than a portion or two in memory.
    func indexBacklog() throws(AnnalsError) {
        var isDone = false
        while !isDone {
            isDone = try onWriter { () throws(AnnalsError) in
                try writing("writing the indexes") { transaction in
                    let (floor, head) = try transaction.reading {
                        (try indexedThrough(in: $0), try self.head(in: $0))
                    }
                    guard head >= floor, head - floor >= UInt64(flushEvents) else { return true }
                    try index(through: floor + UInt64(flushEvents), above: floor, &transaction)
                    return false
                }
            }
        }
    }

    private func index(
        through end: UInt64, above floor: UInt64, _ transaction: inout WriteTransaction
    ) throws {
        var part = TailIndex(floor: floor)
        try transaction.reading { try extend(&part, through: end, in: $0) }
        try write(part, to: &transaction)
    }

    /// Makes the index tables anew from the records, in one transaction: readers see the old ones
    /// until it commits, and appends wait for it.
    ///
    /// - Throws: `RECORD_CORRUPT`, `RECORD_MISSING`, or kind `unavailable`; the old tables then stay.
    public func rebuildIndexes(
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) {
        try onWriter { () throws(AnnalsError) in
            let end = try writing("rebuilding the indexes") { transaction in
                for kind in IndexKind.allCases { try transaction.empty(tables.index(kind)) }
                let head = try transaction.reading { try self.head(in: $0) }
                try putIndexedThrough(0, &transaction)
                var floor: UInt64 = 0
                while floor < head {
                    let end = min(head, floor + UInt64(flushEvents))
                    try index(through: end, above: floor, &transaction)
                    floor = end
                    progress(Position(floor), Position(head))
                }
                return head
            }
            // Counts that were taken from the old tables go with the old tail.
            tail.withLock { $0 = TailPair(TailIndex(floor: end)) }
        }
    }
}

extension Array<UInt8> {
    /// The number's eight bytes, most significant first.
    init(bigEndian number: UInt64) {
        self = Array(repeating: 0, count: 8)
        var bytes = mutableSpan
        bytes.put(number, at: 0)
    }
}
