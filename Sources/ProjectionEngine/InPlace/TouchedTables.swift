import EventModel
import SQLite

/// Finds the tables that a statement can touch: with its triggers, its foreign keys and the tables
/// behind its views.
struct TouchedTables {
    /// The schema table, as a name that no table can have.
    static let schema = OpenedTables.schema

    let connection: Connection

    /// The tables in small letters; `schema` when the statement looks at the schema or changes it.
    ///
    /// The table in which SQLite counts AUTOINCREMENT keys is left out: each table has a row there
    /// that no other sees.
    func names(
        of statement: Statement, _ accesses: [TableAccess]
    ) throws(SQLiteError) -> Set<String> {
        let opened = try connection.openedTables(by: statement.sql)
        var names = Set(opened.all.map(\.asciiLowercased))
        names.remove("sqlite_sequence")
        // Table functions have no root. These show the schema; the JSON ones only their argument.
        if accesses.contains(where: { $0.table.asciiLowercased.hasPrefix("pragma_") }) {
            names.insert(Self.schema)
        }
        return names
    }
}
