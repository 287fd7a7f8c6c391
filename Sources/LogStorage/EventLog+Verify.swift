public import EventModel
internal import LMDB

/// What a full check of the log found.
public struct LogReport: Sendable {
    /// The head at the time of the check.
    public let head: Position
    /// The problems, first ones first, at most `problemsMax`.
    public internal(set) var problems: [AnnalsError] = []
    /// The number of all problems.
    public internal(set) var problemCount = 0

    /// Problems that are kept in full.
    public static let problemsMax = 100

    mutating func add(_ problem: AnnalsError) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(problem) }
    }
}

extension EventLog {
    /// Events checked per read transaction.
    private static var verifyPortion: Int { 16_384 }

    /// Checks the structure of every page that the log uses, without reading through LMDB, which a
    /// damaged page can make end the process.
    ///
    /// `verify` begins with it, as does a backup.
    /// - Throws: `LOG_DAMAGED` with the number of the first page that is not as it must be.
    public func checkPages() throws(AnnalsError) {
        try logCall("checking its pages") { try environment.checkPages() }
    }

    /// Checks every page, record (checksum, digest of the data, order, times, revisions) and every index
    /// entry against the records.
    ///
    /// - Parameter progress: called now and then with the position reached and the head.
    /// - Returns: what was found; a damaged page is the only problem then, and the head not known (0).
    /// - Throws: only what keeps it from reading at all; damage is in the report.
    public func verify(
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> LogReport {
        do {
            try checkPages()
        } catch {
            guard error.kind == .corrupt else { throw error }
            var report = LogReport(head: .start)
            report.add(error)
            return report
        }
        var report = LogReport(head: try head())
        var expected = ExpectedIndex()
        var position = Position.start
        while position < report.head {
            let after = position
            do {
                position = try forEachRecord(
                    after: after, through: report.head, limit: Self.verifyPortion
                ) { record, at in
                    position = at
                    do throws(AnnalsError) {
                        let event = try RecordDecoder.view(of: record, at: at)
                        expected.add(event, &report)
                        try RecordDecoder.checkData(event.data, of: record, at: at)
                    } catch {
                        report.add(error)
                    }
                }
            } catch {
                report.add(logError(error, whileDoing: "reading after position \(position)"))
                // What cannot be read is stepped over, so that one report names all the damage.
                position = position.next
            }
            progress(position, report.head)
        }
        let head = report.head
        if report.problemCount == 0 {
            do {
                try environment.read { transaction in
                    try expected.compare(with: self, in: transaction, head: head.value, &report)
                }
            } catch {
                report.add(logError(error, whileDoing: "checking the indexes"))
            }
        }
        return report
    }
}

/// What the indexes must hold, by the records: for each name the number of its positions and a sum
/// over them, so that a log of any size is checked in memory that grows only with its names.
private struct ExpectedIndex {
    private var names = NameTable()
    private var sums: [(count: UInt64, sum: UInt64, last: UInt64)] = []
    private var lastRecorded = Int64.min

    mutating func add(_ event: borrowing EventView, _ report: inout LogReport) {
        if event.recorded.milliseconds < lastRecorded {
            report.add(
                RecordDecoder.corrupt(event.position, "it was recorded before the one before it"))
        }
        lastRecorded = max(lastRecorded, event.recorded.milliseconds)
        let revision = add(.stream, event.streamBytes, event.position.value)
        if event.revision.value != revision {
            report.add(
                RecordDecoder.corrupt(
                    event.position,
                    "its revision is \(event.revision), but it is event \(revision) of its stream"))
        }
        _ = add(.type, event.typeBytes, event.position.value)
        if !event.idBytes.isEmpty {
            let count = add(.id, event.idBytes, event.position.value)
            if count > 1 {
                report.add(RecordDecoder.corrupt(event.position, "its id occurs before"))
            }
        }
        var start = 0
        let tags = event.tagBytes
        while start < tags.count {
            let end = start + 1 + Int(tags[start])
            _ = add(.tag, tags.extracting((start + 1)..<end), event.position.value)
            start = end
        }
    }

    /// Counts a position of a name; returns how many it has now.
    private mutating func add(
        _ kind: IndexKind, _ name: Span<UInt8>, _ position: UInt64
    ) -> UInt64 {
        let (number, isNew) = names.findOrAdd(kind, name)
        if isNew { sums.append((0, 0, 0)) }
        sums[number].count += 1
        sums[number].sum &+= mixed(position)
        sums[number].last = position
        return sums[number].count
    }

    /// Spreads a position over 64 bits, so that wrong positions do not cancel out in a sum.
    private func mixed(_ position: UInt64) -> UInt64 {
        var mixed = position &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        return mixed &* 0xBF58_476D_1CE4_E5B9
    }

    /// Compares with the index tables and the tail, name by name.
    func compare(
        with log: EventLog, in transaction: borrowing ReadTransaction, head: UInt64,
        _ report: inout LogReport
    ) throws {
        var found = Array(repeating: (count: UInt64(0), sum: UInt64(0)), count: sums.count)
        func count(_ kind: IndexKind, _ name: Span<UInt8>, _ position: UInt64) {
            guard position <= head else { return }
            guard let number = names.find(kind, name) else {
                report.add(Self.wrong(kind, String(utf8: name), "no event bears this name"))
                return
            }
            found[number].count += 1
            found[number].sum &+= mixed(position)
        }
        let indexed = try log.indexedThrough(in: transaction)
        for kind in IndexKind.allCases {
            var cursor = try transaction.cursor(in: log.tables.index(kind))
            while try cursor.next() {
                let name = IndexChunk.name(in: cursor.key)
                let chunk = try IndexChunk(key: cursor.key, value: cursor.value)
                if let number = names.find(kind, name), found[number].count != chunk.before {
                    report.add(
                        Self.wrong(
                            kind, String(utf8: name),
                            "a chunk says that \(chunk.before) positions lie before it, but \(found[number].count) do"
                        ))
                }
                for index in 0..<chunk.count { count(kind, name, chunk.position(at: index)) }
                if chunk.last > indexed {
                    report.add(
                        Self.wrong(
                            kind, String(utf8: name), "it goes beyond position \(indexed)"))
                }
            }
        }
        try log.withTail(in: transaction, head: head) { tail in
            tail.forEachName(through: head) { kind, name, positions in
                for index in positions.indices { count(kind, name, positions[index]) }
            }
        }
        for (number, expected) in sums.enumerated()
        where found[number].count != expected.count || found[number].sum != expected.sum {
            let name = String(utf8: names.bytes(of: number))
            report.add(
                Self.wrong(
                    names.names[number].kind, name,
                    "it has \(found[number].count) positions, the records \(expected.count)"))
        }
    }

    private static func wrong(_ kind: IndexKind, _ name: String, _ what: String) -> AnnalsError {
        AnnalsError(
            .corrupt, "INDEX_WRONG", "The \(kind) index of '\(name)' is wrong: \(what).",
            hint: "Run 'annals doctor --rebuild-indexes': indexes are made from the records.")
    }
}
