internal import EventModel
internal import Foundation
internal import GRDB
internal import ProjectionEngine

/// A database that somebody else owns, while a projection is brought into it.
final class ExternalDatabase {
    private let db: Database
    private let program: ForeignProgram
    private let log: String
    private let now: Timestamp
    /// The handlers' statements, prepared once.
    private var statements: [String: Statement] = [:]

    init(db: Database, program: ForeignProgram, log: String, now: Timestamp) {
        self.db = db
        self.program = program
        self.log = log
        self.now = now
    }

    private var projection: String { program.definition.name }

    /// Makes or completes the tables; inside a transaction that ends well or not at all.
    func project(
        from source: some EventSource, through head: Position
    ) throws -> ExternalResult {
        let before = try applied()
        let way: ExternalResult.Way
        if let before {
            way = before == program.versions ? .caughtUp : .remade
        } else {
            way = .created
        }
        if way == .remade, let before { try dropTables(of: before) }
        if way != .caughtUp {
            try checkNames(besidesEngine: way == .remade)
            try create(isNew: way == .created, head)
        }
        let start = Position(
            UInt64(clamping: try Int64.fetchOne(db, sql: "SELECT position FROM checkpoint") ?? 0))
        guard start <= head else {
            throw AnnalsError(
                .corrupt, "LINEAGE",
                "The tables are at position \(start), but the log ends at \(head).",
                hint: "Remove the tables, and look for what shortened the log.",
                context: .init(position: start, projection: projection))
        }
        try program.apply(from: source, after: start, through: head, run: run)
        try db.execute(
            sql: "UPDATE checkpoint SET position = ? WHERE id = 1", arguments: [Int64(head.value)])
        return ExternalResult(
            projection: projection, versions: program.versions, checkpoint: head,
            events: Int(head.value - start.value), way: way,
            foreignKeys: try setting("foreign_keys"),
            recursiveTriggers: try setting("recursive_triggers"))
    }

    /// What the connection or its file said against it.
    func failed(_ message: String) -> AnnalsError {
        AnnalsError(
            .unavailable, "EXTERNAL_FAILED",
            "The connection cannot take the projection '\(projection)': \(message).",
            hint: "Look at its disk, locks and permissions, then repeat.",
            context: .init(projection: projection))
    }

    // MARK: What is there

    /// The migrations that an earlier call has applied; `nil` when there was none.
    /// - Throws: `EXTERNAL_CLASH` when tables of these names are somebody else's.
    private func applied() throws -> [Int]? {
        let found = try ForeignProgram.engineTables.filter { try db.tableExists($0) }
        guard !found.isEmpty else { return nil }
        let columns: [String: [String]] = [
            "checkpoint": ["id", "position", "log_id"],
            "schema_migrations": [
                "version", "module", "name", "applied_at", "checksum", "position", "duration_ms",
            ],
            "quarantine": ["position", "type", "stream", "file", "line", "error"],
        ]
        for (table, names) in columns
        where try !found.contains(table) || db.columns(in: table).map(\.name) != names {
            throw clash(found.sorted())
        }
        let rows = try Row.fetchAll(
            db, sql: "SELECT version, checksum FROM schema_migrations ORDER BY version")
        for row in rows {
            let number: Int = row["version"]
            let checksum: String = row["checksum"]
            guard let migration = program.definition.migration(number),
                Checksums(rendering: checksum)?.tokens == migration.checksums.tokens
            else { throw clash(found.sorted()) }
        }
        guard try String.fetchOne(db, sql: "SELECT log_id FROM checkpoint") == log else {
            throw AnnalsError(
                .invalid, "LINEAGE", "The tables follow another log, or this one before a restore.",
                hint: "Remove them and the engine's tables, then repeat.",
                context: .init(projection: projection))
        }
        return rows.map { $0["version"] }
    }

    /// Refuses names that are taken, also by temporary tables, which would be found first.
    private func checkNames(besidesEngine: Bool) throws {
        var names = program.objects.map(\.name)
        if !besidesEngine { names += ForeignProgram.engineTables.sorted() }
        let taken = try Set(
            String.fetchAll(
                db,
                sql: """
                    SELECT lower(name) FROM main.sqlite_schema
                    UNION ALL SELECT lower(name) FROM temp.sqlite_schema
                    """))
        let clashes = names.filter { taken.contains($0.asciiSmall) }
        if !clashes.isEmpty { throw clash(clashes) }
    }

    private func clash(_ names: [String]) -> AnnalsError {
        AnnalsError(
            .invalid, "EXTERNAL_CLASH",
            "The database has \(names.joined(separator: ", ")) already, and not from this "
                + "projection; nothing was changed.",
            hint: "Rename yours, take another database, or adopt the rows with 'annals adopt'.",
            context: .init(projection: projection))
    }

    private func setting(_ name: String) throws -> Bool {
        try Bool.fetchOne(db, sql: "PRAGMA \(name)") ?? false
    }

    // MARK: Changes

    private func create(isNew: Bool, _ head: Position) throws {
        if isNew { try db.execute(sql: ForeignProgram.engineSchema) }
        try db.execute(sql: "DELETE FROM schema_migrations; DELETE FROM checkpoint")
        try db.execute(
            sql: "INSERT INTO checkpoint (id, position, log_id) VALUES (1, 0, ?)", arguments: [log])
        for migration in program.definition.migrations(in: program.versions) {
            try db.execute(sql: migration.up.sql)
            try db.execute(
                sql: "INSERT INTO schema_migrations VALUES (?, ?, ?, ?, ?, ?, 0)",
                arguments: [
                    migration.number, migration.module, migration.name, now.milliseconds,
                    migration.checksums.rendering, Int64(head.value),
                ])
        }
    }

    /// Takes away what an earlier version set has made, what refers to others first.
    private func dropTables(of versions: [Int]) throws {
        let before = try ForeignProgram(program.definition, versions: versions)
        for object in before.objects.reversed() where object.kind == "view" {
            try db.execute(sql: "DROP VIEW \(quoted(object.name))")
        }
        for object in before.objects.reversed() where object.kind == "table" {
            try db.execute(sql: "DROP TABLE \(quoted(object.name))")
        }
    }

    private func run(_ sql: String, _ values: [ForeignValue]) throws(ForeignError) -> [UInt8] {
        do {
            let statement = try statements[sql] ?? db.makeStatement(sql: sql)
            statements[sql] = statement
            try statement.setArguments(StatementArguments(try values.map(Self.databaseValue)))
            guard statement.columnCount > 0 else {
                try statement.execute()
                return []
            }
            let rows = try Row.fetchCursor(statement)
            var first: [UInt8]?
            while let row = try rows.next() {
                if first == nil { first = (row[0] as String?).map { Array($0.utf8) } ?? [] }
            }
            return first ?? []
        } catch let error as DatabaseError {
            let codes: [ResultCode] = [
                .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM,
                .SQLITE_READONLY, .SQLITE_CORRUPT, .SQLITE_INTERRUPT, .SQLITE_CANTOPEN,
            ]
            throw ForeignError(
                message: error.message ?? "code \(error.resultCode.rawValue)",
                blamesEvent: !codes.contains(error.resultCode))
        } catch let error as ForeignError {
            throw error
        } catch {
            throw ForeignError(message: "\(error)", blamesEvent: false)
        }
    }

    /// A value as GRDB binds it; texts end there at a NUL.
    private static func databaseValue(_ value: ForeignValue) throws -> DatabaseValue {
        switch value {
        case .null: return .null
        case .integer(let value): return value.databaseValue
        case .real(let value): return value.databaseValue
        case .blob(let bytes): return Data(bytes).databaseValue
        case .text(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                throw ForeignError(
                    message: "a text that is not UTF-8 or has a NUL cannot be bound here",
                    blamesEvent: true)
            }
            return text.databaseValue
        }
    }
}
