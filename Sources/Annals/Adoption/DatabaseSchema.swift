internal import EventModel
internal import ProjectionEngine
internal import SQLite

/// The schema of a database that is to become a projection: what is taken over, and what is not.
struct DatabaseSchema {
    /// A table, index or view with its statement.
    struct Object {
        let name: String
        let sql: String
    }

    /// The tables and their statements, by name.
    private(set) var tables: [(table: AdoptedTable, sql: String)] = []
    /// Indexes that have a statement, of those tables.
    private(set) var indexes: [Object] = []
    private(set) var views: [Object] = []
    /// What is left in the file.
    private(set) var ignored: [AdoptResult.Ignored] = []

    /// Reads the schema of a file.
    /// - Throws: `ADOPT_EMPTY` for a file without a table to adopt, `ADOPT_NAME`.
    init(_ source: AdoptionSource) throws(AnnalsError) {
        let rows = try source.reading { () throws(SQLiteError) in
            try Self.rows(source.connection)
        }
        try Self.checkNames(rows)
        for row in rows where row.kind == "table" {
            if let reason = Self.reason(row) {
                ignored.append(.init(kind: "table", name: row.name, reason: reason))
            } else {
                tables.append((try AdoptedTable.read(row.name, source), row.sql))
            }
        }
        guard !tables.isEmpty else {
            throw AnnalsError(
                .invalid, "ADOPT_EMPTY", "\(source.path) has no table to adopt.",
                hint: "If its rows are in a -wal beside it, name the file in the -wal's folder.",
                context: .init(file: source.path))
        }
        let taken = Set(tables.map(\.table.name.asciiSmall))
        for row in rows where row.kind != "table" {
            switch row.kind {
            case "index" where taken.contains(row.table.asciiSmall):
                indexes.append(Object(name: row.name, sql: Self.oneLine(row.sql)))
            case "view":
                views.append(Object(name: row.name, sql: Self.ended(row.sql)))
            case "trigger":
                // What it did to the rows stands in them; handlers say what happens from now on.
                ignored.append(
                    .init(kind: "trigger", name: row.name, reason: "handlers take its place"))
            default: continue
            }
        }
    }

    /// Refuses tables that have the names of the store's own in every projection.
    ///
    /// A file that has all of those is a projection's: then they are the store's.
    private static func checkNames(_ rows: [Row]) throws(AnnalsError) {
        let tables = rows.filter { $0.kind == "table" }
        let names = Set(tables.map(\.name.asciiSmall))
        guard !ForeignProgram.engineTables.isSubset(of: names) else { return }
        let own = ForeignProgram.engineTables.subtracting(["schema_migrations"])
        guard let clash = tables.first(where: { own.contains($0.name.asciiSmall) }) else { return }
        throw AnnalsError(
            .invalid, "ADOPT_NAME",
            "The table '\(clash.name)' has the name of a table that the store keeps in every projection.",
            hint: "Adopt a copy of the file in which it is renamed.")
    }

    private struct Row {
        let kind: String
        let name: String
        let table: String
        let sql: String
        /// `table`, `virtual`, `shadow` or `view`.
        let form: String
    }

    private static func rows(_ connection: Connection) throws(SQLiteError) -> [Row] {
        let sql = """
            SELECT s.type, s.name, s.tbl_name, s.sql, coalesce(l.type, '')
            FROM sqlite_schema AS s
            LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = s.name
            WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            ORDER BY s.name, s.type
            """
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var run = statement.run()
        var rows: [Row] = []
        while try run.step() {
            rows.append(
                Row(
                    kind: run.text(at: 0) ?? "", name: run.text(at: 1) ?? "",
                    table: run.text(at: 2) ?? "", sql: run.text(at: 3) ?? "",
                    form: run.text(at: 4) ?? ""))
        }
        return rows
    }

    private static func reason(_ row: Row) -> String? {
        switch row.form {
        case "virtual": return "a virtual table: its content is another table's, or not in the file"
        case "shadow": return "the inside of a virtual table"
        default:
            return MigratorTables.contains(row.name) ? "another program's migrations" : nil
        }
    }

    /// A statement with its semicolon, which a comment at the end would swallow.
    private static func ended(_ sql: String) -> String {
        let end = SQLiteText.tokens(of: sql).last?.range.upperBound ?? 0
        return String(decoding: Array(sql.utf8)[..<end], as: UTF8.self) + ";"
    }

    /// The tokens of a statement with single spaces.
    private static func oneLine(_ sql: String) -> String {
        let bytes = Array(sql.utf8)
        var text = ""
        var end = 0
        for token in SQLiteText.tokens(of: sql) {
            if !text.isEmpty, end < token.range.lowerBound { text += " " }
            text += String(decoding: bytes[token.range], as: UTF8.self)
            end = token.range.upperBound
        }
        return text + ";"
    }
}
