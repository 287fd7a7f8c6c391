package import EventModel
internal import Foundation

/// The data keys of a store, in its file `data.keys` beside the log.
///
/// What is sealed under a data key can stand in the log for ever and still be taken away: the key is
/// overwritten in place. The file is made with the first key. Whoever changes it holds the kernel's lock
/// on it, so that processes take turns, and a crash gives the lock back.
package struct DataKeyFile: Sendable {
    /// Where the file is.
    package let path: String
    /// The identity of the store that it belongs to.
    let store: String
    let isReadOnly: Bool

    /// The file's name in a store and in a backup.
    package static let fileName = "data.keys"
    /// Places in a file, at most: 1 GiB.
    static let slotsMax = (1 << 24) - 2
    /// How long a change waits for another one, in seconds.
    static let lockTimeoutSeconds = 60.0

    /// What is known of a key.
    package enum Lookup {
        /// It is there.
        case found(SecretBytes)
        /// It was destroyed, or its file was left out of a backup.
        case absent
        /// Its place in the file is damaged.
        case damaged
    }

    /// The keys with these ids, from one moment.
    ///
    /// - Returns: one answer per id, in their order.
    /// - Throws: `DATA_KEYS_DAMAGED`, `DATA_KEYS_FOREIGN`, `FORMAT_NEWER`, `FILE_FAILED`, `LOCKED`.
    package func lookup(_ ids: [DataKeyID]) throws(AnnalsError) -> [Lookup] {
        guard !ids.isEmpty, let file = try open() else { return ids.map { _ in .absent } }
        var found: [Lookup] = []
        let record = SecretBytes(count: DataKeyRecord.bytes)
        for id in ids {
            record.wipe()
            let offset = DataKeyRecord.offset(ofSlot: id.slot)
            let count = try record.read(file.handle.fileDescriptor, at: offset)
            found.append(Self.answer(record, count, id))
        }
        return found
    }

    private static func answer(_ record: SecretBytes, _ count: Int, _ id: DataKeyID) -> Lookup {
        guard count == DataKeyRecord.bytes else { return .absent }
        switch DataKeyRecord.state(record, at: 0, slot: id.slot) {
        case .free: return .absent
        case .live(let other): return other == id ? .found(DataKeyRecord.key(of: record)) : .absent
        case .damaged:
            let isOwn = DataKeyRecord.identity(record, at: 0, slot: id.slot) == id
            return isOwn ? .damaged : .absent
        }
    }

    /// The ids of all keys, and the places that are damaged.
    /// - Throws: as `lookup`.
    package func contents() throws(AnnalsError) -> (ids: [DataKeyID], damaged: [DataKeyID]) {
        guard let file = try open() else { return ([], []) }
        return try Self.contents(of: file)
    }

    static func contents(
        of file: LockedFile
    ) throws(AnnalsError) -> (ids: [DataKeyID], damaged: [DataKeyID]) {
        var ids: [DataKeyID] = []
        var damaged: [DataKeyID] = []
        try file.forEachSlot { chunk, start, slot in
            switch DataKeyRecord.state(chunk, at: start, slot: slot) {
            case .free: break
            case .live(let id): ids.append(id)
            case .damaged: damaged.append(DataKeyRecord.identity(chunk, at: start, slot: slot))
            }
            return true
        }
        return (ids, damaged)
    }

    /// Whether there is a file.
    package var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Keeps others from changing the file, as long as what is returned lives; `nil` without a file.
    ///
    /// Reading goes on.
    func hold() throws(AnnalsError) -> LockedFile? { try open() }

    /// Opens the file for reading, its header checked; `nil` when there is none, or none with a key.
    private func open() throws(AnnalsError) -> LockedFile? {
        guard exists else { return nil }
        let file: LockedFile
        do {
            file = try LockedFile(path, isShared: true, timeoutSeconds: Self.lockTimeoutSeconds)
        } catch {
            // One without a key may have been taken away at this moment.
            guard exists else { return nil }
            throw error
        }
        // A file without a header was being made when its program was killed: it has no key.
        guard let header = try file.header() else { return nil }
        try DataKeyRecord.check(header: header, store: store, path: path)
        return file
    }
}
