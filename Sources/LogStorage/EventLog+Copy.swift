internal import Dispatch
package import EventModel
internal import LMDB
internal import Synchronization

extension EventLog {
    /// Copies the log as it is at this moment into an empty folder, compacted, while writers go on.
    ///
    /// The copy holds every event that was acknowledged before the call. On return it is on disk.
    /// - Parameter progress: called ten times a second with the bytes written and the most that there
    ///   can be.
    /// - Throws: `DISK_FULL`, or what else the system says. A part of the copy may lie there then.
    package func copy(
        toFolder path: String, progress: (_ done: UInt64, _ total: UInt64) -> Void
    ) throws(AnnalsError) {
        let total = environment.fileBytes
        let outcome = Mutex<Result<Void, AnnalsError>>(.success(()))
        let end = DispatchSemaphore(value: 0)
        // LMDB copies in one call that says nothing until its end: the file is looked at meanwhile.
        DispatchQueue(label: "annals.log.copy").async { [self] in
            do throws(AnnalsError) {
                try logCall("copying the log to \(path)") { try environment.copy(toFolder: path) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            end.signal()
        }
        while end.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
            progress(Environment.fileBytes(ofFolder: path), total)
        }
        try outcome.withLock { $0 }.get()
    }

    /// The leaf of the Merkle tree for the event at a position, in hex; empty for position 0.
    /// - Throws: `POSITION_MISSING`, `RECORD_CORRUPT`.
    package func leaf(at position: Position) throws(AnnalsError) -> String {
        guard position > .start else { return "" }
        return try logCall("reading position \(position)") {
            var leaf: [UInt8] = []
            _ = try forEachRecord(
                after: Position(position.value - 1), through: position, limit: 1
            ) { record, position in
                _ = try RecordDecoder.view(of: record, at: position)
                let header = record.extracting(0..<Int(record.u32(RecordFormat.headerLength)))
                leaf = Digest.leaf(ofHeader: header)
            }
            guard !leaf.isEmpty else { throw missing(position) }
            return leaf.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }

    /// Begins another lineage in a log that was copied: its positions do not compare with those of
    /// the log that it was copied from.
    ///
    /// It holds from the next opening on.
    package func begin(epoch: UInt64, branch: String) throws(AnnalsError) {
        try onWriter { () throws(AnnalsError) in
            try writing("beginning epoch \(epoch)") { transaction in
                for (key, value) in [
                    (StateKey.epoch, "\(epoch)"), (StateKey.branch, branch),
                ] {
                    try transaction.put(value.utf8Bytes.span, forKey: key.span, in: tables.state)
                }
            }
        }
    }
}
