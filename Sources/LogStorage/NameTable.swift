internal import EventModel
internal import LMDB

/// Gives names (a kind and up to 255 bytes) small numbers; an open-addressing hash table over one
/// byte arena, so that a name met again costs no allocation.
///
/// All tables of a process hash alike, so a name moves from one to another without being hashed.
struct NameTable: Sendable {
    struct Name: Sendable {
        let start: Int
        let length: UInt8
        let kind: IndexKind
        fileprivate let hash: UInt32
    }

    private(set) var names: [Name] = []
    private var arena: [UInt8] = []
    /// Indexes into `names`, -1 for free; the count is a power of two.
    private var slots: [Int32]

    /// Differs by process so that nobody can choose names that collide.
    private static let seed = UInt64.random(in: .min ... .max)

    /// - Parameter capacity: how many names are expected.
    init(capacity: Int = 0) {
        var count = 32
        while count < capacity * 2 { count *= 2 }
        slots = Array(repeating: -1, count: count)
        names.reserveCapacity(capacity)
        arena.reserveCapacity(capacity * 16)
    }

    /// Forgets all names; the memory is kept for those to come.
    mutating func removeAll() {
        names.removeAll(keepingCapacity: true)
        arena.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = -1 }
    }

    /// The number of a name, `nil` if it was never added.
    func find(_ kind: IndexKind, _ name: Span<UInt8>) -> Int? {
        let found = slots[slot(of: kind, name, Self.hash(kind, name))]
        return found < 0 ? nil : Int(found)
    }

    /// The number that a name of another table has here.
    func find(_ number: Int, of other: NameTable) -> Int? {
        let name = other.names[number]
        let found = slots[slot(of: name.kind, other.span(of: name), name.hash)]
        return found < 0 ? nil : Int(found)
    }

    /// The number of a name, given now if it is new.
    mutating func findOrAdd(_ kind: IndexKind, _ name: Span<UInt8>) -> (number: Int, isNew: Bool) {
        findOrAdd(kind, name, Self.hash(kind, name))
    }

    /// The number that a name of another table has here, given now if it is new.
    mutating func findOrAdd(_ number: Int, of other: NameTable) -> (number: Int, isNew: Bool) {
        let name = other.names[number]
        return findOrAdd(name.kind, other.span(of: name), name.hash)
    }

    private mutating func findOrAdd(
        _ kind: IndexKind, _ name: Span<UInt8>, _ hash: UInt32
    ) -> (number: Int, isNew: Bool) {
        let slot = slot(of: kind, name, hash)
        if slots[slot] >= 0 { return (Int(slots[slot]), false) }
        let number = names.count
        names.append(
            Name(start: arena.count, length: UInt8(name.count), kind: kind, hash: hash))
        arena.append(copying: name)
        slots[slot] = Int32(number)
        if names.count * 2 > slots.count { grow() }
        return (number, true)
    }

    /// The bytes of a name.
    @_lifetime(borrow self)
    func bytes(of number: Int) -> Span<UInt8> { span(of: names[number]) }

    @_lifetime(borrow self)
    private func span(of name: Name) -> Span<UInt8> {
        arena.span.extracting(name.start..<(name.start + Int(name.length)))
    }

    /// The slot that holds the name, or the free one where it belongs.
    private func slot(of kind: IndexKind, _ name: Span<UInt8>, _ hash: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] >= 0 {
            let known = names[Int(slots[slot])]
            if known.hash == hash, known.kind == kind, sameBytes(span(of: known), name) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private static func hash(_ kind: IndexKind, _ name: Span<UInt8>) -> UInt32 {
        var hash = mixed(seed ^ UInt64(kind.rawValue), UInt64(name.count) | 1 << 32)
        guard name.count >= 8 else { return UInt32(truncatingIfNeeded: mixed(hash, short(name))) }
        for index in stride(from: 0, to: name.count - 8, by: 8) {
            hash = mixed(hash, name.u64(index))
        }
        // The last word may begin in the one before.
        return UInt32(truncatingIfNeeded: mixed(hash, name.u64(name.count - 8)))
    }

    /// A number for a name of less than eight bytes, another one for each of its length.
    private static func short(_ name: Span<UInt8>) -> UInt64 {
        if name.count >= 4 { return UInt64(name.u32(0)) << 32 | UInt64(name.u32(name.count - 4)) }
        var number: UInt64 = 0
        for index in name.indices { number = number << 8 | UInt64(name[index]) }
        return number
    }

    /// Both halves of a 128-bit product, folded: every bit of the input moves about half of the output.
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word ^ 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, name) in names.enumerated() {
            var slot = Int(name.hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(number)
        }
    }
}

extension NameTable {
    /// The first eight bytes of a name as a number, zeros where it is shorter: orders most names.
    func prefix(of number: Int) -> UInt64 {
        let name = bytes(of: number)
        if name.count >= 8 { return name.u64(0) }
        var prefix: UInt64 = 0
        for index in 0..<8 { prefix = prefix << 8 | (index < name.count ? UInt64(name[index]) : 0) }
        return prefix
    }

    /// Whether a name stands before another in the order of their bytes.
    func precedes(_ left: Int, _ right: Int) -> Bool {
        let left = bytes(of: left)
        let right = bytes(of: right)
        let common = min(left.count, right.count)
        // A number whose first byte is the most significant orders as its bytes do.
        for index in stride(from: 0, through: common - 8, by: 8)
        where left.u64(index) != right.u64(index) {
            return left.u64(index) < right.u64(index)
        }
        for index in (common & ~7)..<common where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }
}
