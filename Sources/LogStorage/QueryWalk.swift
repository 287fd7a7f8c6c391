internal import EventModel
internal import LMDB

/// Finds the events of a query in a snapshot, in ascending order of position.
struct QueryWalk {
    fileprivate var items: [Item]

    /// One alternative of the query: all of `required`, and one of `types` unless there are none.
    fileprivate struct Item {
        var required: [Postings]
        var types: [Postings]
    }

    /// - Parameter first: the first position that will be asked for.
    init(
        _ query: EventQuery, of log: EventLog, in transaction: borrowing ReadTransaction,
        from first: UInt64, head: UInt64, overlay: TailIndex? = nil
    ) throws {
        func postings(_ kind: IndexKind, _ name: String) throws -> Postings {
            try log.postings(
                kind, name.utf8Bytes, in: transaction, from: first, head: head, overlay: overlay)
        }
        items = []
        for item in query.items {
            var required: [Postings] = []
            for tag in item.tags {
                required.append(try postings(.tag, tag))
            }
            if let stream = item.stream {
                required.append(try postings(.stream, stream))
            }
            var types: [Postings] = []
            for type in item.types {
                types.append(try postings(.type, type))
            }
            items.append(Item(required: required, types: types))
        }
    }

    /// The first matching position that is at least `position`; `nil` when there is none.
    mutating func next(
        atLeast position: UInt64, in transaction: borrowing ReadTransaction, _ tables: LogTables,
        head: UInt64
    ) throws -> UInt64? {
        if items.isEmpty { return position <= head ? position : nil }
        var first: UInt64?
        for index in items.indices {
            let match = try items[index].next(
                atLeast: position, in: transaction, tables, head: head)
            if let match, first.map({ match < $0 }) ?? true { first = match }
        }
        return first
    }
}

extension QueryWalk.Item {
    /// Leaps from list to list until all of them hold the same position.
    fileprivate mutating func next(
        atLeast position: UInt64, in transaction: borrowing ReadTransaction, _ tables: LogTables,
        head: UInt64
    ) throws -> UInt64? {
        var candidate = position
        search: while candidate <= head {
            for index in required.indices {
                let found = try required[index].next(atLeast: candidate, in: transaction, tables)
                guard let found else { return nil }
                if found > candidate {
                    candidate = found
                    continue search
                }
            }
            if types.isEmpty { return candidate }
            var nearest: UInt64?
            for index in types.indices {
                let found = try types[index].next(atLeast: candidate, in: transaction, tables)
                if let found, nearest.map({ found < $0 }) ?? true { nearest = found }
            }
            guard let nearest else { return nil }
            if nearest == candidate { return candidate }
            candidate = nearest
        }
        return nil
    }
}
