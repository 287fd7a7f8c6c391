import EventModel
import SQLite

/// The views and triggers of a schema, which SQLite compiles only when they are used.
struct SchemaObjects {
    let definition: ProjectionDefinition
    let connection: Connection

    /// A view or trigger that cannot be used.
    struct Dangling {
        let name: String
        let isView: Bool
        /// At the object's CREATE statement.
        let error: AnnalsError
    }

    /// Compiles every view and trigger.
    /// - Throws: `invalid`, `SQL_ERROR` or `SQL_REFUSED`, at the object's CREATE statement.
    func check(_ versions: [Int], last: Migration) throws(AnnalsError) {
        if let first = try dangling(versions, last: last).first { throw first.error }
    }

    /// The views and triggers that SQLite cannot compile.
    func dangling(_ versions: [Int], last: Migration) throws(AnnalsError) -> [Dangling] {
        var found: [Dangling] = []
        let views = try rows("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
        for name in views.map({ $0[0] }) {
            // Reading the engine's tables is fine in a view that no handler uses.
            let error = compile(
                "SELECT * FROM \(quoted(name)) LIMIT 0", as: .migration(engineTables: []),
                Object(kind: "view", name: name), versions, last)
            if let error { found.append(Dangling(name: name, isView: true, error: error)) }
        }
        for trigger in try rows(
            "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
        {
            guard let sql = try statement(firing: trigger[2], on: trigger[1]) else { continue }
            let error = compile(
                sql, as: .handler(engineTables: EngineTables.names),
                Object(kind: "trigger", name: trigger[0]), versions, last)
            if let error { found.append(Dangling(name: trigger[0], isView: false, error: error)) }
        }
        return found
    }

    /// A statement that fires a trigger; `nil` for an update of a table without columns to set.
    private func statement(
        firing trigger: String, on table: String
    ) throws(AnnalsError) -> String? {
        let words = SQLiteText.tokens(of: trigger).map(\.range).map {
            String(decoding: Array(trigger.utf8)[$0], as: UTF8.self).lowercased()
        }
        // A trigger's event is the first of these words that ON or OF follows.
        let event = zip(words, words.dropFirst()).first {
            ["insert", "update", "delete"].contains($0.0) && ["on", "of"].contains($0.1)
        }?.0
        if event == "insert" { return "INSERT INTO \(quoted(table)) DEFAULT VALUES" }
        if event == "delete" { return "DELETE FROM \(quoted(table))" }
        let columns = try rows(
            "SELECT name FROM pragma_table_xinfo(\(text(table))) WHERE hidden = 0")
        let assignments = columns.map { "\(quoted($0[0])) = \(quoted($0[0]))" }
        guard !assignments.isEmpty else { return nil }
        return "UPDATE \(quoted(table)) SET \(assignments.joined(separator: ", "))"
    }

    private struct Object {
        let kind: String
        let name: String
    }

    private func compile(
        _ sql: String, as authorizer: Authorizer, _ object: Object, _ versions: [Int],
        _ last: Migration
    ) -> AnnalsError? {
        do throws(SQLiteError) {
            _ = try connection.authorized(by: authorizer) { () throws(SQLiteError) in
                try connection.prepare(sql)
            }
            return nil
        } catch {
            return place(of: object, in: versions, last, error)
        }
    }

    /// The error at the statement that creates the object.
    private func place(
        of object: Object, in versions: [Int], _ last: Migration, _ error: SQLiteError
    ) -> AnnalsError {
        let makers = definition.migrations(in: versions).reversed()
        for maker in makers {
            guard let offset = Self.offset(of: object, in: maker.up.sql) else { continue }
            return maker.up.error(
                error.refusal == nil ? "SQL_ERROR" : "SQL_REFUSED", at: offset,
                "the \(object.kind) \(object.name) cannot be used: \(error.message)",
                hint: error.refusal?.hint ?? "Correct it; the words are SQLite's.",
                projection: definition.name, migration: maker.number
            ).at(last)
        }
        return last.up.error(
            "SQL_ERROR", at: 0,
            "the \(object.kind) \(object.name) cannot be used: \(error.message)",
            hint: "Correct it; the words are SQLite's.", projection: definition.name,
            migration: last.number)
    }

    /// Where the last `CREATE VIEW name` or `CREATE TRIGGER name` of a text stands.
    private static func offset(of object: Object, in sql: String) -> Int? {
        let bytes = Array(sql.utf8)
        let tokens = SQLiteText.tokens(of: sql)
        let words = tokens.map { String(decoding: bytes[$0.range], as: UTF8.self).lowercased() }
        let name = object.name.lowercased()
        var create: Int?
        var found: Int?
        for (index, word) in words.enumerated() {
            if word == "create" { create = tokens[index].range.lowerBound }
            guard word == object.kind, let start = create else { continue }
            // The name follows, perhaps behind `IF NOT EXISTS` and `main.`.
            let next = words[(index + 1)...].prefix(6)
            if next.contains(where: { $0 == name || $0.dropFirst().dropLast() == name }) {
                found = start
            }
        }
        return found
    }

    /// The rows of a query as texts.
    private func rows(_ sql: String) throws(AnnalsError) -> [[String]] {
        do throws(SQLiteError) {
            var rows: [[String]] = []
            guard let statement = try connection.prepare(sql).statement else { return [] }
            var run = statement.run()
            while try run.step() {
                rows.append((0..<statement.columnCount).map { run.text(at: $0) ?? "" })
            }
            return rows
        } catch {
            throw .database(error, projection: definition.name)
        }
    }

    private func text(_ value: String) -> String { "'\(value.replacing("'", with: "''"))'" }

    private func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }
}
