internal import GRDBSQLite

/// The type of a value that SQLite holds.
public enum SQLiteType: UInt8, Sendable {
    /// 64-bit signed integer.
    case integer = 1
    /// 64-bit IEEE floating point.
    case real = 2
    /// UTF-8 text.
    case text = 3
    /// Bytes.
    case blob = 4
    /// NULL.
    case null = 5
}

/// A compiled statement; it keeps its connection open.
@safe public final class Statement {
    /// The names of the parameters with their first character, `nil` for `?`; the first has index 1.
    public let parameterNames: [String?]
    /// The number of columns of a row; 0 for a statement that gives none.
    public let columnCount: Int
    /// Whether the statement leaves the file as it is.
    public let isReadOnly: Bool
    /// The connection that compiled it.
    public let connection: Connection

    private let handle: OpaquePointer

    init(_ handle: OpaquePointer, connection: Connection) {
        unsafe self.handle = unsafe handle
        self.connection = connection
        columnCount = unsafe Int(sqlite3_column_count(handle))
        isReadOnly = unsafe sqlite3_stmt_readonly(handle) != 0
        let count = unsafe sqlite3_bind_parameter_count(handle)
        parameterNames = (0..<count).map { index in
            let name = unsafe sqlite3_bind_parameter_name(handle, index + 1)
            return unsafe name.map { unsafe String(cString: $0) }
        }
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Whether it begins with EXPLAIN, so that what it names does not run.
    var isExplanation: Bool { unsafe sqlite3_stmt_isexplain(handle) != 0 }

    /// The statement's text.
    public var sql: String { unsafe String(cString: sqlite3_sql(handle)) }

    /// The name of a column of the rows, from 0.
    public func columnName(at index: Int) -> String {
        precondition(index >= 0 && index < columnCount, "column \(index) of \(columnCount)")
        let name = unsafe sqlite3_column_name(handle, Int32(index))
        return unsafe name.map { unsafe String(cString: $0) } ?? ""
    }

    /// Starts to run the statement: bind, step, read; the end of the run resets the statement.
    /// - Precondition: No other run of this statement is under way.
    @_lifetime(borrow self)
    public func run() -> Run {
        precondition(unsafe sqlite3_stmt_busy(handle) == 0, "the statement is running already")
        return unsafe Run(handle, of: self)
    }
}

/// One execution of a statement.
///
/// Text that is bound is lent, not copied: the run cannot outlive it.
@safe public struct Run: ~Copyable, ~Escapable {
    private let handle: OpaquePointer

    @_lifetime(borrow statement)
    init(_ handle: OpaquePointer, of statement: borrowing Statement) {
        unsafe self.handle = unsafe handle
    }

    // Lent text must be out of SQLite's hands before its owner takes it back.
    deinit {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// Binds a whole number; the first parameter is 1.
    public mutating func bind(_ value: Int64, at index: Int) {
        bound(unsafe sqlite3_bind_int64(handle, Int32(truncatingIfNeeded: index), value))
    }

    /// Binds a floating-point number; NaN becomes NULL.
    public mutating func bind(_ value: Double, at index: Int) {
        bound(unsafe sqlite3_bind_double(handle, Int32(truncatingIfNeeded: index), value))
    }

    /// Binds lent UTF-8 text.
    @_lifetime(self: copy self, copy text)
    public mutating func bind(_ text: Span<UInt8>, at index: Int) {
        let code = unsafe text.withUnsafeBufferPointer { bytes in
            // An empty span may have no address, and SQLite takes no address for NULL.
            let first = unsafe bytes.baseAddress ?? StaticString("").utf8Start
            return unsafe sqlite3_bind_text64(
                handle, Int32(truncatingIfNeeded: index),
                UnsafeRawPointer(first).assumingMemoryBound(to: CChar.self),
                sqlite3_uint64(bytes.count), nil, UInt8(SQLITE_UTF8))
        }
        bound(code)
    }

    /// Binds a copy of a text.
    public mutating func bind(_ text: String, at index: Int) {
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let count = text.utf8.count
        let code = unsafe sqlite3_bind_text64(
            handle, Int32(truncatingIfNeeded: index), text, sqlite3_uint64(count), transient,
            UInt8(SQLITE_UTF8))
        bound(code)
    }

    /// Binds lent bytes as a blob.
    @_lifetime(self: copy self, copy blob)
    public mutating func bind(blob: Span<UInt8>, at index: Int) {
        let code = unsafe blob.withUnsafeBufferPointer { bytes in
            // An empty span may have no address, and SQLite takes no address for NULL.
            let first = unsafe bytes.baseAddress ?? StaticString("").utf8Start
            return unsafe sqlite3_bind_blob64(
                handle, Int32(truncatingIfNeeded: index), first, sqlite3_uint64(bytes.count), nil)
        }
        bound(code)
    }

    /// Binds NULL, which every parameter is at the start of a run.
    public mutating func bindNull(at index: Int) {
        bound(unsafe sqlite3_bind_null(handle, Int32(truncatingIfNeeded: index)))
    }

    /// Goes to the next row.
    /// - Returns: whether there is one.
    /// - Throws: SQLite's error with the statement's text.
    public mutating func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_DONE { return false }
        if code == SQLITE_ROW { return true }
        throw unsafe lastError(
            code, sqlite3_db_handle(handle), sql: String(cString: sqlite3_sql(handle)))
    }

    /// The type of the row's value in a column, from 0.
    public borrowing func type(at index: Int) -> SQLiteType {
        let raw = unsafe UInt8(sqlite3_column_type(handle, Int32(truncatingIfNeeded: index)))
        return SQLiteType(rawValue: raw) ?? .null
    }

    /// The value as a whole number, converted as SQLite does.
    public borrowing func int64(at index: Int) -> Int64 {
        unsafe sqlite3_column_int64(handle, Int32(truncatingIfNeeded: index))
    }

    /// The value as a floating-point number, converted as SQLite does.
    public borrowing func double(at index: Int) -> Double {
        unsafe sqlite3_column_double(handle, Int32(truncatingIfNeeded: index))
    }

    /// The bytes of a text or blob, lent until the next step; empty for other types.
    @_lifetime(borrow self)
    public borrowing func bytes(at index: Int) -> Span<UInt8> {
        let column = Int32(truncatingIfNeeded: index)
        let type = unsafe sqlite3_column_type(handle, column)
        guard type == SQLITE_TEXT || type == SQLITE_BLOB else { return Span() }
        let first = unsafe sqlite3_column_blob(handle, column)
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        let buffer = unsafe UnsafeRawBufferPointer(start: first, count: first == nil ? 0 : count)
        let span = unsafe Span<UInt8>(_unsafeBytes: buffer)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The bytes of a text in UTF-8, also in a file that keeps UTF-16, lent until the next step.
    @_lifetime(borrow self)
    public borrowing func utf8(at index: Int) -> Span<UInt8> {
        let column = Int32(truncatingIfNeeded: index)
        guard let first = unsafe sqlite3_column_text(handle, column) else { return Span() }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        let span = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(start: first, count: count))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The value as text, a copy; `nil` for NULL.
    public borrowing func text(at index: Int) -> String? {
        let column = Int32(truncatingIfNeeded: index)
        guard let first = unsafe sqlite3_column_text(handle, column) else { return nil }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: first, count: count), as: UTF8.self)
    }

    /// A parameter that is not there or a value beyond SQLite's limits is a bug of the caller: the
    /// engine checks both when it prepares.
    private func bound(_ code: Int32) {
        precondition(code == SQLITE_OK, "SQLite refused a bound value, code \(code)")
    }
}
