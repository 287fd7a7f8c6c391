internal import CLMDB

/// Adds entries behind the last one of a table, lent by a write transaction.
///
/// It stays at the end of the table, where `WriteTransaction.put` would look for it anew each time.
@safe public struct Appender: ~Copyable, ~Escapable {
    private let handle: OpaquePointer

    @_lifetime(immortal)
    init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }

    deinit { unsafe mdb_cursor_close(handle) }

    /// Adds an entry; a number that is not greater than the last one is refused (`keyExists`).
    ///
    /// - Parameter complete: changes the entry's bytes where they lie in the page.
    @_lifetime(self: copy self)
    public mutating func append(
        _ bytes: Span<UInt8>, atKey key: UInt64,
        _ complete: (inout MutableSpan<UInt8>) -> Void = { _ in }
    ) throws(LMDBError) {
        var value = unsafe MDB_val(mv_size: bytes.count, mv_data: nil)
        let handle = unsafe self.handle
        let code = unsafe withBigEndianBytes(of: key) { keyBytes in
            var key = unsafe MDB_val(mv_size: keyBytes.count, mv_data: keyBytes.baseAddress)
            return unsafe mdb_cursor_put(
                handle, &key, &value, UInt32(MDB_APPEND) | UInt32(MDB_RESERVE))
        }
        try check(code, "mdb_cursor_put")
        let room = unsafe UnsafeMutableRawBufferPointer(start: value.mv_data, count: value.mv_size)
        unsafe bytes.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
        var entry = unsafe MutableSpan(_unsafeElements: room.bindMemory(to: UInt8.self))
        complete(&entry)
    }
}
