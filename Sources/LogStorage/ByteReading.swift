// Big-endian numbers in byte strings. Bounds are checked by Span and Array.

extension Span<UInt8> {
    func u16(_ at: Int) -> UInt16 { UInt16(self[at]) << 8 | UInt16(self[at + 1]) }

    func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) << 16 | UInt32(u16(at + 2)) }

    func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) << 32 | UInt64(u32(at + 4)) }
}

extension Array<UInt8> {
    mutating func put(_ number: UInt16, at: Int) {
        self[at] = UInt8(truncatingIfNeeded: number >> 8)
        self[at + 1] = UInt8(truncatingIfNeeded: number)
    }

    mutating func put(_ number: UInt32, at: Int) {
        put(UInt16(truncatingIfNeeded: number >> 16), at: at)
        put(UInt16(truncatingIfNeeded: number), at: at + 2)
    }

    mutating func put(_ number: UInt64, at: Int) {
        put(UInt32(truncatingIfNeeded: number >> 32), at: at)
        put(UInt32(truncatingIfNeeded: number), at: at + 4)
    }

    /// The number's eight bytes, most significant first.
    init(bigEndian number: UInt64) {
        self = Array(repeating: 0, count: 8)
        put(number, at: 0)
    }
}
