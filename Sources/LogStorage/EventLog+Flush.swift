internal import Dispatch
public import EventModel
internal import LMDB
internal import Synchronization

extension EventLog {
    /// Writes the tail index into the index tables when it has grown large. Runs on the writer.
    ///
    /// A flush that fails changes nothing: the tail stays, and the next append tries again.
    func flushIfDue() {
        tail.withLock { pair in
            guard pair.current.eventCount >= Self.flushEvents else { return }
            do {
                try flush(&pair)
            } catch {
                flushFailure.withLock { $0 = logError(error, whileDoing: "writing the indexes") }
            }
        }
    }

    private func flush(_ pair: inout TailPair) throws {
        let tail = pair.current
        let isFlushed = try environment.write { transaction in
            // Another process may have flushed the same events first.
            let floor = try transaction.reading { try indexedThrough(in: $0) }
            guard floor == tail.floor else { return false }
            try write(tail, to: &transaction)
            return true
        }
        if isFlushed { pair.retire(floor: tail.covered, seed: seed) }
    }

    private func write(_ tail: TailIndex, to transaction: inout WriteTransaction) throws {
        for kind in IndexKind.allCases {
            try tail.forEachName(kind, through: tail.covered) { name, positions in
                try transaction.add(
                    positions: positions.span, toKey: name.span, in: tables.index(kind))
            }
        }
        try transaction.put(
            [UInt8](bigEndian: tail.covered).span,
            forKey: StateKey.indexedThrough.utf8Bytes.span, in: tables.state)
    }

    /// Makes the index tables anew from the records; readers see the old ones until each commit.
    ///
    /// Between its commits the tables are complete up to a position and the rest is tail, as always.
    /// - Throws: `RECORD_CORRUPT`, `RECORD_MISSING`, or kind `unavailable`.
    public func rebuildIndexes(
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) {
        try checkWritable()
        try poisoning("rebuilding the indexes") {
            try writer.sync {
                try environment.write { transaction in
                    for kind in IndexKind.allCases { try transaction.empty(tables.index(kind)) }
                    try transaction.put(
                        [UInt8](bigEndian: 0).span,
                        forKey: StateKey.indexedThrough.utf8Bytes.span, in: tables.state)
                }
                var floor: UInt64 = 0
                while let end = try rebuildPart(above: floor) {
                    floor = end
                    progress(Position(end), try head())
                }
                tail.withLock { $0 = TailPair(TailIndex(floor: floor, seed: seed)) }
            }
        }
    }

    /// Indexes the next portion of events; `nil` when too few are left to be worth it.
    private func rebuildPart(above floor: UInt64) throws -> UInt64? {
        try environment.write { transaction in
            let part = try transaction.reading { reading -> TailIndex? in
                let head = try self.head(in: reading)
                guard head - floor >= UInt64(Self.flushEvents) else { return nil }
                var part = TailIndex(floor: floor, seed: seed)
                try extend(&part, through: floor + UInt64(Self.flushEvents), in: reading)
                return part
            }
            guard let part else { return nil }
            try write(part, to: &transaction)
            return part.covered
        }
    }
}
