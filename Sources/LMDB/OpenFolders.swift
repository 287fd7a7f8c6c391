internal import Glibc
internal import Synchronization

/// The folders that this process has open. LMDB's file locks break when a process opens a folder
/// twice and closes one of the two, so the second opening is refused.
enum OpenFolders {
    /// A folder, whatever path leads to it.
    struct Identity: Hashable, Sendable {
        let device: UInt
        let inode: UInt
    }

    private static let open = Mutex<Set<Identity>>([])

    /// Notes a folder as open.
    /// - Throws: EBUSY if it is already.
    static func enter(_ path: String) throws(LMDBError) -> Identity {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else {
            throw LMDBError(code: errno, call: "stat")
        }
        let identity = Identity(device: UInt(information.st_dev), inode: UInt(information.st_ino))
        guard open.withLock({ $0.insert(identity).inserted }) else {
            throw LMDBError(code: EBUSY, call: "mdb_env_open")
        }
        return identity
    }

    static func leave(_ identity: Identity) {
        _ = open.withLock { $0.remove(identity) }
    }
}
