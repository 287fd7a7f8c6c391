internal import EventModel

/// The index of the events that LMDB's indexes do not cover yet: positions by name, in memory.
///
/// Positions are added in ascending order and can be taken back from the end.
struct TailIndex: Sendable {
    /// Everything up to and including this position is outside: in LMDB's indexes, or in another
    /// tail that this one is laid over.
    let floor: UInt64
    /// The last position added; `floor` when there is none.
    private(set) var covered: UInt64

    private var names: NameTable
    private var chains: [Chain] = []
    private var postings: [Posting] = []

    /// The positions of one name, newest first, linked through `postings`.
    private struct Chain {
        var newest: Int32 = -1
        var count: UInt32 = 0
        /// How many positions of the name lie at or below `floor`; counted when first asked for.
        var below: UInt64?
    }

    private struct Posting {
        let position: UInt64
        let name: Int32
        let previous: Int32
    }

    init(floor: UInt64, seed: UInt64) {
        self.floor = floor
        covered = floor
        names = NameTable(seed: seed)
    }

    /// The number of events in the index.
    var eventCount: Int { Int(covered - floor) }

    /// Adds the names of the event at the next position.
    mutating func add(_ event: borrowing EventView) {
        let position = event.position.value
        precondition(position == covered + 1, "positions are added in order, without gaps")
        covered = position
        add(.stream, event.streamBytes)
        add(.type, event.typeBytes)
        if !event.idBytes.isEmpty { add(.id, event.idBytes) }
        var start = 0
        let tags = event.tagBytes
        while start < tags.count {
            let end = start + 1 + Int(tags[start])
            add(.tag, tags.extracting((start + 1)..<end))
            start = end
        }
    }

    private mutating func add(_ kind: IndexKind, _ name: Span<UInt8>) {
        addPosting(covered, to: number(kind, name))
    }

    private mutating func number(_ kind: IndexKind, _ name: Span<UInt8>) -> Int {
        let (number, isNew) = names.findOrAdd(kind, name)
        if isNew { chains.append(Chain()) }
        return number
    }

    private mutating func addPosting(_ position: UInt64, to name: Int) {
        postings.append(
            Posting(position: position, name: Int32(name), previous: chains[name].newest))
        chains[name].newest = Int32(postings.count - 1)
        chains[name].count += 1
    }

    /// Takes back every event behind `position`.
    mutating func truncate(to position: UInt64) {
        while let last = postings.last, last.position > position {
            chains[Int(last.name)].newest = last.previous
            chains[Int(last.name)].count -= 1
            postings.removeLast()
        }
        covered = max(floor, min(covered, position))
    }

    /// Adds the events of a tail that was laid over this one.
    mutating func absorb(_ overlay: TailIndex) {
        precondition(overlay.floor == covered, "a tail is laid over the end of another")
        var numbers: [Int32] = []
        numbers.reserveCapacity(overlay.chains.count)
        for name in overlay.names.names.indices {
            let bytes = overlay.names.bytes(of: name)
            numbers.append(Int32(number(overlay.names.names[name].kind, bytes.span)))
        }
        for posting in overlay.postings {
            addPosting(posting.position, to: Int(numbers[Int(posting.name)]))
        }
        covered = overlay.covered
    }

    /// The positions of a name in `range`, ascending.
    func positions(
        _ kind: IndexKind, _ name: Span<UInt8>, in range: ClosedRange<UInt64>
    ) -> [UInt64] {
        guard let number = names.find(kind, name) else { return [] }
        return positions(of: number, in: range)
    }

    private func positions(of number: Int, in range: ClosedRange<UInt64>) -> [UInt64] {
        var found: [UInt64] = []
        var index = chains[number].newest
        while index >= 0 {
            let posting = postings[Int(index)]
            if posting.position < range.lowerBound { break }
            if posting.position <= range.upperBound { found.append(posting.position) }
            index = posting.previous
        }
        found.reverse()
        return found
    }

    /// The last position of a name; `nil` if the tail has none.
    func lastPosition(_ kind: IndexKind, _ name: Span<UInt8>) -> UInt64? {
        guard let number = names.find(kind, name), chains[number].newest >= 0 else { return nil }
        return postings[Int(chains[number].newest)].position
    }

    /// How many positions a name has, those at or below `floor` included; they are counted by
    /// `countBelow` once and then remembered.
    mutating func count(
        _ kind: IndexKind, _ name: Span<UInt8>, countBelow: () throws -> UInt64
    ) rethrows -> UInt64 {
        let number = number(kind, name)
        if let below = chains[number].below { return below + UInt64(chains[number].count) }
        let below = try countBelow()
        chains[number].below = below
        return below + UInt64(chains[number].count)
    }

    /// Calls with each name of a kind in the order of its bytes, and its positions, ascending.
    func forEachName(
        _ kind: IndexKind, through: UInt64, _ body: (ArraySlice<UInt8>, [UInt64]) throws -> Void
    ) rethrows {
        let numbers = names.names.indices.filter {
            names.names[$0].kind == kind && chains[$0].count > 0
        }
        let sorted = numbers.map { (bytes: names.bytes(of: $0), number: $0) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        for entry in sorted {
            let positions = positions(of: entry.number, in: 0...through)
            if !positions.isEmpty { try body(entry.bytes, positions) }
        }
    }
}
