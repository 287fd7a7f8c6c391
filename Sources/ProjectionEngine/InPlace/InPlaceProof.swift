import EventModel
import SQLite

/// Runs the migrations of two version sets in memory and looks at what they and their handlers touch.
///
/// Each method gives the reason why the change cannot be made in a copy, `nil` for none found.
final class InPlaceProof {
    let definition: ProjectionDefinition
    let older: [Int]
    let newer: [Int]
    /// What the newer set has and the older one has not, in number order.
    let changed: [Migration]
    /// The older set's Ups have run here, then the changed ones.
    private let connection: Connection
    /// The tables and views that the changed migrations make, in small letters.
    private(set) var relations: Set<String> = []

    init(
        _ definition: ProjectionDefinition, older: [Int], newer: [Int], changed: [Migration]
    ) throws(AnnalsError) {
        self.definition = definition
        self.older = older
        self.newer = newer
        self.changed = changed
        connection = try Self.fresh(definition, older)
    }

    /// The first reason that is found.
    func reason(withDowns: Bool) throws(AnnalsError) -> String? {
        for migration in changed {
            if let reason = try reasonInUp(of: migration) { return reason }
        }
        let inOrder = try digest(of: try Self.fresh(definition, newer))
        if try digest(of: connection) != inOrder {
            return "an Up does something else when it runs after those with greater numbers"
        }
        if let reason = try reasonInForeignKeys() { return reason }
        if let reason = try reasonInHandlers() { return reason }
        return withDowns ? try reasonInDowns() : nil
    }

    // MARK: Up

    private func reasonInUp(of migration: Migration) throws(AnnalsError) -> String? {
        var reason: String?
        let runner = runner(migration.up, migration)
        try runner.forEachTraced(.migration(engineTables: EngineTables.names)) {
            (statement, range, accesses) throws(AnnalsError) in
            let found = try wrap { () throws(SQLiteError) in
                try self.reason(afterRunning: statement, accesses) { before, after in
                    before.objects.isSubset(of: after.objects)
                        && accept(after.objects.subtracting(before.objects))
                        && !Self.isFilled(statement.sql)
                }
            }
            reason = reason ?? found.map { "\(place(range.lowerBound, runner)) \($0)" }
        }
        return reason
    }

    /// Whether it is a `CREATE TABLE … AS`: outside of parentheses no other has the word.
    private static func isFilled(_ sql: String) -> Bool {
        let bytes = Array(sql.utf8)
        let words = SQLiteText.tokens(of: sql).map {
            String(decoding: bytes[$0.range], as: UTF8.self).asciiLowercased
        }
        guard words.prefix(3).contains("table") else { return false }
        return words.prefix { $0 != "(" }.contains("as")
    }

    /// Takes new objects note of; whether all of them are tables, views, or parts of those.
    private func accept(_ new: Set<SchemaMoment.Object>) -> Bool {
        for object in new where object.type == "table" || object.type == "view" {
            relations.insert(object.name)
        }
        return new.allSatisfy { relations.contains($0.table) }
    }

    /// Runs a statement that either changes the schema as it may, or rows of the new tables.
    private func reason(
        afterRunning statement: Statement, _ accesses: [TableAccess],
        schemaChangeIsFine: (_ before: SchemaMoment, _ after: SchemaMoment) -> Bool
    ) throws(SQLiteError) -> String? {
        let before = try SchemaMoment(connection)
        let touched = try TouchedTables(connection: connection).names(of: statement, accesses)
        var run = statement.run()
        while try run.step() {}
        let after = try SchemaMoment(connection)
        if before != after {
            return schemaChangeIsFine(before, after) ? nil : "changes more than new tables"
        }
        return touched.subtracting(relations).min().map { "touches \($0)" }
    }

    // MARK: Foreign keys and handlers

    /// A key between old and new would let rows of one side decide about the other's.
    private func reasonInForeignKeys() throws(AnnalsError) -> String? {
        try wrap { () throws(SQLiteError) in
            let sql = """
                SELECT t.name, k."table" FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS k
                WHERE t.type = 'table' ORDER BY t.name, k."table"
                """
            guard let statement = try connection.prepare(sql).statement else { return nil }
            var run = statement.run()
            while try run.step() {
                let child = (run.text(at: 0) ?? "").asciiLowercased
                let parent = (run.text(at: 1) ?? "").asciiLowercased
                if relations.contains(child) != relations.contains(parent) {
                    return "a foreign key leads from \(child) to \(parent)"
                }
            }
            return nil
        }
    }

    /// New handlers touch only what is new, and the others nothing of it.
    private func reasonInHandlers() throws(AnnalsError) -> String? {
        let old = definition.handlers(in: older)
        var reason: String?
        for handler in definition.handlers(in: newer) {
            let isNew = !old.contains(handler)
            let runner = SectionRunner(
                section: handler.section, connection: connection, projection: definition.name,
                migration: handler.number)
            try runner.forEachTraced(.handler(engineTables: EngineTables.names)) {
                (statement, range, accesses) throws(AnnalsError) in
                let touched = try wrap { () throws(SQLiteError) in
                    try TouchedTables(connection: connection).names(of: statement, accesses)
                }
                let wrong =
                    touched.contains(TouchedTables.schema)
                    ? [TouchedTables.schema]
                    : isNew ? touched.subtracting(relations) : touched.intersection(relations)
                if reason == nil, let table = wrong.min() {
                    reason =
                        "\(place(range.lowerBound, runner)) (handler of \(handler.eventType)) touches \(table)"
                }
            }
        }
        return reason
    }

    // MARK: Down

    /// The Downs drop what the Ups made, and touch nothing else on the way.
    private func reasonInDowns() throws(AnnalsError) -> String? {
        var reason: String?
        for migration in changed.reversed() {
            guard case .sql(let section) = migration.down else {
                return "\(migration.fullName) has no SQL in its Down"
            }
            let runner = runner(section, migration)
            try runner.forEachTraced(.migration(engineTables: EngineTables.names)) {
                (statement, range, accesses) throws(AnnalsError) in
                let found = try wrap { () throws(SQLiteError) in
                    try self.reason(afterRunning: statement, accesses) { before, after in
                        after.objects.isSubset(of: before.objects)
                            && before.objects.subtracting(after.objects).allSatisfy {
                                relations.contains($0.table)
                            }
                    }
                }
                reason = reason ?? found.map { "\(place(range.lowerBound, runner)) \($0)" }
            }
        }
        if reason == nil,
            try digest(of: connection) != digest(of: try Self.fresh(definition, older))
        {
            reason = "the Down leaves something behind"
        }
        return reason
    }

    // MARK: Helpers

    /// A database in memory in which the Ups of a version set have run.
    private static func fresh(
        _ definition: ProjectionDefinition, _ versions: [Int]
    ) throws(AnnalsError) -> Connection {
        let connection = try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            // "Now" is the epoch, as when a file is made.
            let connection = try Connection(path: ":memory:", mode: .create, clock: EventClock())
            try connection.execute("BEGIN; \(EngineTables.schema)")
            return connection
        }
        for migration in definition.migrations(in: versions) {
            try SectionRunner(
                section: migration.up, connection: connection, projection: definition.name,
                migration: migration.number
            ).run()
        }
        return connection
    }

    private func runner(_ section: SQLSection, _ migration: Migration) -> SectionRunner {
        SectionRunner(
            section: section, connection: connection, projection: definition.name,
            migration: migration.number)
    }

    private func place(_ start: Int, _ runner: SectionRunner) -> String {
        "\(runner.section.file):\(runner.section.location(utf8Offset: start).line)"
    }

    private func digest(of connection: Connection) throws(AnnalsError) -> String {
        try wrap { () throws(SQLiteError) in try ContentDigest.hex(of: connection) }
    }

    private func wrap<R>(_ body: () throws(SQLiteError) -> R) throws(AnnalsError) -> R {
        try ProjectionDatabase.wrap(definition.name, body)
    }
}
