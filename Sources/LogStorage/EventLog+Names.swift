public import EventModel
internal import LMDB

/// A stream, type or tag that occurs in the log.
public struct NameSummary: Sendable, Equatable {
    /// The name.
    public let name: String
    /// How many events bear it.
    public let count: UInt64
    /// The last of them.
    public let lastPosition: Position
}

extension EventLog {
    /// All streams in the order of their names' bytes.
    public func streams() throws(AnnalsError) -> [NameSummary] { try names(.stream) }

    /// All event types in the order of their names' bytes.
    public func types() throws(AnnalsError) -> [NameSummary] { try names(.type) }

    /// All tags in the order of their names' bytes.
    public func tags() throws(AnnalsError) -> [NameSummary] { try names(.tag) }

    private func names(_ kind: IndexKind) throws(AnnalsError) -> [NameSummary] {
        try logCall("listing names") {
            try environment.read { transaction in
                let head = try head(in: transaction)
                // Both lists are in the order of the names' bytes, so they are merged as they come.
                var inTail: [NameSummary] = []
                try withTail(in: transaction, head: head) { tail in
                    tail.forEachName(through: head) { nameKind, bytes, positions in
                        guard nameKind == kind else { return }
                        inTail.append(
                            NameSummary(
                                name: String(utf8: bytes), count: UInt64(positions.count),
                                lastPosition: Position(positions[positions.count - 1])))
                    }
                }
                var merged: [NameSummary] = []
                var rest = inTail[...]
                try forEachNameInTable(kind, in: transaction) { name, count, last in
                    while let next = rest.first, next.name.utf8.lexicographicallyPrecedes(name.utf8)
                    {
                        merged.append(rest.removeFirst())
                    }
                    var summary = NameSummary(
                        name: name, count: count, lastPosition: Position(last))
                    // Byte by byte: Swift's own equality folds texts that are different names here.
                    if let next = rest.first, next.name.utf8.elementsEqual(name.utf8) {
                        rest.removeFirst()
                        summary = NameSummary(
                            name: name, count: count + next.count, lastPosition: next.lastPosition)
                    }
                    merged.append(summary)
                }
                return merged + rest
            }
        }
    }

    /// Leaps from the last chunk of a name to the last chunk of the next one.
    private func forEachNameInTable(
        _ kind: IndexKind, in transaction: borrowing ReadTransaction,
        _ body: (_ name: String, _ count: UInt64, _ last: UInt64) -> Void
    ) throws {
        var cursor = try transaction.cursor(in: tables.index(kind))
        var isAtChunk = try cursor.next()
        while isAtChunk {
            let name = [UInt8](copying: IndexChunk.name(in: cursor.key))
            _ = try cursor.seekChunk(of: name.span, atOrBefore: .max)
            do {
                let chunk = try IndexChunk(key: cursor.key, value: cursor.value)
                let count = chunk.before + UInt64(chunk.count)
                body(String(decoding: name, as: UTF8.self), count, chunk.last)
            }
            isAtChunk = try cursor.next()
        }
    }
}
