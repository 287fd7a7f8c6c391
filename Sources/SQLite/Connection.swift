internal import CSQLiteTuning
internal import GRDBSQLite
internal import Glibc

/// Throws what SQLite says about a result code that is not `SQLITE_OK`.
func check(_ code: Int32, _ db: OpaquePointer?, sql: String? = nil) throws(SQLiteError) {
    guard code != SQLITE_OK else { return }
    throw unsafe lastError(code, db, sql: sql)
}

/// SQLite's own words for the error that it just returned.
func lastError(_ code: Int32, _ db: OpaquePointer?, sql: String? = nil) -> SQLiteError {
    guard let db = unsafe db, code != SQLITE_MISUSE else {
        return SQLiteError(code: code, message: unsafe String(cString: sqlite3_errstr(code)))
    }
    let offset = Int(unsafe sqlite3_error_offset(db))
    return SQLiteError(
        code: unsafe sqlite3_extended_errcode(db),
        message: unsafe String(cString: sqlite3_errmsg(db)),
        sql: sql, offset: offset < 0 ? nil : offset)
}

/// One connection to one SQLite file, for one thread at a time; closed when the last reference goes.
///
/// Extensions, double-quoted strings and writable schemas are off, recursive triggers and foreign
/// keys are on, whatever the library's build says.
@safe public final class Connection {
    /// What may be done with the file.
    public enum Mode: Sendable {
        /// The file must exist and is never changed.
        case readOnly
        /// As `readOnly`, for a file that nobody changes meanwhile: it is read without locks, and no
        /// file is made beside it.
        case immutable
        /// The file must exist and is not changed, but opened as if it could be: SQLite passes over the
        /// CHECK constraints of a file that it opens for reading only, in `integrity_check` too.
        case inspect
        /// The file must exist.
        case readWrite
        /// The file must not exist; it is created, readable and writable by its owner only.
        case create
    }

    /// How long a call waits for another connection's lock if nothing else is said, in milliseconds.
    public static let busyTimeoutMs: Int32 = 5_000

    // Statements keep their connection, so nothing of SQLite's outlives the handle.
    let handle: OpaquePointer
    private let clock: EventClock?
    private var authorization: Authorization?
    private var hasTableFunctions = false

    /// Opens a file, or a private database in memory for the path `:memory:`.
    /// - Parameters:
    ///   - clock: what "now" is for this connection; `nil` for the machine's clock.
    ///   - busyTimeoutMs: how long a call waits for another connection's lock.
    /// - Throws: SQLite's error when the file cannot be opened or created.
    public init(
        path: String, mode: Mode, clock: EventClock? = nil,
        busyTimeoutMs: Int32 = Connection.busyTimeoutMs
    ) throws(SQLiteError) {
        unsafe handle = try Self.open(path, mode, clock, busyTimeoutMs)
        self.clock = clock
    }

    deinit {
        let code = unsafe sqlite3_close(handle)
        precondition(code == SQLITE_OK, "a statement outlived its connection")
    }

    /// Runs trusted SQL, any number of statements; rows are dropped.
    /// - Throws: SQLite's error; the statements before the failing one have run.
    public func execute(_ sql: String) throws(SQLiteError) {
        var end = 0
        while true {
            let prepared = try prepare(sql, from: end)
            guard let statement = prepared.statement else { return }
            var run = statement.run()
            while try run.step() {}
            end = prepared.end
        }
    }

    /// The whole number in the first column of the first row; `nil` without a row.
    public func int64(_ sql: String) throws(SQLiteError) -> Int64? {
        guard let statement = try prepare(sql).statement else { return nil }
        var run = statement.run()
        return try run.step() ? run.int64(at: 0) : nil
    }

    /// Compiles the first statement at or after a byte offset.
    /// - Returns: the statement, `nil` when only spaces and comments are left, and the offset of the
    ///   byte after it.
    /// - Throws: SQLite's error with the offset in `sql`; with `refusal` when the authorizer refused.
    public func prepare(
        _ sql: String, from start: Int = 0
    ) throws(SQLiteError) -> (statement: Statement?, end: Int) {
        if let authorization, !authorization.isSuspended {
            try declareTableFunctions()
            authorization.begin()
            if let refusal = Authorizer.vacuumRefusal(sql, from: start) {
                throw SQLiteError(
                    code: SQLITE_AUTH, message: refusal.message, sql: sql,
                    offset: SQLiteText.firstToken(of: sql, from: start)?.range.lowerBound,
                    refusal: refusal)
            }
        }
        var text = sql
        var statement: OpaquePointer?
        var end = start
        let code = text.withUTF8 { bytes in
            precondition(start >= 0 && start <= bytes.count, "prepare starts inside the text")
            guard let base = bytes.baseAddress else { return SQLITE_OK }
            let first = unsafe UnsafeRawPointer(base + start).assumingMemoryBound(to: CChar.self)
            var tail: UnsafePointer<CChar>?
            let code = unsafe sqlite3_prepare_v3(
                handle, first, Int32(bytes.count - start), UInt32(SQLITE_PREPARE_PERSISTENT),
                &statement, &tail)
            if let tail = unsafe tail { end = start + (unsafe tail - first) }
            return code
        }
        guard code == SQLITE_OK else { throw prepareError(code, sql, from: start) }
        let prepared = unsafe statement.map { unsafe Statement($0, connection: self) }
        if let prepared, let authorization, !authorization.isSuspended,
            try judgeCopies(prepared, by: authorization) != nil
        {
            throw prepareError(SQLITE_AUTH, sql, from: start)
        }
        return (prepared, end)
    }

    /// Prepares under an authorizer: what it refuses throws with the reason.
    public func authorized<R, E: Error>(
        by authorizer: Authorizer, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let outer = authorization
        install(Authorization(authorizer))
        defer { install(outer) }
        return try body()
    }

    /// What the statement that was prepared last does to tables; empty without an authorizer.
    public var accesses: [TableAccess] { authorization?.accesses ?? [] }

    /// Whether a transaction is open.
    public var inTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// The rows that the connection's statements changed since it was opened, triggers included.
    public var totalChanges: Int { unsafe Int(sqlite3_total_changes64(handle)) }

    /// Whether the open transaction violates a deferred foreign key, so that it cannot be committed.
    public var hasDeferredViolations: Bool {
        var violations: Int32 = 0
        var highest: Int32 = 0
        let code = unsafe sqlite3_db_status(
            handle, SQLITE_DBSTATUS_DEFERRED_FKS, &violations, &highest, 0)
        precondition(code == SQLITE_OK, "SQLite does not count deferred foreign keys")
        return violations != 0
    }

    /// Waits until the main file is on disk, whatever `synchronous` says.
    ///
    /// Done through SQLite's own file: opening and closing the file a second time would drop the
    /// process's locks on it.
    /// - Throws: SQLite's input/output error; the file must not be trusted then.
    public func sync() throws(SQLiteError) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        try unsafe check(
            sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file), handle)
        guard let file = unsafe file, let methods = unsafe file.pointee.pMethods,
            let sync = unsafe methods.pointee.xSync
        else { return }  // a database in memory has no file
        let code = unsafe sync(file, SQLITE_SYNC_FULL)
        guard code == SQLITE_OK else {
            throw SQLiteError(code: code, message: "The file cannot be synced to disk.")
        }
    }

    /// Bounds what one statement may ask of the machine, for statements that are typed in.
    ///
    /// A text or blob has at most 256 MiB (an event's data has 64), a statement 1 MiB; expressions, joined
    /// SELECTs and LIKE patterns are bounded far above what a person writes and below what takes a
    /// parser's stack or hours.
    public func limitForQueries() {
        let limits: [(Int32, Int32)] = [
            (SQLITE_LIMIT_LENGTH, 256 << 20), (SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
            (SQLITE_LIMIT_EXPR_DEPTH, 500), (SQLITE_LIMIT_COMPOUND_SELECT, 100),
            (SQLITE_LIMIT_COLUMN, 1_000), (SQLITE_LIMIT_VDBE_OP, 1_000_000),
            (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4_096), (SQLITE_LIMIT_ATTACHED, 0),
            (SQLITE_LIMIT_WORKER_THREADS, 0),
        ]
        for (limit, value) in limits { unsafe sqlite3_limit(handle, limit, value) }
    }

    /// Moves all of the WAL into the main file and truncates the WAL to nothing.
    /// - Throws: a busy error when a reader or writer holds the WAL.
    public func checkpointTruncate() throws(SQLiteError) {
        let code = unsafe sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        try unsafe check(code, handle)
    }

    /// Lets SQLite declare json_each and json_tree, once, while no authorizer looks.
    ///
    /// Their first use on a connection asks for changes of the schema table, as CREATE TABLE does;
    /// later uses ask for nothing but to read.
    private func declareTableFunctions() throws(SQLiteError) {
        guard !hasTableFunctions else { return }
        try trusted { () throws(SQLiteError) in
            _ = try prepare("SELECT 1 FROM json_each('[]'), json_tree('[]')")
        }
        hasTableFunctions = true
    }

    /// Prepares what is the library's own, while no authorizer looks.
    func trusted<R>(_ body: () throws(SQLiteError) -> R) throws(SQLiteError) -> R {
        guard let authorization, !authorization.isSuspended else { return try body() }
        authorization.isSuspended = true
        defer { authorization.isSuspended = false }
        return try body()
    }

    private func install(_ new: Authorization?) {
        authorization = new
        guard let new else {
            unsafe sqlite3_set_authorizer(handle, nil, nil)
            return
        }
        // The connection keeps the authorization as long as SQLite has the pointer.
        unsafe sqlite3_set_authorizer(
            handle,
            { context, action, first, second, database, inside in
                guard let context = unsafe context else { return SQLITE_DENY }
                let authorization = unsafe Unmanaged<Authorization>.fromOpaque(context)
                let request = unsafe Authorization.Request(
                    action: action, first: text(first), second: text(second),
                    database: text(database), inside: text(inside))
                return unsafe authorization.takeUnretainedValue().allows(request)
                    ? SQLITE_OK : SQLITE_DENY
            }, Unmanaged.passUnretained(new).toOpaque())
    }

    private func prepareError(_ code: Int32, _ sql: String, from start: Int) -> SQLiteError {
        let error = unsafe lastError(code, handle, sql: sql)
        let first = SQLiteText.firstToken(of: sql, from: start)?.range.lowerBound
        guard let refusal = authorization?.refusal else {
            let offset = error.offset.map { $0 + start } ?? first
            return SQLiteError(code: error.code, message: error.message, sql: sql, offset: offset)
        }
        let word = refusal.word.flatMap { SQLiteText.offset(of: $0, in: sql, from: start) }
        return SQLiteError(
            code: error.code, message: refusal.message, sql: sql, offset: word ?? first,
            refusal: refusal)
    }

    private static func open(
        _ path: String, _ mode: Mode, _ clock: EventClock?, _ busyTimeoutMs: Int32
    ) throws(SQLiteError) -> OpaquePointer {
        try check(annals_sqlite_tune(), nil)
        if mode == .create && path != ":memory:" { try createPrivateFile(path) }
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let reads = mode == .readOnly || mode == .immutable
        flags |= reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        var handle: OpaquePointer?
        // A path is a path: `file:` at its start must not make it a URI.
        var plain = path.hasPrefix("file:") ? "./" + path : path
        if mode == .immutable {
            flags |= SQLITE_OPEN_URI
            plain = "file:\(escaped(plain))?immutable=1"
        }
        let code = unsafe sqlite3_open_v2(plain, &handle, flags, clock?.vfsName)
        do throws(SQLiteError) {
            try unsafe check(code, handle)
            guard let handle = unsafe handle else { throw lastError(SQLITE_NOMEM, nil) }
            try unsafe check(annals_sqlite_harden(handle), handle)
            if mode == .inspect { try unsafe check(annals_sqlite_keep_wal(handle), handle) }
            try unsafe check(sqlite3_busy_timeout(handle, busyTimeoutMs), handle)
            let pragmas = "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON"
            try unsafe check(sqlite3_exec(handle, pragmas, nil, nil, nil), handle)
            if mode == .inspect {
                let pragma = "PRAGMA query_only = ON"
                try unsafe check(sqlite3_exec(handle, pragma, nil, nil, nil), handle)
            }
            return unsafe handle
        } catch {
            let isMissing = unsafe code == SQLITE_CANTOPEN && sqlite3_system_errno(handle) == ENOENT
            unsafe sqlite3_close(handle)
            throw SQLiteError(
                code: error.code, message: "\(path): \(error.message)", isFileMissing: isMissing)
        }
    }

    /// A path as the URI of a file holds it.
    private static func escaped(_ path: String) -> String {
        // Two slashes in front would make what follows the name of a machine.
        var path = path.utf8[...]
        while path.starts(with: "//".utf8) { path = path.dropFirst() }
        var result = ""
        for byte in path {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    /// SQLite gives the WAL and journal the mode of the main file, so this one call protects all.
    private static func createPrivateFile(_ path: String) throws(SQLiteError) {
        let file = unsafe Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw SQLiteError(
                code: SQLITE_CANTOPEN, message: "\(path) cannot be created: \(reason).")
        }
        Glibc.close(file)
    }
}

/// The text of one of the authorizer's arguments.
private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    unsafe pointer.map { unsafe String(cString: $0) }
}
