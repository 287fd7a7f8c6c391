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
                    tail.forEachName(kind, through: head) { bytes, positions in
                        inTail.append(
                            NameSummary(
                                name: String(utf8: bytes), count: UInt64(positions.count),
                                lastPosition: Position(positions.last ?? 0)))
                    }
                }
                var merged: [NameSummary] = []
                var rest = inTail[...]
                var cursor = try transaction.cursor(in: tables.index(kind))
                while try cursor.nextKey() {
                    let name = String(utf8: cursor.key)
                    let count = try cursor.valueCount()
                    _ = try cursor.lastValue()
                    while let next = rest.first, next.name.utf8.lexicographicallyPrecedes(name.utf8)
                    {
                        merged.append(rest.removeFirst())
                    }
                    // Byte by byte: Swift's own equality folds texts that are different names here.
                    if let next = rest.first, next.name.utf8.elementsEqual(name.utf8) {
                        rest.removeFirst()
                        merged.append(
                            NameSummary(
                                name: name, count: count + next.count,
                                lastPosition: next.lastPosition))
                    } else {
                        merged.append(
                            NameSummary(
                                name: name, count: count,
                                lastPosition: Position(cursor.numericValue ?? 0)))
                    }
                }
                return merged + rest
            }
        }
    }
}
