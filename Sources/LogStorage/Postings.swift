internal import EventModel
internal import LMDB

/// The positions of one name, ascending, read chunk by chunk from the index table and then from the
/// tail.
///
/// It only moves forward.
struct Postings {
    private let kind: IndexKind
    private let name: [UInt8]
    /// The positions behind those of the index table.
    private let tail: [UInt64]
    private var tailIndex = 0
    private var portion: [UInt64] = []
    private var portionIndex = 0
    private var isTableDone = false

    init(kind: IndexKind, name: [UInt8], tail: [UInt64]) {
        self.kind = kind
        self.name = name
        self.tail = tail
        // No event bears such a name, and LMDB refuses such a key.
        isTableDone = !(1...Limits.nameBytesMax).contains(name.count)
    }

    /// The first position that is at least `position`; `nil` when there is none.
    mutating func next(
        atLeast position: UInt64, in transaction: borrowing ReadTransaction, _ tables: LogTables
    ) throws -> UInt64? {
        while !isTableDone {
            while portionIndex < portion.count {
                if portion[portionIndex] >= position { return portion[portionIndex] }
                portionIndex += 1
            }
            try readPortion(atLeast: position, in: transaction, tables)
        }
        while tailIndex < tail.count {
            if tail[tailIndex] >= position { return tail[tailIndex] }
            tailIndex += 1
        }
        return nil
    }

    private mutating func readPortion(
        atLeast position: UInt64, in transaction: borrowing ReadTransaction, _ tables: LogTables
    ) throws {
        portion.removeAll(keepingCapacity: true)
        portionIndex = 0
        var cursor = try transaction.cursor(in: tables.index(kind))
        var isAtChunk = try cursor.seekChunk(of: name.span, atOrBefore: position)
        if !isAtChunk {
            // All chunks begin behind the position, if there are any.
            let key = IndexChunk.key(name.span, first: position)
            isAtChunk = try cursor.seek(atLeast: key.span) && cursor.isAtChunk(of: name.span)
        }
        while isAtChunk, portion.isEmpty {
            do {
                let chunk = try IndexChunk(key: cursor.key, value: cursor.value)
                for index in chunk.index(atLeast: position)..<chunk.count {
                    portion.append(chunk.position(at: index))
                }
            }
            isAtChunk = try cursor.next() && cursor.isAtChunk(of: name.span)
        }
        if portion.isEmpty { isTableDone = true }
    }
}

extension EventLog {
    /// The postings of a name as of a snapshot, and of the overlay of what is about to be appended.
    ///
    /// - Parameter first: the first position that will be asked for.
    func postings(
        _ kind: IndexKind, _ name: [UInt8], in transaction: borrowing ReadTransaction,
        from first: UInt64, head: UInt64, overlay: TailIndex? = nil
    ) throws -> Postings {
        var positions: [UInt64] = []
        if first <= head {
            positions = try withTail(in: transaction, head: head) { tail in
                tail.positions(kind, name.span, in: first...head)
            }
        }
        if let overlay {
            positions += overlay.positions(kind, name.span, in: first...UInt64.max)
        }
        return Postings(kind: kind, name: name, tail: positions)
    }

    /// How many positions of a name the index table has.
    func tableCount(
        _ kind: IndexKind, _ name: Span<UInt8>, in transaction: borrowing ReadTransaction
    ) throws -> UInt64 {
        try withLastChunk(kind, name, in: transaction) { $0.before + UInt64($0.count) } ?? 0
    }

    /// The last position of a name, table and tail; `nil` if no event bears it.
    func lastPosition(
        _ kind: IndexKind, _ name: Span<UInt8>, in transaction: borrowing ReadTransaction,
        head: UInt64, floor: UInt64? = nil
    ) throws -> UInt64? {
        let inTail = try withTail(in: transaction, head: head, floor: floor) { tail in
            tail.lastPosition(kind, name, through: head)
        }
        if let inTail { return inTail }
        return try withLastChunk(kind, name, in: transaction) { $0.last }
    }
}
