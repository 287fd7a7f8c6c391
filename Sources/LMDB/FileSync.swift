internal import Glibc

/// Durability of files and folders that LMDB itself does not sync.
enum FileSync {
    /// Syncs a file or folder; sets the file's mode first if one is given.
    static func sync(_ path: String, mode: mode_t? = nil) throws(LMDBError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError(code: errno, call: "open") }
        defer { close(descriptor) }
        if let mode, fchmod(descriptor, mode) != 0 {
            throw LMDBError(code: errno, call: "fchmod")
        }
        guard fsync(descriptor) == 0 else { throw LMDBError(code: errno, call: "fsync") }
    }
}
