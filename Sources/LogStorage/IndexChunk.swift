internal import EventModel
internal import LMDB

/// An entry of an index table: a run of positions of one name, lent from its page.
///
/// The key is the name, a zero byte, which no name contains, and the first position. The value is the
/// number of positions of the name in earlier chunks, and for each position of this one its distance
/// from the first. docs/format.md tells the same.
struct IndexChunk: ~Escapable {
    /// Positions of one chunk; so many fit into half of a page, where LMDB keeps entries best.
    static let positionsMax = 448

    /// The first position; it stands in the key.
    let first: UInt64
    /// How many positions of the name earlier chunks hold.
    let before: UInt64
    /// The number of positions.
    let count: Int
    private let distances: Span<UInt8>
    /// The value as it is stored.
    fileprivate let value: Span<UInt8>

    /// - Throws: `INDEX_WRONG` for an entry that no writer made.
    @_lifetime(copy value)
    init(key: Span<UInt8>, value: Span<UInt8>) throws(AnnalsError) {
        guard key.count > 9, key[key.count - 9] == 0, value.count >= 12, value.count % 4 == 0 else {
            throw AnnalsError(
                .corrupt, "INDEX_WRONG", "An index holds an entry that is none.",
                hint: "Run 'annals doctor --rebuild-indexes': indexes are made from the records.")
        }
        first = key.u64(key.count - 8)
        before = value.u64(0)
        self.value = value
        distances = value.extracting(8..<value.count)
        count = distances.count / 4
    }

    /// The position at an index.
    func position(at index: Int) -> UInt64 { first &+ UInt64(distances.u32(index * 4)) }

    /// The last position.
    var last: UInt64 { position(at: count - 1) }

    /// The index of the first position that is at least `position`; `count` if all are less.
    func index(atLeast position: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self.position(at: middle) < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The key of a chunk of a name.
    static func key(_ name: Span<UInt8>, first: UInt64) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(name.count + 9)
        key.append(copying: name)
        key.append(0)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            key.append(UInt8(truncatingIfNeeded: first >> shift))
        }
        return key
    }

    /// The name in a key.
    @_lifetime(copy key)
    static func name(in key: Span<UInt8>) -> Span<UInt8> {
        key.extracting(0..<max(key.count - 9, 0))
    }
}

extension Cursor {
    /// Moves to a name's last chunk that begins at or before a position; `false` if there is none.
    @_lifetime(self: copy self)
    mutating func seekChunk(of name: Span<UInt8>, atOrBefore position: UInt64) throws -> Bool {
        let key = IndexChunk.key(name, first: position)
        if try seek(atLeast: key.span) {
            if sameBytes(self.key, key.span) { return true }
            return try previous() && isAtChunk(of: name)
        }
        return try last() && isAtChunk(of: name)
    }

    /// Whether the cursor is at a chunk of the name.
    func isAtChunk(of name: Span<UInt8>) -> Bool {
        key.count == name.count + 9 && sameBytes(key.extracting(0..<name.count), name)
            && key[name.count] == 0
    }
}

extension EventLog {
    /// Lends the last chunk of a name in an index table; `nil` if the table does not have the name.
    func withLastChunk<R>(
        _ kind: IndexKind, _ name: Span<UInt8>, in transaction: borrowing ReadTransaction,
        _ body: (borrowing IndexChunk) throws -> R
    ) throws -> R? {
        // No event bears another name, and LMDB refuses such keys.
        guard (1...Limits.nameBytesMax).contains(name.count) else { return nil }
        var cursor = try transaction.cursor(in: tables.index(kind))
        guard try cursor.seekChunk(of: name, atOrBefore: .max) else { return nil }
        return try body(try IndexChunk(key: cursor.key, value: cursor.value))
    }

    /// Adds positions of a name behind those that its index table has.
    func add(
        _ positions: Span<UInt64>, of name: Span<UInt8>, to kind: IndexKind,
        _ transaction: inout WriteTransaction
    ) throws {
        var chunk = try transaction.reading { reading in
            try withLastChunk(kind, name, in: reading) { ChunkBuilder($0) }
        }
        var done = 0
        while done < positions.count {
            var open = chunk.take() ?? ChunkBuilder(first: positions[done], before: 0)
            done += open.add(positions.extracting(done...))
            chunk = open
            guard done < positions.count else { break }
            // It is full: the next one begins behind it.
            if open.isChanged { try put(open, of: name, to: kind, &transaction) }
            chunk = ChunkBuilder(
                first: positions[done], before: open.before + UInt64(open.count))
        }
        if let chunk { try put(chunk, of: name, to: kind, &transaction) }
    }

    private func put(
        _ chunk: ChunkBuilder, of name: Span<UInt8>, to kind: IndexKind,
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        let key = IndexChunk.key(name, first: chunk.first)
        try transaction.put(chunk.bytes.span, forKey: key.span, in: tables.index(kind))
    }
}

/// A chunk that is being filled.
private struct ChunkBuilder {
    let first: UInt64
    let before: UInt64
    private(set) var bytes: [UInt8]
    private(set) var isChanged = false
    private var last: UInt64

    var count: Int { bytes.count / 4 - 2 }

    init(first: UInt64, before: UInt64) {
        self.first = first
        self.before = before
        last = first
        bytes = [UInt8](bigEndian: before)
    }

    /// Goes on with a chunk of the table.
    init(_ chunk: borrowing IndexChunk) {
        first = chunk.first
        before = chunk.before
        last = chunk.last
        bytes = [UInt8](copying: chunk.value)
    }

    /// Adds positions from the first on, as long as there is room and their distance can be told.
    ///
    /// - Returns: How many it took.
    mutating func add(_ positions: Span<UInt64>) -> Int {
        var taken = min(positions.count, IndexChunk.positionsMax - count)
        while taken > 0, positions[taken - 1] - first > UInt64(UInt32.max) { taken -= 1 }
        guard taken > 0 else { return 0 }
        precondition(count == 0 || positions[0] > last, "an index only grows at its end")
        let (first, start) = (first, bytes.count)
        bytes.append(contentsOf: repeatElement(0, count: taken * 4))
        var distances = bytes.mutableSpan
        for index in 0..<taken {
            distances.put(UInt32(positions[index] - first), at: start + index * 4)
        }
        isChanged = true
        last = positions[taken - 1]
        return taken
    }
}
