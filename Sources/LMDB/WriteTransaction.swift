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

    /// Adds an entry behind the last one; a number that is not greater is refused (`keyExists`).
    ///
    /// - Parameter complete: changes the entry's bytes where they lie in the page.
    public mutating func append(
        _ bytes: Span<UInt8>, atKey key: UInt64, in table: Table,
        _ complete: (inout MutableSpan<UInt8>) -> Void = { _ in }
    ) throws(LMDBError) {
        var value = unsafe MDB_val(mv_size: bytes.count, mv_data: nil)
        let code = unsafe withBigEndianBytes(of: key) { keyBytes in
            var key = unsafe MDB_val(mv_size: keyBytes.count, mv_data: keyBytes.baseAddress)
            return unsafe mdb_put(
                handle, table.dbi, &key, &value, UInt32(MDB_APPEND) | UInt32(MDB_RESERVE))
        }
        try check(code, "mdb_put")
        let room = unsafe UnsafeMutableRawBufferPointer(start: value.mv_data, count: value.mv_size)
        unsafe bytes.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
        var entry = unsafe MutableSpan(_unsafeElements: room.bindMemory(to: UInt8.self))
        complete(&entry)
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
