import EventModel

/// Finds the number of an event type by its bytes, without making a `String` of them.
struct TypeTable {
    private var names: [[UInt8]] = []
    /// Indexes into `names`, -1 for an empty slot; a power of two, at most half full.
    private var slots: [Int32] = [-1, -1]

    /// Enters a type that is not in the table yet; types are numbered 0, 1, 2 … as they come.
    mutating func add(_ type: [UInt8]) {
        assert(index(of: type.span) == nil, "every type is entered once")
        names.append(type)
        if names.count * 2 > slots.count {
            slots = Array(repeating: -1, count: slots.count * 2)
            for index in names.indices { insert(index) }
        } else {
            insert(names.count - 1)
        }
    }

    /// The type's number, `nil` for a type that was not entered.
    func index(of type: Span<UInt8>) -> Int? {
        var slot = Self.hash(type) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if names[index].isSame(as: type) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func insert(_ index: Int) {
        let name = names[index]
        var slot = Self.hash(name.span) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(index)
    }

    /// FNV-1a, folded so that the low bits see all of it.
    private static func hash(_ bytes: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}

extension Array<UInt8> {
    /// Whether these are the lent bytes.
    @inline(__always)
    func isSame(as bytes: Span<UInt8>) -> Bool { sameBytes(span, bytes) }
}
