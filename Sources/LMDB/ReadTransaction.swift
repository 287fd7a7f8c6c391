internal import CLMDB

/// A snapshot of the environment, lent to a closure; everything read through it is lent too.
@safe public struct ReadTransaction: ~Copyable {
    let handle: OpaquePointer
    /// A view into a write transaction does not end it.
    private let isOwner: Bool

    init(handle: OpaquePointer, isOwner: Bool) {
        unsafe self.handle = unsafe handle
        self.isOwner = isOwner
    }

    deinit { if isOwner { unsafe mdb_txn_abort(handle) } }

    /// The number of the commit that it shows.
    var number: UInt64 { UInt64(unsafe mdb_txn_id(handle)) }

    /// The value of a key, lent from the page; `nil` if there is none.
    @_lifetime(borrow self)
    public borrowing func value(
        forKey key: Span<UInt8>, in table: Table
    ) throws(LMDBError) -> Span<UInt8>? {
        var value = unsafe MDB_val()
        let code = unsafe withValue(of: key) { key in unsafe mdb_get(handle, table.dbi, key, &value)
        }
        return unsafe try lend(code, value)
    }

    /// The value of a number, lent from the page; `nil` if there is none.
    @_lifetime(borrow self)
    public borrowing func value(
        forKey key: UInt64, in table: Table
    ) throws(LMDBError) -> Span<UInt8>? {
        var value = unsafe MDB_val()
        let code = unsafe withBigEndianBytes(of: key) { bytes in
            var key = unsafe MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            return unsafe mdb_get(handle, table.dbi, &key, &value)
        }
        return unsafe try lend(code, value)
    }

    @_lifetime(borrow self)
    private borrowing func lend(_ code: Int32, _ value: MDB_val) throws(LMDBError) -> Span<UInt8>? {
        if code == MDB_NOTFOUND { return nil }
        try check(code, "mdb_get")
        return unsafe _overrideLifetime(span(of: value), borrowing: self)
    }

    /// A cursor over a table, lent like the transaction.
    @_lifetime(borrow self)
    public borrowing func cursor(in table: Table) throws(LMDBError) -> Cursor {
        var cursor: OpaquePointer?
        try check(unsafe mdb_cursor_open(handle, table.dbi, &cursor), "mdb_cursor_open")
        guard let cursor = unsafe cursor else {
            throw LMDBError(code: MDB_PANIC, call: "mdb_cursor_open")
        }
        return unsafe _overrideLifetime(Cursor(handle: cursor), borrowing: self)
    }

    /// The number of entries of a table.
    public borrowing func entryCount(of table: Table) throws(LMDBError) -> Int {
        var stat = MDB_stat()
        try check(unsafe mdb_stat(handle, table.dbi, &stat), "mdb_stat")
        return stat.ms_entries
    }
}

/// The bytes of an LMDB value; the caller ties them to what keeps them alive.
@_lifetime(immortal)
func span(of value: MDB_val) -> Span<UInt8> {
    let bytes = unsafe UnsafeBufferPointer(
        start: value.mv_data?.assumingMemoryBound(to: UInt8.self), count: value.mv_size)
    return unsafe _overrideLifetime(Span(_unsafeElements: bytes), copying: ())
}

/// Calls with bytes as LMDB wants them.
///
/// LMDB never writes through the pointer it is given here.
@inline(__always)
func withValue<R>(of bytes: Span<UInt8>, _ body: (UnsafeMutablePointer<MDB_val>) -> R) -> R {
    unsafe bytes.withUnsafeBufferPointer { buffer in
        var value = unsafe MDB_val(
            mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        return unsafe body(&value)
    }
}
