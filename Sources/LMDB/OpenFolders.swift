internal import Glibc
internal import Synchronization

/// The folders that this process has open.
///
/// LMDB's file locks break when a process opens a folder twice and closes one of the two, so the second
/// opening is refused.
enum OpenFolders {
    /// A folder, whatever path leads to it, and the descriptor that keeps its inode from being given
    /// to another folder when this one is removed while it is open.
    struct Identity: Sendable {
        fileprivate let key: Key
        fileprivate let descriptor: Int32
    }

    fileprivate struct Key: Hashable, Sendable {
        let device: UInt
        let inode: UInt
    }

    private static let open = Mutex<Set<Key>>([])

    /// Notes a folder as open.
    ///
    /// - Throws: EBUSY if it is already.
    static func enter(_ path: String) throws(LMDBError) -> Identity {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError(code: errno, call: "open") }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else {
            let code = errno
            close(descriptor)
            throw LMDBError(code: code, call: "fstat")
        }
        let key = Key(device: UInt(information.st_dev), inode: UInt(information.st_ino))
        guard open.withLock({ $0.insert(key).inserted }) else {
            close(descriptor)
            throw LMDBError(code: EBUSY, call: "mdb_env_open")
        }
        return Identity(key: key, descriptor: descriptor)
    }

    /// How many folders are open.
    static var count: Int { open.withLock { $0.count } }

    /// Forgets a folder; call it after its files are closed.
    static func leave(_ identity: Identity) {
        _ = open.withLock { $0.remove(identity.key) }
        close(identity.descriptor)
    }
}
