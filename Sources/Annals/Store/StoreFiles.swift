internal import EventModel
internal import Foundation

/// Where the parts of a store lie in its folder.
struct StoreFiles: Sendable {
    /// The store's folder.
    let root: String

    /// The LMDB environment.
    var log: String { "\(root)/log" }
    /// The built SQLite files.
    var generations: String { "\(root)/generations" }
    /// The store's manifest.
    var manifest: String { "\(root)/store.json" }
    /// The file whose lock serialises builders of generations.
    var lock: String { "\(root)/store.lock" }

    /// The data keys of credentials, which the log may not hold.
    var dataKeys: String { "\(root)/\(DataKeyFile.fileName)" }

    /// What is being made of a store that has no log yet; a killed `create` leaves it behind.
    var unfinished: String { "\(root)/.unfinished" }

    /// The manifest of a backup, which lies as a store does.
    var backupManifest: String { "\(root)/\(BackupManifest.fileName)" }

    /// A built SQLite file.
    func generation(_ file: String) -> String { "\(generations)/\(file)" }

    /// Whether something lies where a generation of this number would.
    func hasGeneration(_ projection: String, _ number: Int) -> Bool {
        let name = GenerationName(projection: projection, number: number)
        return FileManager.default.fileExists(atPath: generation(name.file))
    }

    /// The link that shows people the current generation of a projection.
    func link(_ projection: String) -> String { "\(root)/\(projection).sqlite" }

    /// Whether the folder holds a store; what is not the log can be made anew from it.
    var exists: Bool { FileManager.default.fileExists(atPath: "\(log)/data.mdb") }

    /// Whether the folder holds a backup, which is only read.
    var isBackup: Bool { exists && FileManager.default.fileExists(atPath: backupManifest) }

    /// The first name in the store's folder that no unfinished `create` left there; `nil` for none.
    func firstForeignName() throws(AnnalsError) -> String? {
        guard FileManager.default.fileExists(atPath: root) else { return nil }
        let own = [unfinished, lock].map { URL(fileURLWithPath: $0).lastPathComponent }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: root).sorted()
                .first { !own.contains($0) }
        } catch {
            throw Self.fileError("looking into the folder", root, error)
        }
    }

    /// Takes the lock under which the log of a store is made.
    ///
    /// - Throws: `STORE_EXISTS` if another process makes a store there at this moment, or has made it.
    func lockForCreation(now: Timestamp) throws(AnnalsError) -> StoreLock {
        do throws(AnnalsError) {
            let lock = try StoreLock(self, timeoutSeconds: 0, now: now)
            if !exists { return lock }
        } catch {
            guard error.code == "LOCKED" else { throw error }
        }
        throw AnnalsError(
            .invalid, "STORE_EXISTS", "Somebody else is making a store in \(root).",
            hint: "Use it, or name another folder.")
    }

    /// Makes the folders, for their owner only.
    /// - Throws: `STORE_EXISTS` if another process makes a store there at this moment.
    func createFolders() throws(AnnalsError) {
        try Self.createFolder(root)
        do {
            // Of several processes exactly one makes it: that one also takes the store back on failure.
            try FileManager.default.createDirectory(
                atPath: log, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        } catch CocoaError.fileWriteFileExists {
            throw AnnalsError(
                .invalid, "STORE_EXISTS", "Somebody else is making a store in \(root).",
                hint: "Use it, or name another folder.")
        } catch {
            throw Self.fileError("making the folder", log, error)
        }
        try Self.createFolder(generations)
    }

    /// Makes a folder and those above it.
    static func createFolder(_ path: String) throws(AnnalsError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw fileError("making the folder", path, error)
        }
    }

    /// Writes a small file whole or not at all: beside it first, synced, then renamed over it.
    static func write(_ bytes: Data, to path: String) throws(AnnalsError) {
        let temporary = "\(path).new"
        do {
            try create(temporary)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try handle.write(contentsOf: bytes)
            try handle.synchronize()
            try handle.close()
            try rename(temporary, over: path)
        } catch {
            throw fileError("writing", path, error)
        }
    }

    /// Makes an empty file that only its owner may read and write.
    static func create(_ path: String) throws(AnnalsError) {
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        else {
            throw AnnalsError(
                .unavailable, "FILE_FAILED", "\(path) cannot be made.",
                hint: "Check the folder's owner, mode and space.")
        }
    }

    /// Points a link at a file beside it or below, atomically.
    static func link(_ path: String, to target: String) throws(AnnalsError) {
        let temporary = "\(path).new"
        do {
            try removeIfPresent(temporary)
            try FileManager.default.createSymbolicLink(
                atPath: temporary, withDestinationPath: target)
            try rename(temporary, over: path)
        } catch {
            throw fileError("linking", path, error)
        }
    }

    /// The bytes of a file; 0 when it is not there.
    static func size(_ path: String) throws(AnnalsError) -> Int {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.size] as? NSNumber)?.intValue ?? 0
        } catch CocoaError.fileReadNoSuchFile {
            return 0
        } catch {
            throw fileError("looking at", path, error)
        }
    }

    /// Removes a file or link; that it is not there is no error.
    static func removeIfPresent(_ path: String) throws(AnnalsError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch CocoaError.fileNoSuchFile {
        } catch {
            throw fileError("removing", path, error)
        }
    }

    /// The size of a file.
    static func bytes(of path: String) throws(AnnalsError) -> UInt64 {
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size]
            return (size as? NSNumber)?.uint64Value ?? 0
        } catch {
            throw fileError("looking at", path, error)
        }
    }

    /// Syncs a folder, so that the names in it survive a power cut.
    static func sync(folder: String) throws(AnnalsError) {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw fileError("syncing", folder, error)
        }
    }

    /// Opens a file for reading and writing; makes it, for its owner only, if it is not there.
    ///
    /// Of several processes that do so at once all get the same file.
    static func openOrCreate(_ path: String) throws(AnnalsError) -> FileHandle {
        let descriptor = unsafe Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw AnnalsError(
                .unavailable, "NOT_PERMITTED", "\(path) cannot be opened for writing: \(reason).",
                hint: "Check the owner and mode of the store's folder.")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether an open file is the one that a path leads to now.
    static func isSame(_ handle: FileHandle, as path: String) -> Bool {
        var (open, there) = (Foundation.stat(), Foundation.stat())
        guard unsafe fstat(handle.fileDescriptor, &open) == 0, unsafe stat(path, &there) == 0
        else { return false }
        return open.st_ino == there.st_ino && open.st_dev == there.st_dev
    }

    /// rename(2): the new file, or the folder in the place of an empty one, takes the old one's
    /// place in one step.
    static func rename(_ from: String, over to: String) throws(AnnalsError) {
        guard unsafe Foundation.rename(from, to) == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw AnnalsError(
                .unavailable, "FILE_FAILED", "Renaming \(from) to \(to) failed: \(reason).")
        }
    }

    /// What Foundation said about a file, as the store's error.
    static func fileError(
        _ what: String, _ path: String, _ error: any Error
    ) -> AnnalsError {
        if let error = error as? AnnalsError { return error }
        let cocoa = error as? CocoaError
        let isFull = cocoa?.code == .fileWriteOutOfSpace
        let reason = (cocoa?.underlying ?? error).localizedDescription
        return AnnalsError(
            .unavailable, isFull ? "DISK_FULL" : "FILE_FAILED",
            "Failed \(what) \(path): \(isFull ? "no space left on the device" : reason).",
            hint: isFull ? "Free space, then repeat." : "Check the folder's owner, mode and disk.")
    }
}
