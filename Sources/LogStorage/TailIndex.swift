internal import EventModel
internal import LMDB

/// The index of the events that LMDB's indexes do not cover yet: positions by name, in memory.
///
/// Positions are added in ascending order and can be taken back from the end.
struct TailIndex: Sendable {
    /// Everything up to and including this position is outside: in LMDB's indexes, or in another
    /// tail that this one is laid over.
    let floor: UInt64
    /// The last position added; `floor` when there is none.
    private(set) var covered: UInt64

    private var names = NameTable()
    private var chains: [Chain] = []
    private var postings: [Posting] = []

    /// The positions of one name, newest first, linked through `postings`.
    private struct Chain {
        var newest: Int32 = -1
        var count: UInt32 = 0
        /// How many positions of the name lie at or below `floor`, once somebody counted them.
        var below: UInt64?
    }

    private struct Posting {
        let position: UInt64
        let name: Int32
        let previous: Int32
    }

    init(floor: UInt64) {
        self.floor = floor
        covered = floor
    }

    /// Takes over the names of the first append, so that its numbers are those of this index.
    mutating func adopt(_ names: NameTable) {
        precondition(chains.isEmpty, "names are taken over by an empty index")
        self.names = names
        chains = Array(repeating: Chain(), count: names.names.count)
    }

    /// Whether no name was ever added.
    var isEmpty: Bool { chains.isEmpty }

    /// The number of events in the index.
    var eventCount: Int { Int(covered - floor) }

    /// Adds the names of the event at the next position.
    mutating func add(_ event: borrowing EventView) {
        beginEvent(at: event.position.value)
        addPosting(to: number(of: .stream, event.streamBytes))
        addPosting(to: number(of: .type, event.typeBytes))
        if !event.idBytes.isEmpty { addPosting(to: number(of: .id, event.idBytes)) }
        var start = 0
        let tags = event.tagBytes
        while start < tags.count {
            let end = start + 1 + Int(tags[start])
            addPosting(to: number(of: .tag, tags.extracting((start + 1)..<end)))
            start = end
        }
    }

    /// Adds the event at the next position, by the numbers that its names have in another table;
    /// `numbers` leads from those to the numbers here.
    mutating func add(_ names: ArraySlice<Int32>, numberedBy numbers: [Int32], at position: UInt64)
    {
        beginEvent(at: position)
        for name in names { addPosting(to: Int(numbers[Int(name)])) }
    }

    private mutating func beginEvent(at position: UInt64) {
        precondition(position == covered + 1, "positions are added in order, without gaps")
        covered = position
    }

    private mutating func addPosting(to name: Int) {
        postings.append(
            Posting(position: covered, name: Int32(name), previous: chains[name].newest))
        chains[name].newest = Int32(postings.count - 1)
        chains[name].count += 1
    }

    private mutating func number(of kind: IndexKind, _ name: Span<UInt8>) -> Int {
        known(names.findOrAdd(kind, name))
    }

    /// The number that a name of another table has here, given now if it is new.
    mutating func number(of name: Int, in other: NameTable) -> Int {
        known(names.findOrAdd(name, of: other))
    }

    private mutating func known(_ found: (number: Int, isNew: Bool)) -> Int {
        if found.isNew { chains.append(Chain()) }
        return found.number
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
        for (name, chain) in overlay.chains.enumerated() {
            // Names that were only asked for would stay here for nothing.
            guard chain.count > 0 else {
                numbers.append(-1)
                continue
            }
            let number = number(of: name, in: overlay.names)
            if let below = chain.below {
                chains[number].below = below - UInt64(chains[number].count)
            }
            numbers.append(Int32(number))
        }
        for posting in overlay.postings {
            covered = posting.position
            addPosting(to: Int(numbers[Int(posting.name)]))
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

    /// The last position of a name that is at most `through`; `nil` if the tail has none.
    func lastPosition(_ kind: IndexKind, _ name: Span<UInt8>, through: UInt64) -> UInt64? {
        guard let number = names.find(kind, name) else { return nil }
        var index = chains[number].newest
        while index >= 0, postings[Int(index)].position > through {
            index = postings[Int(index)].previous
        }
        return index < 0 ? nil : postings[Int(index)].position
    }

    /// How many positions of a name are at most `through`, those at or below `floor` included; the
    /// latter are counted by `countBelow`, for a name of the tail only once.
    mutating func count(
        of name: Int, in other: NameTable, through: UInt64, countBelow: () throws -> UInt64
    ) rethrows -> UInt64 {
        guard let number = names.find(name, of: other) else { return try countBelow() }
        return try count(of: number, through: through, countBelow: countBelow)
    }

    /// The same for a name by its number here.
    mutating func count(
        of number: Int, through: UInt64, countBelow: () throws -> UInt64
    ) rethrows -> UInt64 {
        var count = UInt64(chains[number].count)
        var index = chains[number].newest
        while index >= 0, postings[Int(index)].position > through {
            index = postings[Int(index)].previous
            count -= 1
        }
        if let below = chains[number].below { return below + count }
        let below = try countBelow()
        chains[number].below = below
        return below + count
    }

    /// Calls with each name, kind by kind and in the order of its bytes, and its positions, ascending.
    ///
    /// One pass over the postings puts each position where its name's range is: following the
    /// chains instead would miss the processor's caches at every step.
    func forEachName(
        through: UInt64, _ body: (IndexKind, Span<UInt8>, Span<UInt64>) throws -> Void
    ) rethrows {
        let sorted = sortedNames()
        var ends = Array(repeating: 0, count: chains.count)
        var total = 0
        for number in sorted {
            ends[number] = total
            total += Int(chains[number].count)
        }
        var positions = Array(repeating: UInt64(0), count: total)
        for posting in postings where posting.position <= through {
            let end = ends[Int(posting.name)]
            positions[end] = posting.position
            ends[Int(posting.name)] = end + 1
        }
        var start = 0
        for number in sorted {
            let end = ends[number]
            if end > start {
                try body(
                    names.names[number].kind, names.bytes(of: number),
                    positions.span.extracting(start..<end))
            }
            start += Int(chains[number].count)
        }
    }

    private func sortedNames() -> [Int] {
        var found: [(kind: UInt8, prefix: UInt64, number: Int)] = []
        for (number, name) in names.names.enumerated() where chains[number].count > 0 {
            found.append((name.kind.rawValue, names.prefix(of: number), number))
        }
        found.sort { left, right in
            if left.kind != right.kind { return left.kind < right.kind }
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return names.precedes(left.number, right.number)
        }
        return found.map(\.number)
    }
}
