internal import EventModel
internal import LMDB

/// The index of the events that LMDB's indexes do not cover yet: positions by name, in memory.
///
/// Positions are added in ascending order and can be taken back from the end. They are kept as
/// distances from `floor`, so an index is made before anybody knows where its events will lie.
struct TailIndex: Sendable {
    /// Everything up to and including this position is outside: in LMDB's indexes, or in another
    /// tail that this one is laid over.
    private(set) var floor: UInt64
    /// The number of events in the index.
    private(set) var eventCount = 0

    /// The names of the events, each once.
    private(set) var names: NameTable
    private var chains: [Chain] = []
    private var postings: [Posting] = []
    /// The tail whose numbers the chains hold; no tail has this floor as long as there is none.
    private var tailFloor = UInt64.max

    /// The positions of one name, newest first, linked through `postings`.
    private struct Chain {
        var newest: Int32 = -1
        var count: UInt32 = 0
        /// How many positions of the name lie at or below `floor`, once somebody counted them.
        var below = Chain.unknown
        /// The name's number in the tail that this index is laid over, once it was asked for.
        var numberInTail: Int32 = -1

        static let unknown = UInt64.max
    }

    private struct Posting {
        /// How far the position lies behind `floor`: at least 1.
        let distance: UInt32
        let name: Int32
        let previous: Int32
    }

    /// - Parameters:
    ///   - names: how many names are expected.
    ///   - postings: how many names of events are expected, each counted as often as it occurs.
    init(floor: UInt64, names: Int = 0, postings: Int = 0) {
        self.floor = floor
        self.names = NameTable(capacity: names)
        chains.reserveCapacity(names)
        self.postings.reserveCapacity(postings)
    }

    /// The same events behind another floor.
    consuming func moved(to floor: UInt64) -> TailIndex {
        self.floor = floor
        return self
    }

    /// Forgets all events, and lays the index over another floor; the memory is kept for those to come.
    mutating func removeAll(floor: UInt64) {
        self.floor = floor
        eventCount = 0
        tailFloor = .max
        names.removeAll()
        chains.removeAll(keepingCapacity: true)
        postings.removeAll(keepingCapacity: true)
    }

    /// The last position added; `floor` when there is none.
    var covered: UInt64 { floor + UInt64(eventCount) }

    /// Whether no name was ever added.
    var isEmpty: Bool { chains.isEmpty }

    /// The number of postings so far: where those of the next event begin.
    var postingCount: Int { postings.count }

    /// Adds the names of the event at the next position.
    mutating func add(_ event: borrowing EventView) {
        precondition(event.position.value == covered + 1, "positions are added in order")
        beginEvent()
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

    /// Begins the event at the next position; `add` gives it its names.
    mutating func beginEvent() { eventCount += 1 }

    /// Adds a name of the event that was begun last.
    ///
    /// - Returns: The name's number, and how many events in the index bear it now.
    @discardableResult
    mutating func add(_ kind: IndexKind, _ name: Span<UInt8>) -> (number: Int, count: Int) {
        let number = known(names.findOrAdd(kind, name))
        addPosting(to: number)
        return (number, Int(chains[number].count))
    }

    /// Adds the event at the next position, by its postings in another index; `numbers` leads from
    /// the numbers of names there to those here.
    mutating func add(
        _ event: Range<Int>, of other: borrowing TailIndex, numberedBy numbers: [Int32]
    ) {
        beginEvent()
        for index in event { addPosting(to: Int(numbers[Int(other.postings[index].name)])) }
    }

    private mutating func addPosting(to name: Int) {
        postings.append(
            Posting(
                distance: UInt32(eventCount), name: Int32(name), previous: chains[name].newest))
        chains[name].newest = Int32(postings.count - 1)
        chains[name].count += 1
    }

    private mutating func known(_ found: (number: Int, isNew: Bool)) -> Int {
        if found.isNew { chains.append(Chain()) }
        return found.number
    }

    /// Takes back every event behind `position`.
    mutating func truncate(to position: UInt64) {
        eventCount = max(0, min(eventCount, Int(position) - Int(floor)))
        while let last = postings.last, last.distance > eventCount {
            chains[Int(last.name)].newest = last.previous
            chains[Int(last.name)].count -= 1
            postings.removeLast()
        }
    }

    /// Adds the events of an index that is laid over the end of this one.
    ///
    /// - Returns: For each number of a name there its number here; -1 for a name without an event.
    @discardableResult
    mutating func absorb(_ overlay: borrowing TailIndex) -> [Int32] {
        precondition(overlay.floor == covered, "an index is laid over the end of another")
        let numbers = numbers(ofNamesIn: overlay)
        let before = UInt32(eventCount)
        for index in overlay.postings.indices {
            let posting = overlay.postings[index]
            eventCount = Int(before + posting.distance)
            addPosting(to: Int(numbers[Int(posting.name)]))
        }
        eventCount = Int(before) + overlay.eventCount
        return numbers
    }

    /// The numbers that the names of an overlay have here, given now if they are new; -1 for a name
    /// without an event, which would stay here for nothing.
    ///
    /// What the overlay has counted is known here from then on.
    mutating func numbers(ofNamesIn overlay: borrowing TailIndex) -> [Int32] {
        let isNumbered = overlay.tailFloor == floor
        var numbers: [Int32] = []
        numbers.reserveCapacity(overlay.chains.count)
        for name in overlay.chains.indices {
            let chain = overlay.chains[name]
            guard chain.count > 0 else {
                numbers.append(-1)
                continue
            }
            var number = isNumbered ? Int(chain.numberInTail) : -1
            if number < 0 { number = known(names.findOrAdd(name, of: overlay.names)) }
            if chain.below != Chain.unknown {
                chains[number].below = chain.below - UInt64(chains[number].count)
            }
            numbers.append(Int32(number))
        }
        return numbers
    }

    /// How many events in the index bear a name, by its number.
    func count(of number: Int) -> Int { Int(chains[number].count) }

    /// How many positions of a name lie at or below `floor`: asked of the tail that this index is laid
    /// over, and for each name only once.
    ///
    /// - Parameters:
    ///   - head: the last position that counts in the tail.
    ///   - inTable: counts those outside the tail.
    mutating func countBelow(
        _ number: Int, in tail: inout TailIndex, through head: UInt64,
        inTable: () throws -> UInt64
    ) rethrows -> UInt64 {
        if chains[number].below != Chain.unknown { return chains[number].below }
        tailFloor = tail.floor
        var below: UInt64
        if let known = tail.names.find(number, of: names) {
            chains[number].numberInTail = Int32(known)
            below = try tail.count(of: known, through: head, countBelow: inTable)
        } else {
            below = try inTable()
        }
        chains[number].below = below
        return below
    }

    /// How many positions of a name are at most `through`, those at or below `floor` included; the
    /// latter are counted by `countBelow`, for each name only once.
    private mutating func count(
        of number: Int, through: UInt64, countBelow: () throws -> UInt64
    ) rethrows -> UInt64 {
        var count = UInt64(chains[number].count)
        var index = chains[number].newest
        while index >= 0, position(of: postings[Int(index)]) > through {
            index = postings[Int(index)].previous
            count -= 1
        }
        if chains[number].below == Chain.unknown { chains[number].below = try countBelow() }
        return chains[number].below + count
    }

    private func position(of posting: Posting) -> UInt64 { floor + UInt64(posting.distance) }

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
            let position = position(of: posting)
            if position < range.lowerBound { break }
            if position <= range.upperBound { found.append(position) }
            index = posting.previous
        }
        found.reverse()
        return found
    }

    /// The last position of a name that is at most `through`; `nil` if the tail has none.
    func lastPosition(_ kind: IndexKind, _ name: Span<UInt8>, through: UInt64) -> UInt64? {
        guard let number = names.find(kind, name) else { return nil }
        var index = chains[number].newest
        while index >= 0, position(of: postings[Int(index)]) > through {
            index = postings[Int(index)].previous
        }
        return index < 0 ? nil : position(of: postings[Int(index)])
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
        for posting in postings where position(of: posting) <= through {
            let end = ends[Int(posting.name)]
            positions[end] = position(of: posting)
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
