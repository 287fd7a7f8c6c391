import EventModel
import SQLite

/// Finds the tables that a statement can touch: with its triggers, its foreign keys and the tables
/// behind its views.
///
/// The statement's program is asked, because it is all that will run. The authorizer is not asked about
/// every table: not about `b` in `INSERT INTO a SELECT * FROM b`, when SQLite copies it row by row.
struct TouchedTables {
    /// The schema table, as a name that no table can have.
    static let schema = "sqlite_schema"

    let connection: Connection

    /// The tables in small letters; `schema` when the statement looks at the schema or changes it.
    ///
    /// The table in which SQLite counts AUTOINCREMENT keys is left out: each table has a row there
    /// that no other sees.
    func names(
        of statement: Statement, _ accesses: [TableAccess]
    ) throws(SQLiteError) -> Set<String> {
        let tables = try tablesByRoot()
        var names: Set<String> = []
        for root in try roots(statement.sql) {
            // A root that is no table's belongs to one that the statement itself makes.
            if let name = root == 1 ? Self.schema : tables[root] { names.insert(name) }
        }
        names.remove("sqlite_sequence")
        // Table functions have no root. These show the schema; the JSON ones only their argument.
        if accesses.contains(where: { $0.table.asciiLowercased.hasPrefix("pragma_") }) {
            names.insert(Self.schema)
        }
        return names
    }

    private func roots(_ sql: String) throws(SQLiteError) -> Set<Int64> {
        guard let statement = try connection.prepare("EXPLAIN " + sql).statement else { return [] }
        var found: Set<Int64> = []
        var run = statement.run()
        while try run.step() {
            switch run.text(at: 1) ?? "" {
            case "OpenRead", "OpenWrite", "ReopenIdx": found.insert(run.int64(at: 3))
            case "Clear", "Destroy": found.insert(run.int64(at: 2))
            default: break
            }
        }
        return found
    }

    /// Tables by their root page, and by those of their indexes.
    private func tablesByRoot() throws(SQLiteError) -> [Int64: String] {
        let sql = "SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0"
        guard let statement = try connection.prepare(sql).statement else { return [:] }
        var tables: [Int64: String] = [:]
        var run = statement.run()
        while try run.step() { tables[run.int64(at: 0)] = run.text(at: 1)?.asciiLowercased }
        return tables
    }
}
