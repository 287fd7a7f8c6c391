internal import CLMDB

/// A place in a table, lent by a transaction.
///
/// Walk with `while try cursor.next() { … }`.
///
/// `key` and `value` are lent until the cursor moves.
@safe public struct Cursor: ~Copyable, ~Escapable {
    private let handle: OpaquePointer
    private var currentKey = unsafe MDB_val()
    private var currentValue = unsafe MDB_val()

    @_lifetime(immortal)
    init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }

    deinit { unsafe mdb_cursor_close(handle) }

    /// The key under the cursor; empty before the first move.
    public var key: Span<UInt8> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(span(of: currentKey), borrowing: self) }
    }

    /// The value under the cursor; empty before the first move.
    public var value: Span<UInt8> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(span(of: currentValue), borrowing: self) }
    }

    /// The key as a number; `nil` if it has not eight bytes.
    public var numericKey: UInt64? { unsafe number(in: currentKey) }

    /// Moves to the next entry; from the start to the first.
    ///
    /// `false` at the end.
    @_lifetime(self: copy self)
    public mutating func next() throws(LMDBError) -> Bool { try move(MDB_NEXT) }

    /// Moves to the entry before; from the start to the last.
    ///
    /// `false` at the front.
    @_lifetime(self: copy self)
    public mutating func previous() throws(LMDBError) -> Bool { try move(MDB_PREV) }

    /// Moves to the last entry.
    ///
    /// `false` if the table is empty.
    @_lifetime(self: copy self)
    public mutating func last() throws(LMDBError) -> Bool { try move(MDB_LAST) }

    /// Moves to the first key that is at least `key`.
    @_lifetime(self: copy self)
    public mutating func seek(atLeast key: Span<UInt8>) throws(LMDBError) -> Bool {
        try moveWithKey(key, MDB_SET_RANGE)
    }

    /// Moves to the first key that is at least the number.
    @_lifetime(self: copy self)
    public mutating func seek(atLeast key: UInt64) throws(LMDBError) -> Bool {
        var stored = key.bigEndian
        var foundKey = unsafe MDB_val()
        var foundValue = unsafe MDB_val()
        let handle = unsafe self.handle
        let code = unsafe withUnsafeMutableBytes(of: &stored) { bytes in
            unsafe foundKey = unsafe MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            return unsafe mdb_cursor_get(handle, &foundKey, &foundValue, MDB_SET_RANGE)
        }
        return unsafe try arrive(code, foundKey, foundValue)
    }

    @_lifetime(self: copy self)
    private mutating func move(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        var foundKey = unsafe MDB_val()
        var foundValue = unsafe MDB_val()
        let code = unsafe mdb_cursor_get(handle, &foundKey, &foundValue, operation)
        return unsafe try arrive(code, foundKey, foundValue)
    }

    @_lifetime(self: copy self)
    private mutating func moveWithKey(
        _ key: Span<UInt8>, _ operation: MDB_cursor_op
    ) throws(LMDBError) -> Bool {
        var foundKey = unsafe MDB_val()
        var foundValue = unsafe MDB_val()
        let handle = unsafe self.handle
        let code = unsafe withValue(of: key) { key in
            let code = unsafe mdb_cursor_get(handle, key, &foundValue, operation)
            unsafe foundKey = unsafe key.pointee
            return code
        }
        return unsafe try arrive(code, foundKey, foundValue)
    }

    /// Where nothing was found, key and value are empty: they never point into a caller's bytes.
    @_lifetime(self: copy self)
    private mutating func arrive(
        _ code: Int32, _ key: MDB_val, _ value: MDB_val
    ) throws(LMDBError) -> Bool {
        let isFound = code == MDB_SUCCESS
        unsafe currentKey = unsafe isFound ? key : MDB_val()
        unsafe currentValue = unsafe isFound ? value : MDB_val()
        if isFound { return true }
        if code == MDB_NOTFOUND { return false }
        throw LMDBError(code: code, call: "mdb_cursor_get")
    }
}
