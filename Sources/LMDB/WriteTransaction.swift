internal import CLMDB

/// The one write transaction of an environment, lent to a closure.
@safe public struct WriteTransaction: ~Copyable {
    private let handle: OpaquePointer

    init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }

    deinit { unsafe mdb_txn_abort(handle) }

    /// Lends a view of the transaction's own state, its writes included.
    public borrowing func reading<R>(
        _ body: (borrowing ReadTransaction) throws -> R
    ) throws -> R {
        let view = unsafe ReadTransaction(handle: handle, isOwner: false)
        return try body(view)
    }

    /// Adds entries behind the last one of a table.
    ///
    /// The table must not be changed by other means while it is lent.
    @_lifetime(&self)
    public mutating func appender(to table: Table) throws(LMDBError) -> Appender {
        let cursor = unsafe try openCursor(in: table)
        return unsafe _overrideLifetime(Appender(handle: cursor), mutating: &self)
    }

    private func openCursor(in table: Table) throws(LMDBError) -> OpaquePointer {
        var cursor: OpaquePointer?
        try check(unsafe mdb_cursor_open(handle, table.dbi, &cursor), "mdb_cursor_open")
        guard let cursor = unsafe cursor else {
            throw LMDBError(code: MDB_PANIC, call: "mdb_cursor_open")
        }
        return unsafe cursor
    }

    /// Sets the value of a key.
    public mutating func put(
        _ bytes: Span<UInt8>, forKey key: Span<UInt8>, in table: Table
    ) throws(LMDBError) {
        let code = unsafe withValue(of: key) { key in
            unsafe withValue(of: bytes) { value in unsafe mdb_put(handle, table.dbi, key, value, 0)
            }
        }
        try check(code, "mdb_put")
    }

    /// Removes a key and its value; `false` if there was none.
    public mutating func remove(key: Span<UInt8>, in table: Table) throws(LMDBError) -> Bool {
        let code = unsafe withValue(of: key) { key in
            unsafe mdb_del(handle, table.dbi, key, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try check(code, "mdb_del")
        return true
    }

    /// Removes everything from a table.
    public mutating func empty(_ table: Table) throws(LMDBError) {
        try check(unsafe mdb_drop(handle, table.dbi, 0), "mdb_drop")
    }

    /// LMDB frees the handle whether or not the commit succeeds, so self is gone before the code is
    /// looked at.
    consuming func commit() throws(LMDBError) {
        let code = unsafe mdb_txn_commit(handle)
        discard self
        guard code == MDB_SUCCESS else {
            throw LMDBError(code: code, call: "mdb_txn_commit", isFromCommit: true)
        }
    }
}
