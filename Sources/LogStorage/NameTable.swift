internal import EventModel

/// Gives names (a kind and up to 255 bytes) small numbers; an open-addressing hash table over one
/// byte arena, so that a name met again costs no allocation.
struct NameTable: Sendable {
    struct Name: Sendable {
        let start: Int
        let length: UInt8
        let kind: IndexKind
    }

    private(set) var names: [Name] = []
    private var arena: [UInt8] = []
    /// Indexes into `names`, -1 for free; the count is a power of two.
    private var slots: [Int32]
    private let seed: UInt64

    /// - Parameter seed: any number; differs by process so that nobody can choose colliding names.
    init(seed: UInt64) {
        self.seed = seed
        slots = Array(repeating: -1, count: 256)
    }

    /// The number of a name, `nil` if it was never added.
    func find(_ kind: IndexKind, _ name: Span<UInt8>) -> Int? {
        let found = slots[slot(of: kind, name)]
        return found < 0 ? nil : Int(found)
    }

    /// The number of a name, given now if it is new.
    mutating func findOrAdd(_ kind: IndexKind, _ name: Span<UInt8>) -> (number: Int, isNew: Bool) {
        let slot = slot(of: kind, name)
        if slots[slot] >= 0 { return (Int(slots[slot]), false) }
        let number = names.count
        names.append(Name(start: arena.count, length: UInt8(name.count), kind: kind))
        arena.append(copying: name)
        slots[slot] = Int32(number)
        if names.count * 2 > slots.count { grow() }
        return (number, true)
    }

    /// The bytes of a name.
    func bytes(of number: Int) -> ArraySlice<UInt8> {
        let name = names[number]
        return arena[name.start..<(name.start + Int(name.length))]
    }

    /// The slot that holds the name, or the free one where it belongs.
    private func slot(of kind: IndexKind, _ name: Span<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(kind, name)) & mask
        while slots[slot] >= 0, !isEqual(Int(slots[slot]), kind, name) { slot = (slot + 1) & mask }
        return slot
    }

    private func isEqual(_ number: Int, _ kind: IndexKind, _ name: Span<UInt8>) -> Bool {
        let known = names[number]
        guard known.kind == kind, Int(known.length) == name.count else { return false }
        for index in name.indices where arena[known.start + index] != name[index] { return false }
        return true
    }

    private func hash(_ kind: IndexKind, _ name: Span<UInt8>) -> UInt64 {
        var hash = seed ^ (UInt64(kind.rawValue) &* 0x9E37_79B9_7F4A_7C15)
        for index in name.indices { hash = (hash ^ UInt64(name[index])) &* 0x0000_0100_0000_01B3 }
        // FNV leaves the low bits weak; the slot is taken from them.
        hash ^= hash >> 32
        return hash &* 0xD6E8_FEB8_6659_FD93 >> 16
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: -1, count: old.count * 2)
        for number in old where number >= 0 {
            let name = names[Int(number)]
            let bytes = arena[name.start..<(name.start + Int(name.length))]
            slots[slot(of: name.kind, bytes.span)] = number
        }
    }
}
