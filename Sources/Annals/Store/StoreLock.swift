internal import EventModel
internal import Foundation
internal import LogStorage

/// The lock that serialises the builders of generations: one migration, rollback or rebuild at a time.
///
/// It is the kernel's lock on an open file, so it ends with its process, however that ends. The
/// file's text names the holder for those who wait, and is empty while nobody holds the lock.
final class StoreLock {
    /// Who holds the lock.
    struct Holder: Codable, Sendable, Equatable {
        /// The process.
        let pid: Int
        /// Since when, RFC 3339.
        let since: String
    }

    private let handle: FileHandle
    private let lock: FileLock

    /// Takes the lock, waiting at most `timeoutSeconds`.
    /// - Throws: `LOCKED`, naming the holder.
    init(_ files: StoreFiles, timeoutSeconds: Double, now: Timestamp) throws(AnnalsError) {
        let handle = try StoreFiles.openOrCreate(files.lock)
        let lock = FileLock(descriptor: handle.fileDescriptor)
        guard lock.take(withinSeconds: timeoutSeconds) else { throw Self.isLocked(files) }
        self.handle = handle
        self.lock = lock
        try write(
            Holder(
                pid: Int(ProcessInfo.processInfo.processIdentifier), since: now.rfc3339 ?? ""),
            to: files.lock)
    }

    deinit {
        // Best effort by design: the lock itself ends with the descriptor, the text is only for people.
        do { try handle.truncate(atOffset: 0) } catch {}
        lock.give()
        do { try handle.close() } catch {}
    }

    /// Who holds the lock at this moment; `nil` when nobody does.
    ///
    /// Changes nothing.
    static func holder(_ files: StoreFiles) -> Holder? {
        guard let handle = FileHandle(forReadingAtPath: files.lock) else { return nil }
        defer { do { try handle.close() } catch {} }
        // Without a name in it nobody has held it long; trying the lock would keep others from it.
        let data = FileManager.default.contents(atPath: files.lock) ?? Data()
        guard !data.isEmpty else { return nil }
        if flock(handle.fileDescriptor, LOCK_SH | LOCK_NB) == 0 {
            flock(handle.fileDescriptor, LOCK_UN)
            return nil
        }
        do {
            return try JSONDecoder().decode(Holder.self, from: data)
        } catch {
            // The holder is writing its name.
            return Holder(pid: 0, since: "")
        }
    }

    private static func isLocked(_ files: StoreFiles) -> AnnalsError {
        let holder = holder(files)
        let who = holder.map { "process \($0.pid) since \($0.since)" } ?? "another process"
        return AnnalsError(
            .unavailable, "LOCKED", "The store is being changed by \(who).",
            hint: "Wait for it, or give --lock-timeout SECONDS to wait longer.")
    }

    private func write(_ holder: Holder, to path: String) throws(AnnalsError) {
        do {
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: try JSONEncoder().encode(holder))
        } catch {
            throw StoreFiles.fileError("writing the holder's name into", path, error)
        }
    }
}
