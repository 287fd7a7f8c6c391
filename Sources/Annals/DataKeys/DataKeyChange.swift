package import EventModel
internal import Foundation

/// One change of the data keys: alone among all processes from beginning to end.
///
/// Keys are made before what is sealed under them is appended, and destroyed after what no longer needs
/// them is appended; so that no crash loses a key that is needed. One that is left over is swept.
package final class DataKeyChange {
    private let keys: DataKeyFile
    private var file: LockedFile?
    private let sizeBefore: Int
    private var made: [DataKeyID] = []

    /// A fresh key that is on disk.
    package struct Fresh {
        /// Its name.
        package let id: DataKeyID
        /// The key.
        package let key: SecretBytes
    }

    /// Begins a change, and waits for other ones.
    ///
    /// Without a file none is made yet, and who makes the first key looks again.
    init(_ keys: DataKeyFile, timeoutSeconds: Double) throws(AnnalsError) {
        self.keys = keys
        guard !keys.isReadOnly else { throw Self.readOnly(keys.path) }
        // The lock needs the file. An empty one that nothing comes of is taken away again.
        let existed = keys.exists
        let file = try LockedFile(keys.path, isShared: false, timeoutSeconds: timeoutSeconds)
        sizeBefore = existed ? try file.size() : 0
        if let header = try file.header() {
            try DataKeyRecord.check(header: header, store: keys.store, path: keys.path)
        }
        self.file = file
    }

    /// Makes keys; on return they are on disk.
    ///
    /// - Returns: `count` keys.
    /// - Throws: `DATA_KEYS_FULL`, `DISK_FULL`, `FILE_FAILED`; then none is made.
    package func create(_ count: Int) throws(AnnalsError) -> [Fresh] {
        guard count > 0, let file else { return [] }
        let slots = try freeSlots(count, file)
        var fresh: [Fresh] = []
        do throws(AnnalsError) {
            if try file.size() < DataKeyRecord.bytes {
                try DataKeyRecord.header(store: keys.store)
                    .write(file.handle.fileDescriptor, at: 0)
                try file.sync()
                try StoreFiles.sync(folder: Self.folder(of: keys.path))
            }
            for slot in slots {
                let (id, record) = DataKeyRecord.fresh(slot: slot)
                made.append(id)
                try record.write(
                    file.handle.fileDescriptor, at: DataKeyRecord.offset(ofSlot: slot))
                fresh.append(Fresh(id: id, key: DataKeyRecord.key(of: record)))
            }
            try file.sync()
        } catch {
            undo()
            throw error
        }
        Failpoint.reach("data-keys.created")
        return fresh
    }

    /// Destroys keys: their places are zeros on disk when this returns.
    ///
    /// Unknown ones are passed over.
    /// - Returns: how many there were.
    /// - Throws: `FILE_FAILED`; the rest is left to a sweep.
    @discardableResult
    package func destroy(_ ids: [DataKeyID]) throws(AnnalsError) -> Int {
        guard !ids.isEmpty, let file else { return 0 }
        let record = SecretBytes(count: DataKeyRecord.bytes)
        let zeros = SecretBytes(count: DataKeyRecord.bytes)
        var count = 0
        for id in ids {
            record.wipe()
            let offset = DataKeyRecord.offset(ofSlot: id.slot)
            guard try record.read(file.handle.fileDescriptor, at: offset) == record.count,
                !record.isZero(0..<record.count),
                DataKeyRecord.identity(record, at: 0, slot: id.slot) == id
            else { continue }
            try zeros.write(file.handle.fileDescriptor, at: offset)
            count += 1
        }
        if count > 0 { try file.sync() }
        Failpoint.reach("data-keys.destroyed")
        return count
    }

    /// The ids of all keys, and the places that are damaged, as they are in this change.
    package func contents() throws(AnnalsError) -> (ids: [DataKeyID], damaged: [DataKeyID]) {
        guard let file, try file.size() >= DataKeyRecord.bytes else { return ([], []) }
        return try DataKeyFile.contents(of: file)
    }

    /// Takes back the keys that were made, so that the file is what it was.
    ///
    /// For a change that was refused. What cannot be taken back is swept later.
    package func undo() {
        guard let file else { return }
        do throws(AnnalsError) {
            try destroy(made)
            made = []
            if try file.size() > sizeBefore { try file.truncate(to: sizeBefore) }
        } catch {}
    }

    deinit {
        // An empty file holds no key: it was made for its lock alone.
        do throws(AnnalsError) {
            if let file, try file.size() == 0 { try StoreFiles.removeIfPresent(keys.path) }
        } catch {}
    }

    private func freeSlots(_ count: Int, _ file: LockedFile) throws(AnnalsError) -> [Int] {
        var free: [Int] = []
        var next = 0
        try file.forEachSlot { chunk, start, slot in
            next = slot + 1
            if chunk.isZero(start..<start + DataKeyRecord.bytes) { free.append(slot) }
            return free.count < count
        }
        while free.count < count {
            free.append(next)
            next += 1
        }
        guard let last = free.last, last <= DataKeyFile.slotsMax else {
            throw AnnalsError(
                .unavailable, "DATA_KEYS_FULL", "\(keys.path) has no room for more keys.",
                hint: "Remove credentials that nobody needs.")
        }
        return free
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private static func readOnly(_ path: String) -> AnnalsError {
        AnnalsError(
            .invalid, "STORE_READ_ONLY", "The store was opened to read only.",
            hint: "Open it for writing.", context: .init(file: path))
    }
}

extension DataKeyFile {
    /// Runs a change, alone among all processes.
    ///
    /// - Parameter timeoutSeconds: How long to wait for another change; 60 s unless given.
    /// - Throws: `LOCKED`, `STORE_READ_ONLY`, `DATA_KEYS_DAMAGED`, `DATA_KEYS_FOREIGN`, and what `body`
    ///   throws.
    package func change<R>(
        timeoutSeconds: Double = DataKeyFile.lockTimeoutSeconds,
        _ body: (DataKeyChange) throws -> R
    ) throws -> R {
        let change = try DataKeyChange(self, timeoutSeconds: timeoutSeconds)
        return try withExtendedLifetime(change) { try body(change) }
    }
}
