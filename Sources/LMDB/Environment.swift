internal import CLMDB
internal import Glibc

/// One LMDB environment: a folder with `data.mdb` and `lock.mdb`.
///
/// It lends transactions to closures; the compiler keeps them, and all memory read through them,
/// inside. Never open the same folder twice in one process (LMDB's rule; the log keeps a registry).
@safe public struct Environment: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    private let folder: OpenFolders.Identity

    /// How to open an environment.
    public struct Options: Sendable {
        /// The address space to reserve, in bytes: the size that the data can grow to.
        ///
        /// A process that has many environments open gets less for each further one.
        public var mapBytesMax: Int = 1 << 40
        /// The number of named tables.
        public var tablesMax: UInt32 = 16
        /// Reader slots: transactions open at one moment in all processes.
        public var readersMax: UInt32 = 1022
        /// Refuse writes; the folder may lie on a read-only file system.
        public var readOnly = false
        /// Take no locks and make no lock file: only for folders that nobody writes, such as backups.
        public var isStill = false
        /// Make the data file if it is not there.
        public var creates = true

        /// The defaults.
        public init() {}
    }

    /// Opens the environment in an existing folder; creates its two files (mode 0600) unless read-only.
    ///
    /// The map is address space, not disk or memory. Where the system grants less, half is tried
    /// until 1 GiB is refused too.
    /// - Throws: `LMDBError`, with the code of the call that failed; cause `cutShort` for a data file
    ///   that lost its end.
    public init(path: String, options: Options = Options()) throws(LMDBError) {
        let folder = try OpenFolders.enter(path)
        do throws(LMDBError) {
            // Of an empty file LMDB would make a new environment.
            if !options.creates {
                let length = try FileSync.length(path + "/data.mdb")
                if length == 0 { throw LMDBError(code: LMDBError.cutShort, call: "stat") }
            }
            unsafe self.handle = try Self.openLargest(path, options: options)
        } catch {
            OpenFolders.leave(folder)
            throw error
        }
        self.folder = folder
    }

    private static func openLargest(
        _ path: String, options: Options
    ) throws(LMDBError) -> OpaquePointer {
        var mapBytes = min(options.mapBytesMax, share(of: OpenFolders.count))
        while true {
            do throws(LMDBError) {
                return unsafe try open(path, mapBytes: mapBytes, options: options)
            } catch {
                guard error.code == ENOMEM, mapBytes > 1 << 30 else { throw error }
                mapBytes /= 2
            }
        }
    }

    /// The map of the nth environment of a process: every sixteen open ones halve it, down to 64 GiB, so
    /// that the 128 TiB that a process can address are enough for a thousand.
    private static func share(of count: Int) -> Int { max((1 << 40) >> (count / 16), 64 << 30) }

    /// A non-copyable type with a deinit must be whole or untouched when its init throws: open first.
    private static func open(
        _ path: String, mapBytes: Int, options: Options
    ) throws(LMDBError) -> OpaquePointer {
        var handle: OpaquePointer?
        try check(unsafe mdb_env_create(&handle), "mdb_env_create")
        guard let handle = unsafe handle else {
            throw LMDBError(code: MDB_PANIC, call: "mdb_env_create")
        }
        do throws(LMDBError) {
            try check(unsafe mdb_env_set_mapsize(handle, mapBytes), "mdb_env_set_mapsize")
            try check(unsafe mdb_env_set_maxdbs(handle, options.tablesMax), "mdb_env_set_maxdbs")
            try check(
                unsafe mdb_env_set_maxreaders(handle, options.readersMax), "mdb_env_set_maxreaders")
            var flags = UInt32(MDB_NOTLS)
            if options.readOnly || options.isStill { flags |= UInt32(MDB_RDONLY) }
            if options.isStill { flags |= UInt32(MDB_NOLOCK) }
            try check(unsafe mdb_env_open(handle, path, flags, 0o600), "mdb_env_open")
            guard try DataFile(path: path + "/data.mdb").isWhole() else {
                throw LMDBError(code: LMDBError.cutShort, call: "stat")
            }
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        return unsafe handle
    }

    deinit {
        unsafe mdb_env_close(handle)
        OpenFolders.leave(folder)
    }

    /// Opens named tables, creating those that are missing; returns them in the order of the names.
    public borrowing func createTables(
        _ names: [String]
    ) throws(LMDBError) -> [Table] {
        try openTables(names, flags: UInt32(MDB_CREATE), transactionFlags: 0)
    }

    /// Opens named tables that exist; returns them in the order of the names.
    /// - Throws: cause `other` with MDB_NOTFOUND if one is missing.
    public borrowing func openTables(
        _ names: [String]
    ) throws(LMDBError) -> [Table] {
        try openTables(names, flags: 0, transactionFlags: UInt32(MDB_RDONLY))
    }

    private borrowing func openTables(
        _ names: [String], flags: UInt32, transactionFlags: UInt32
    ) throws(LMDBError) -> [Table] {
        let transaction = unsafe try Self.begin(handle, flags: transactionFlags)
        var opened: [Table] = []
        do throws(LMDBError) {
            for name in names {
                var dbi: MDB_dbi = 0
                try check(
                    unsafe mdb_dbi_open(transaction, name, flags, &dbi),
                    "mdb_dbi_open")
                opened.append(Table(dbi: dbi))
            }
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
        // Committed, even when it only read: LMDB drops handles that an aborted transaction opened.
        try check(unsafe mdb_txn_commit(transaction), "mdb_txn_commit")
        return opened
    }

    /// Lends a read transaction: one snapshot, for as long as the closure runs.
    ///
    /// Keep it short: what a snapshot shows cannot be reused by writers.
    public borrowing func read<R: ~Copyable>(
        _ body: (borrowing ReadTransaction) throws -> R
    ) throws -> R {
        let handle = unsafe try Self.begin(self.handle, flags: UInt32(MDB_RDONLY))
        let transaction = unsafe ReadTransaction(handle: handle, isOwner: true)
        return try body(transaction)
    }

    /// Lends the write transaction; commits and syncs when the closure returns, aborts when it throws.
    ///
    /// Waits while another thread or process writes. On return everything written is on disk.
    public borrowing func write<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R {
        let handle = unsafe try Self.begin(self.handle, flags: 0)
        var transaction = unsafe WriteTransaction(handle: handle)
        let result = try body(&transaction)
        do throws(LMDBError) {
            try transaction.commit()
        } catch {
            throw isDiskFull(error) ? LMDBError(code: ENOSPC, call: "mdb_txn_commit") : error
        }
        return result
    }

    /// Free bytes below which a failed write of a commit is put down to the lack of them.
    private static let freeBytesMin = 16 << 20

    /// LMDB reports a write that was cut short by a full disk as an input/output error.
    ///
    /// It comes before the meta page is written, so nothing of the transaction counts.
    private borrowing func isDiskFull(_ error: LMDBError) -> Bool {
        guard error.code == EIO, let path else { return false }
        var space = statvfs()
        guard unsafe statvfs(path, &space) == 0 else { return false }
        return Int(space.f_bavail) * Int(space.f_frsize) < Self.freeBytesMin
    }

    /// The folder, as it was given.
    var path: String? {
        var path: UnsafePointer<CChar>?
        guard unsafe mdb_env_get_path(handle, &path) == MDB_SUCCESS, let path = unsafe path else {
            return nil
        }
        return unsafe String(cString: path)
    }

    /// Begins a snapshot that its owner may keep beyond one call.
    ///
    /// It pins pages for as long as it lives, and the owner must keep the environment open longer.
    /// Where a closure will do, use `read`.
    public borrowing func beginRead() throws(LMDBError) -> ReadTransaction {
        let handle = unsafe try Self.begin(self.handle, flags: UInt32(MDB_RDONLY))
        return unsafe ReadTransaction(handle: handle, isOwner: true)
    }

    private static func begin(
        _ environment: OpaquePointer, flags: UInt32
    ) throws(LMDBError) -> OpaquePointer {
        var transaction: OpaquePointer?
        var code = unsafe mdb_txn_begin(environment, nil, flags, &transaction)
        if code == MDB_READERS_FULL {
            // Slots of processes that died are only freed when somebody looks.
            var dead: Int32 = 0
            try check(unsafe mdb_reader_check(environment, &dead), "mdb_reader_check")
            code = unsafe mdb_txn_begin(environment, nil, flags, &transaction)
        }
        // A map outgrown by another process is not exchanged here: that would pull the pages away
        // under the snapshots that other threads read. The environment must be opened again.
        try check(code, "mdb_txn_begin")
        guard let transaction = unsafe transaction else {
            throw LMDBError(code: MDB_PANIC, call: "mdb_txn_begin")
        }
        return unsafe transaction
    }

    /// The number of the last committed write transaction of any process; a read of shared memory.
    public var lastTransaction: UInt64 {
        var info = unsafe MDB_envinfo()
        guard unsafe mdb_env_info(handle, &info) == MDB_SUCCESS else { return 0 }
        return unsafe UInt64(info.me_last_txnid)
    }

    /// LMDB's descriptor of `data.mdb`, for a lock of the owner's; LMDB itself takes none on that file.
    public var dataDescriptor: Int32 {
        var descriptor: mdb_filehandle_t = -1
        guard unsafe mdb_env_get_fd(handle, &descriptor) == MDB_SUCCESS else { return -1 }
        return descriptor
    }

    /// The process that holds the lock of `flock` on `data.mdb`; `nil` when that is not known.
    public var dataLockHolder: Int32? { LockHolder.process(ofDescriptor: dataDescriptor) }

    /// Frees the reader slots of processes that died; returns how many there were.
    public borrowing func clearDeadReaders() throws(LMDBError) -> Int {
        var dead: Int32 = 0
        try check(unsafe mdb_reader_check(handle, &dead), "mdb_reader_check")
        return Int(dead)
    }

    /// Copies a consistent snapshot into an empty folder, compacted, while writers go on.
    ///
    /// On return the copy (mode 0600) is on disk. It goes through the system's cache, so that who
    /// reads it next finds it there.
    /// - Throws: EEXIST when there is a `data.mdb` in the folder; ENOSPC, and what else the system
    ///   says. A part of the copy may lie there then.
    public borrowing func copy(toFolder path: String) throws(LMDBError) {
        let file = path + "/data.mdb"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let descriptor = unsafe Glibc.open(file, flags, 0o600)
        guard descriptor >= 0 else { throw LMDBError(code: errno, call: "open") }
        defer { close(descriptor) }
        try check(
            unsafe mdb_env_copyfd2(handle, descriptor, UInt32(MDB_CP_COMPACT)), "mdb_env_copyfd2")
        guard fsync(descriptor) == 0 else { throw LMDBError(code: errno, call: "fsync") }
        try FileSync.sync(path)
    }

    /// The bytes of `data.mdb` that are in use or were; a compacted copy has no more.
    public var fileBytes: UInt64 {
        var info = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        guard unsafe mdb_env_info(handle, &info) == MDB_SUCCESS,
            unsafe mdb_env_stat(handle, &statistics) == MDB_SUCCESS
        else { return 0 }
        return UInt64(unsafe info.me_last_pgno + 1) * UInt64(statistics.ms_psize)
    }

    /// The bytes of the `data.mdb` of a folder; 0 when there is none.
    public static func fileBytes(ofFolder path: String) -> UInt64 {
        var information = stat()
        guard unsafe stat(path + "/data.mdb", &information) == 0 else { return 0 }
        return UInt64(clamping: information.st_size)
    }

    /// Makes sure that a folder's entries survive a power failure.
    ///
    /// LMDB syncs what is in its files, not that they exist: call this once after creating an
    /// environment.
    public static func syncFolder(_ path: String) throws(LMDBError) { try FileSync.sync(path) }
}
