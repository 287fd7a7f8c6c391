internal import EventModel
internal import Foundation

/// An open file with the kernel's lock on it; both end with this object, or with the process.
package final class LockedFile {
    let handle: FileHandle
    private let path: String

    /// Slots that are read at once.
    private static let chunkSlots = 1_024

    /// Opens a file and takes its lock.
    ///
    /// - Parameter isShared: With others that read; else alone, and the file is made if it is not there.
    /// - Throws: `LOCKED` after `timeoutSeconds`, `NOT_PERMITTED`, `FILE_FAILED`.
    init(_ path: String, isShared: Bool, timeoutSeconds: Double) throws(AnnalsError) {
        self.path = path
        let deadline = Date(timeIntervalSinceNow: timeoutSeconds)
        while true {
            let handle = try Self.open(path, isShared: isShared)
            while flock(handle.fileDescriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
                guard Date() < deadline else { throw Self.isLocked(path) }
                Thread.sleep(forTimeInterval: 0.001)
            }
            // The file may have been taken away, or replaced, while its lock was waited for.
            if StoreFiles.isSame(handle, as: path) {
                self.handle = handle
                return
            }
            guard Date() < deadline else { throw Self.isLocked(path) }
        }
    }

    private static func open(_ path: String, isShared: Bool) throws(AnnalsError) -> FileHandle {
        guard isShared else { return try StoreFiles.openOrCreate(path) }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw AnnalsError(
                .unavailable, "NOT_PERMITTED", "\(path) cannot be opened for reading.",
                hint: "Check the file's owner and mode.", context: .init(file: path))
        }
        return handle
    }

    private static func isLocked(_ path: String) -> AnnalsError {
        AnnalsError(
            .unavailable, "LOCKED", "\(path) is being changed, or copied into a backup.",
            hint: "Repeat when that is done.", context: .init(file: path))
    }

    deinit { do { try handle.close() } catch {} }

    /// Bytes of the file.
    func size() throws(AnnalsError) -> Int { try StoreFiles.size(path) }

    /// The first record; `nil` when the file is shorter.
    func header() throws(AnnalsError) -> SecretBytes? {
        let header = SecretBytes(count: DataKeyRecord.bytes)
        let count = try header.read(handle.fileDescriptor, at: 0)
        return count == header.count ? header : nil
    }

    /// Lends the whole records behind the header in order, until `body` says `false`.
    ///
    /// What was lent is overwritten in memory afterwards.
    func forEachSlot(
        _ body: (_ chunk: SecretBytes, _ start: Int, _ slot: Int) -> Bool
    ) throws(AnnalsError) {
        let chunk = SecretBytes(count: Self.chunkSlots * DataKeyRecord.bytes)
        var slot = 0
        while true {
            let offset = DataKeyRecord.offset(ofSlot: slot)
            let count = try chunk.read(handle.fileDescriptor, at: offset) / DataKeyRecord.bytes
            for index in 0..<count {
                guard body(chunk, index * DataKeyRecord.bytes, slot + index) else { return }
            }
            guard count == Self.chunkSlots else { return }
            slot += count
        }
    }

    /// Puts on disk what was written.
    func sync() throws(AnnalsError) {
        do { try handle.synchronize() } catch {
            throw StoreFiles.fileError("syncing", path, error)
        }
    }

    /// Takes away what stands behind `size` bytes.
    func truncate(to size: Int) throws(AnnalsError) {
        do { try handle.truncate(atOffset: UInt64(size)) } catch {
            throw StoreFiles.fileError("shortening", path, error)
        }
    }
}
