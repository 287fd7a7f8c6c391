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
                var found: [String.UTF8Key: (count: UInt64, last: UInt64)] = [:]
                var cursor = try transaction.cursor(in: tables.index(kind))
                while try cursor.nextKey() {
                    let name = String(utf8: cursor.key)
                    let count = try cursor.valueCount()
                    _ = try cursor.lastValue()
                    found[String.UTF8Key(name)] = (count, cursor.numericValue ?? 0)
                }
                try withTail(in: transaction, head: head) { tail in
                    tail.forEachName(kind, through: head) { bytes, positions in
                        let key = String.UTF8Key(String(decoding: bytes, as: UTF8.self))
                        found[key, default: (0, 0)].count += UInt64(positions.count)
                        found[key]?.last = positions.last ?? 0
                    }
                }
                return found.map { key, value in
                    NameSummary(
                        name: key.text, count: value.count, lastPosition: Position(value.last))
                }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            }
        }
    }
}

extension String {
    /// A text that is equal to another only byte by byte; Swift's own equality folds canonically
    /// equivalent texts, which are different names here.
    struct UTF8Key: Hashable {
        let text: String

        init(_ text: String) { self.text = text }

        static func == (left: UTF8Key, right: UTF8Key) -> Bool {
            left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}
