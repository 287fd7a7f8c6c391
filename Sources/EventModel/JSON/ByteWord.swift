// Strings are most of the bytes of JSON, and looking at eight of them at once is what makes
// validation cost less than the append it guards. A safe load of eight bytes does not exist in the
// standard library yet, so this file is on the list of those that may say `unsafe`; the bound is
// checked, so no caller can make it read outside the span.

extension Span<UInt8> {
    /// The eight bytes from `index` on, the first one in the lowest bits.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && count - index >= 8)
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self))
    }
}

/// Eight bytes at once: which of them are of a kind, marked in the highest bit of each.
///
/// A subtraction borrows from the next higher byte only where the lower one matched, so the lowest
/// mark is always right; marks above it may not be.
enum ByteWord {
    @inline(__always)
    static func all(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// Marks the bytes that a JSON string cannot hold as plain ASCII: control, quote, backslash,
    /// not ASCII.
    @inline(__always)
    static func notPlain(_ word: UInt64) -> UInt64 {
        let quote = (word ^ all(UInt8(ascii: "\""))) &- all(1)
        let backslash = (word ^ all(UInt8(ascii: "\\"))) &- all(1)
        let control = word &- all(0x20)
        return (quote | backslash | control | word) & all(0x80)
    }

    /// Marks quotes and backslashes.
    @inline(__always)
    static func quotesAndBackslashes(_ word: UInt64) -> UInt64 {
        let quote = word ^ all(UInt8(ascii: "\""))
        let backslash = word ^ all(UInt8(ascii: "\\"))
        let marks = ((quote &- all(1)) & ~quote) | ((backslash &- all(1)) & ~backslash)
        return marks & all(0x80)
    }

    /// The index of the first byte that is marked; 8 when none is.
    ///
    /// A loop asks first whether there is any mark: then the processor goes on to the next word before
    /// it knows what stands in this one.
    @inline(__always)
    static func first(_ marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }
}
