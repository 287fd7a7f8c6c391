internal import CLMDB

/// One named LMDB database.
///
/// The handle is valid for the environment's life.
public struct Table: Sendable {
    let dbi: UInt32
}

/// A number as a key or value: eight bytes, most significant first, so that bytes order as numbers.
@inline(__always)
func withBigEndianBytes<R, E: Error>(
    of number: UInt64, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
) throws(E) -> R {
    var stored = number.bigEndian
    return try unsafe withUnsafeMutableBytes(of: &stored, body)
}

/// The number in eight bytes, most significant first; `nil` if there are not eight.
@inline(__always)
func number(in value: MDB_val) -> UInt64? {
    guard unsafe value.mv_size == 8, let bytes = unsafe value.mv_data else { return nil }
    return unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
}
