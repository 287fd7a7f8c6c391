// Big-endian numbers in lent bytes. A safe load of eight bytes does not exist in the standard
// library yet; assembling them byte by byte costs six times as much. The bound is checked once for
// each number, so no caller can read outside the span.

extension Span<UInt8> {
    /// The two bytes from `index` on as a number, most significant first.
    @inlinable @inline(__always)
    public func u16(_ index: Int) -> UInt16 {
        precondition(index >= 0 && count - index >= 2)
        return unsafe UInt16(
            bigEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt16.self))
    }

    /// The four bytes from `index` on as a number, most significant first.
    @inlinable @inline(__always)
    public func u32(_ index: Int) -> UInt32 {
        precondition(index >= 0 && count - index >= 4)
        return unsafe UInt32(
            bigEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt32.self))
    }

    /// The eight bytes from `index` on as a number, most significant first.
    @inlinable @inline(__always)
    public func u64(_ index: Int) -> UInt64 {
        precondition(index >= 0 && count - index >= 8)
        return unsafe UInt64(
            bigEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self))
    }
}

extension MutableSpan<UInt8> {
    /// Writes a number into the eight bytes from `index` on, most significant first.
    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func put(_ number: UInt64, at index: Int) {
        precondition(index >= 0 && count - index >= 8)
        unsafe withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: number.bigEndian, toByteOffset: index, as: UInt64.self)
        }
    }

    /// Writes a number into the four bytes from `index` on, most significant first.
    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func put(_ number: UInt32, at index: Int) {
        precondition(index >= 0 && count - index >= 4)
        unsafe withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: number.bigEndian, toByteOffset: index, as: UInt32.self)
        }
    }

    /// Writes a number into the two bytes from `index` on, most significant first.
    @inlinable @inline(__always)
    @_lifetime(self: copy self)
    public mutating func put(_ number: UInt16, at index: Int) {
        precondition(index >= 0 && count - index >= 2)
        unsafe withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: number.bigEndian, toByteOffset: index, as: UInt16.self)
        }
    }
    /// Copies lent bytes to the place from `index` on.
    @_lifetime(self: copy self)
    public mutating func put(_ bytes: Span<UInt8>, at index: Int) {
        precondition(index >= 0 && count - index >= bytes.count)
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[index...])
                    .copyMemory(from: source)
            }
        }
    }
}
