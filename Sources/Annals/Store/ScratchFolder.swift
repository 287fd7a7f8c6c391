package import EventModel
internal import Foundation

/// A folder for files that nobody needs after this; it goes with its owner.
///
/// It lies where the system keeps such files (`TMPDIR`). The owner holds the kernel's lock on it, so
/// that the next one sees which folders belonged to a process that was killed, and removes them.
package final class ScratchFolder: Sendable {
    /// Where it is.
    package let path: String
    private let lock: FileHandle

    private static let prefix = "annals-scratch-"

    /// Makes a folder, and removes what killed processes left.
    /// - Parameter folder: where; the system's folder for temporary files by default.
    package init(in folder: String? = nil) throws(AnnalsError) {
        let base =
            folder.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
        Self.sweep(base)
        while true {
            let path = base.appendingPathComponent(Self.prefix + UUID().uuidString).path
            try StoreFiles.createFolder(path)
            // Somebody who sweeps may have come before the lock.
            guard let lock = Self.lock(path), FileManager.default.fileExists(atPath: path) else {
                continue
            }
            self.path = path
            self.lock = lock
            return
        }
    }

    deinit {
        // What cannot be removed lies in the system's folder for such files.
        do {
            try FileManager.default.removeItem(atPath: path)
            try lock.close()
        } catch {}
    }

    /// Opens and locks a folder; `nil` when it is gone, another's, or its owner lives.
    private static func lock(_ path: String) -> FileHandle? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        if flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 { return handle }
        do { try handle.close() } catch {}
        return nil
    }

    /// Removes the folders whose owner is gone; whatever is in the way of that is no matter of ours.
    private static func sweep(_ base: URL) {
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: base.path)
            where name.hasPrefix(prefix)
                && UUID(uuidString: String(name.dropFirst(prefix.count))) != nil
            {
                let path = base.appendingPathComponent(name).path
                guard let handle = lock(path) else { continue }
                defer { do { try handle.close() } catch {} }
                do { try FileManager.default.removeItem(atPath: path) } catch {}
            }
        } catch {}
    }
}
