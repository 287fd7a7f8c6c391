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

    /// In a table of positions: adds values to a key. They must be ascending, and greater than those
    /// it has.
    public mutating func add(
        positions: Span<UInt64>, toKey key: Span<UInt8>, in table: Table
    ) throws(LMDBError) {
        var cursor: OpaquePointer?
        try check(unsafe mdb_cursor_open(handle, table.dbi, &cursor), "mdb_cursor_open")
        defer { unsafe mdb_cursor_close(cursor) }
        var stored = Array(capacity: positions.count, from: positions)
        let code = unsafe withValue(of: key) { key in
            unsafe stored.withUnsafeMutableBytes { bytes in
                // MDB_MULTIPLE takes two values: the array, and how many elements it has.
                let values = UnsafeMutablePointer<MDB_val>.allocate(capacity: 2)
                defer { unsafe values.deallocate() }
                unsafe values.initialize(
                    to: MDB_val(mv_size: MemoryLayout<UInt64>.size, mv_data: bytes.baseAddress))
                unsafe (values + 1).initialize(
                    to: MDB_val(mv_size: positions.count, mv_data: nil))
                return unsafe mdb_cursor_put(
                    cursor, key, values, UInt32(MDB_MULTIPLE) | UInt32(MDB_APPENDDUP))
            }
        }
        try check(code, "mdb_cursor_put")
    }

    /// Removes a key and its values; `false` if there was none.
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

extension Array<UInt64> {
    /// The numbers as they are stored: most significant byte first.
    fileprivate init(capacity: Int, from numbers: Span<UInt64>) {
        self = []
        reserveCapacity(capacity)
        for index in numbers.indices { append(numbers[index].bigEndian) }
    }
}
