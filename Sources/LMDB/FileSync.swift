internal import Glibc

/// Durability of files and folders that LMDB itself does not sync.
enum FileSync {
    /// Syncs a file or folder.
    static func sync(_ path: String) throws(LMDBError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError(code: errno, call: "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw LMDBError(code: errno, call: "fsync") }
    }

    /// The bytes of a file.
    static func length(_ path: String) throws(LMDBError) -> Int {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else {
            throw LMDBError(code: errno, call: "stat")
        }
        return Int(information.st_size)
    }
}
