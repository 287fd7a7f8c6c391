public import EventModel
internal import LMDB

extension EventLog: EventSource {
    /// Lends the event at a position.
    func withEvent<R>(
        at position: UInt64, verifies: Bool = false, in transaction: borrowing ReadTransaction,
        _ body: (borrowing EventView) throws -> R
    ) throws -> R {
        guard let record = try transaction.value(forKey: position, in: tables.events) else {
            throw missing(Position(position))
        }
        let event = try RecordDecoder.view(of: record, at: Position(position))
        if verifies {
            try RecordDecoder.checkData(event.data, of: record, at: Position(position))
        }
        return try body(event)
    }

    /// Lends the events after a position in order; see `EventSource`.
    public func forEachEvent(
        after: Position, through: Position, limit: Int, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        try forEachRecord(after: after, through: through, limit: limit) { record, position in
            try body(try RecordDecoder.view(of: record, at: position))
        }
    }

    /// The same, with the data of each event verified against the digest in its header: for readers that
    /// keep what they read, such as projections.
    ///
    /// - Throws: `RECORD_CORRUPT` with the position, besides what `forEachEvent` throws.
    public func forEachVerifiedEvent(
        after: Position, through: Position, limit: Int, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        try forEachRecord(after: after, through: through, limit: limit) { record, position in
            let event = try RecordDecoder.view(of: record, at: position)
            try RecordDecoder.checkData(event.data, of: record, at: position)
            try body(event)
        }
    }

    /// Lends raw records after a position, in order and without gaps.
    func forEachRecord(
        after: Position, through: Position, limit: Int,
        _ body: (Span<UInt8>, Position) throws -> Void
    ) throws -> Position {
        try environment.read { transaction in
            var cursor = try transaction.cursor(in: tables.events)
            var last = after
            var isAtEvent = limit > 0 && after < through
            if isAtEvent { isAtEvent = try cursor.seek(atLeast: after.value + 1) }
            while isAtEvent {
                let position = last.next
                guard cursor.numericKey == position.value else { throw missing(position) }
                try body(cursor.value, position)
                last = position
                guard last < through, last.value - after.value < UInt64(limit) else { break }
                isAtEvent = try cursor.next()
            }
            return last
        }
    }

    /// Lends the events that match a query, in order of position, until `limit` were lent.
    ///
    /// One call is one snapshot. To go on, call again with the position that was returned.
    /// - Parameter verifies: whether the data of each event is verified against the digest in its header
    ///   before it is lent, for readers that keep what they read; `RECORD_CORRUPT` is thrown then.
    /// - Returns: the position up to which everything was looked at.
    public func read(
        _ query: EventQuery, after: Position = .start, through: Position? = nil,
        limit: Int = 4_096, verifies: Bool = false, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        if query.items.isEmpty {
            let end = through ?? Position(.max)
            return verifies
                ? try forEachVerifiedEvent(after: after, through: end, limit: limit, body)
                : try forEachEvent(after: after, through: end, limit: limit, body)
        }
        return try environment.read { transaction in
            let head = try head(in: transaction)
            let end = min(head, through?.value ?? head)
            guard after.value < end else { return after }
            var next = after.value + 1
            var walk = try QueryWalk(query, of: self, in: transaction, from: next, head: head)
            var count = 0
            while count < limit {
                let match = try walk.next(atLeast: next, in: transaction, tables, head: end)
                guard let match, match <= end else { return Position(end) }
                try withEvent(at: match, verifies: verifies, in: transaction, body)
                next = match + 1
                count += 1
            }
            return Position(next - 1)
        }
    }

    /// Lends a stream's events from a revision on, in order, until `limit` were lent.
    public func readStream(
        _ stream: String, from revision: Revision = Revision(1), limit: Int = 4_096,
        _ body: (borrowing EventView) throws -> Void
    ) throws {
        try environment.read { transaction in
            let head = try head(in: transaction)
            let name = stream.utf8Bytes
            var next = try position(ofRevision: revision, name, in: transaction, head: head)
            var postings = try postings(.stream, name, in: transaction, from: next, head: head)
            for _ in 0..<max(limit, 0) {
                guard let found = try postings.next(atLeast: next, in: transaction, tables) else {
                    return
                }
                try withEvent(at: found, in: transaction, body)
                next = found + 1
            }
        }
    }

    /// The position of the stream's event of a revision; one behind the head if it has none yet.
    private func position(
        ofRevision revision: Revision, _ stream: [UInt8],
        in transaction: borrowing ReadTransaction, head: UInt64
    ) throws -> UInt64 {
        let wanted = max(revision.value, 1)
        let inTable = try tableCount(.stream, stream.span, in: transaction)
        if wanted > inTable {
            let positions = try withTail(in: transaction, head: head) { tail in
                tail.positions(.stream, stream.span, in: 1...max(head, 1))
            }
            let index = wanted - inTable - 1
            return index < UInt64(positions.count) ? positions[Int(index)] : head + 1
        }
        // The chunks say how many positions lie before them: the right one is found by halving.
        var cursor = try transaction.cursor(in: tables.index(.stream))
        var (low, high) = (wanted, head)
        while low <= high {
            let middle = low + (high - low) / 2
            guard try cursor.seekChunk(of: stream.span, atOrBefore: middle) else {
                low = middle + 1
                continue
            }
            let chunk = try IndexChunk(key: cursor.key, value: cursor.value)
            if wanted <= chunk.before {
                high = chunk.first - 1
            } else if wanted - chunk.before <= UInt64(chunk.count) {
                return chunk.position(at: Int(wanted - chunk.before) - 1)
            } else {
                low = middle + 1
            }
        }
        throw AnnalsError(
            .corrupt, "INDEX_WRONG",
            "The stream index of '\(String(decoding: stream, as: UTF8.self))' misses revision \(wanted).",
            hint: "Run 'annals doctor --rebuild-indexes': indexes are made from the records.")
    }

    /// Lends events backwards: those before a position (the head included without one), newest first.
    public func readBackward(
        _ query: EventQuery = .all, before: Position? = nil, limit: Int = 4_096,
        _ body: (borrowing EventView) throws -> Void
    ) throws {
        try environment.read { transaction in
            let head = try head(in: transaction)
            var end = head
            if let before { end = before.value > head ? head : max(before.value, 1) - 1 }
            var lent = 0
            // Windows that grow keep the search for rare events short without remembering them all.
            var width: UInt64 = 256
            while end > 0, lent < limit {
                let start = end > width ? end - width : 0
                var matches: [UInt64] = []
                var walk = try QueryWalk(
                    query, of: self, in: transaction, from: start + 1, head: end)
                while let match = try walk.next(
                    atLeast: (matches.last ?? start) + 1, in: transaction, tables, head: end),
                    match <= end
                {
                    matches.append(match)
                }
                for match in matches.reversed().prefix(limit - lent) {
                    try withEvent(at: match, in: transaction, body)
                    lent += 1
                }
                end = start
                width = min(width * 4, 1 << 20)
            }
        }
    }

    /// The position of the last event recorded at or before a time; 0 if all are later.
    ///
    /// `recorded` never decreases along the log, so this is a binary search.
    public func position(recordedThrough time: Timestamp) throws(AnnalsError) -> Position {
        try logCall("searching for a time") {
            try environment.read { transaction in
                var low: UInt64 = 0
                var high = try head(in: transaction)
                while low < high {
                    let middle = high - (high - low) / 2
                    let recorded = try withEvent(at: middle, in: transaction) { $0.recorded }
                    if recorded <= time { low = middle } else { high = middle - 1 }
                }
                return Position(low)
            }
        }
    }

    /// The revision of a stream's last event; 0 if it has none.
    public func lastRevision(of stream: String) throws(AnnalsError) -> Revision {
        try logCall("reading the stream '\(stream)'") {
            try environment.read { transaction in
                let head = try head(in: transaction)
                let name = stream.utf8Bytes
                let last = try lastPosition(.stream, name.span, in: transaction, head: head)
                guard let last else { return .none }
                return try withEvent(at: last, in: transaction) { $0.revision }
            }
        }
    }

    /// The position of the event with a client id; `nil` if there is none.
    public func position(ofID id: String) throws(AnnalsError) -> Position? {
        try logCall("looking for the id '\(id)'") {
            try environment.read { transaction in
                let head = try head(in: transaction)
                return try lastPosition(.id, id.utf8Bytes.span, in: transaction, head: head)
                    .map { Position($0) }
            }
        }
    }
}
