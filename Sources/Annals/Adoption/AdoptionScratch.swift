internal import Crypto
internal import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine
internal import SQLite

/// The events of an adoption in a log of their own, and projections that are built from it: all of it
/// is tried there before the store's log is touched.
final class AdoptionScratch {
    /// The events in the order in which they are going to be appended.
    let log: EventLog
    /// SHA-256 over the events of the rows, in hex: names the adoption, once they are written.
    private(set) var digest = ""
    /// Events of rows: those behind the seeds.
    private(set) var rows = 0
    private var lastRow = Position.start
    private let folder: String
    private let definition: ProjectionDefinition
    private let occurred: Timestamp
    private var hash = SHA256()
    /// What the digest has still to take in: many short pieces at once cost a third.
    private var unhashed: [UInt8] = []
    private var pending: [Event] = []
    private var pendingBytes = 0
    /// The last position of each batch: read back, one of them is as small as it was written.
    private var batches: [Position] = []

    /// Events and bytes of data of one commit.
    private static let hashBytes = 64 << 10
    private static let batchEventsMax = 16_384
    private static let batchBytesMax = 16 << 20

    /// Makes an empty log.
    /// - Parameter occurred: when the rows were adopted.
    init(
        in folder: String, _ definition: ProjectionDefinition, occurred: Timestamp
    ) throws(AnnalsError) {
        self.folder = folder
        self.definition = definition
        self.occurred = occurred
        let path = "\(folder)/log"
        try StoreFiles.createFolder(path)
        try EventLog.create(
            folder: path, id: String(repeating: "0", count: 32), clock: { occurred })
        log = try EventLog(folder: path, access: .readWrite, clock: { occurred })
    }

    // MARK: Writing

    /// Writes the seeds of a version set.
    func write(seedsOf versions: [Int]) throws(AnnalsError) {
        for seed in definition.seeds(in: versions) { try add(Event(seed), isRow: false) }
        try flush()
    }

    /// Writes a `removed` event for every row that the seeds have made: the file says which rows are.
    /// - Throws: `ADOPT_HANDLERS` when the projection cannot remove them.
    func writeRemovals(_ plan: AdoptionPlan) throws(AnnalsError) {
        guard try log.head() > .start else { return }
        let file = try build(plan.versions, name: "seeds") { _, _ in }
        defer { do { try FileManager.default.removeItem(atPath: file.path) } catch {} }
        let handled = Set(definition.handlers(in: plan.versions).map(\.eventType))
        let seeded = try AdoptionSource(path: file.path, scratch: folder, isForeign: false)
        for table in plan.tables.reversed() {
            let own = try AdoptedTable.read(table.source.name, seeded)
            guard own.count > 0 else { continue }
            guard handled.contains("\(table.word).removed") else {
                throw AnnalsError(
                    .invalid, "ADOPT_HANDLERS",
                    "Seeds make \(own.count) rows of the table \(own.name), and the projection "
                        + "'\(definition.name)' has no handler of \(table.word).removed.",
                    hint: "Print it with --scaffold and put it into the migration of the table.",
                    context: .init(projection: definition.name))
            }
            try write(own, table.word, event: "removed", seeded, in: nil) { _ in }
        }
        try flush()
    }

    /// Writes an `adopted` event for every row of the file, then the references of circles.
    func writeRows(
        _ plan: AdoptionPlan, _ source: AdoptionSource, progress: (AdoptProgress) -> Void
    ) throws(AnnalsError) {
        let total = plan.tables.reduce(0) { $0 + $1.source.count }
        let before = rows
        for table in plan.tables where table.source.count > 0 {
            try write(table.source, table.word, event: "adopted", source, in: nil) { rows in
                progress(.init(step: .reading, done: rows - before, total: total))
            }
        }
        for table in plan.tables where !table.source.deferred.isEmpty {
            try write(
                table.source.linking, table.word, event: "linked", source,
                in: AdoptionOrder.linkedRows(of: table.source)
            ) { _ in progress(.init(step: .reading, done: total, total: total)) }
        }
        try flush()
        lastRow = try log.head()
        hashPending()
        digest = hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    /// - Parameter order: the statement that gives the rows; `nil` for all of them, parents first.
    private func write(
        _ table: AdoptedTable, _ word: String, event: String, _ source: AdoptionSource,
        in order: String?, progress: (Int) -> Void
    ) throws(AnnalsError) {
        let sql: String
        if let order { sql = order } else { sql = try AdoptionOrder.rows(of: table, source) }
        var encoder = RowEncoder(table, word: word, event: event, source)
        guard
            let statement = try source.reading({ () throws(SQLiteError) in
                try source.connection.prepare(sql).statement
            })
        else { return }
        var run = statement.run()
        while true {
            var hasRow = false
            do throws(SQLiteError) { hasRow = try run.step() } catch {
                try source.reading { () throws(SQLiteError) in throw error }
            }
            guard hasRow else { return }
            try add(try encoder.event(run, occurred: occurred), isRow: true)
            if rows % 8_192 == 0 {
                guard !Task.isCancelled else { throw Self.interrupted }
                progress(rows)
            }
        }
    }

    private func add(_ event: Event, isRow: Bool) throws(AnnalsError) {
        if isRow {
            rows += 1
            for part in [event.type, event.stream] {
                unhashed.append(contentsOf: part.utf8)
                unhashed.append(0)
            }
            unhashed += event.data
            unhashed.append(0)
            if unhashed.count >= Self.hashBytes { hashPending() }
        }
        pending.append(event)
        pendingBytes += event.data.count
        if pending.count >= Self.batchEventsMax || pendingBytes >= Self.batchBytesMax {
            try flush()
        }
    }

    private func hashPending() {
        hash.update(data: unhashed)
        unhashed.removeAll(keepingCapacity: true)
    }

    private func flush() throws(AnnalsError) {
        guard !pending.isEmpty else { return }
        _ = try log.appendAndWait(try PreparedAppend(pending))
        batches.append(try log.head())
        pending.removeAll(keepingCapacity: true)
        pendingBytes = 0
    }

    // MARK: Reading

    /// Builds a projection from the log, as a file that stands alone.
    func build(
        _ versions: [Int], name: String, progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> (path: String, digest: String) {
        let path = "\(folder)/\(name).sqlite"
        let head = try log.head()
        let database = try ProjectionDatabase.create(
            path: path, definition: definition, versions: versions, appliedAt: occurred,
            logID: log.id, headAtCreation: head)
        _ = try database.apply(
            from: StoppableLog(log: VerifiedEvents(log), consequence: "nothing was adopted"),
            through: head, policy: .stop, progress: { progress($0, head) })
        try database.finishCopy()
        return (path, try database.contentDigest())
    }

    /// Hands on the events batch by batch, each of them with an id that follows from the rows: what
    /// an interrupted adoption has appended is known again.
    func forEachBatch(_ body: ([Event]) throws -> Void) throws {
        var after = Position.start
        for last in batches {
            var events: [Event] = []
            _ = try log.forEachEvent(after: after, through: last, limit: .max) { view in
                let event = view.copy()
                events.append(
                    Event(
                        type: event.type, stream: event.stream, data: event.data,
                        id: event.id ?? id(event.position), occurred: event.occurred))
            }
            try body(events)
            after = last
        }
    }

    /// The id of an event of a row.
    func id(_ position: Position) -> String { Self.idPrefix(digest) + "\(position)" }

    /// What the ids of an adoption's events begin with.
    static func idPrefix(_ digest: String) -> String { "adopt/\(digest.prefix(16))/" }

    /// The id of the last row's event, `nil` without a row: when it is in a log, all of them are.
    var lastID: String? { rows == 0 ? nil : id(lastRow) }

    private static let interrupted = AnnalsError(
        .unavailable, "INTERRUPTED", "Stopped: nothing was adopted.", hint: "Repeat the command.")
}
