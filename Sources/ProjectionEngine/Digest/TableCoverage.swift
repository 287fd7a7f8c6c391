public import EventModel
import SQLite

/// How many rows the tables of a projection file have.
public struct TableCoverage: Sendable, Equatable {
    /// The rows by the table's name; the engine's tables are left out.
    public let rows: [String: Int]

    /// Counts the rows of a file.
    /// - Throws: what SQLite says when the file cannot be read.
    public static func read(
        path: String, projection: String
    ) throws(AnnalsError) -> TableCoverage {
        try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            let connection = try Connection(path: path, mode: .readOnly)
            var rows: [String: Int] = [:]
            for table in try SchemaNormalForm(connection).tables {
                let sql = "SELECT count(*) FROM \(quotedName(table.name))"
                rows[table.name] = Int(try connection.int64(sql) ?? 0)
            }
            return TableCoverage(rows: rows)
        }
    }
}

extension Migration {
    /// Those of some tables that the migration's Up, Down or handlers name, sorted.
    ///
    /// Taken from the words of the text, so a column of a table's name counts too.
    public func tablesNamed(among tables: some Sequence<String>) -> [String] {
        var sections = [up] + handlers.map(\.section)
        if case .sql(let section) = down { sections.append(section) }
        let words = Set(
            sections.flatMap { SchemaNormalForm.normalized($0.sql).split(separator: " ") }
                .map { $0.hasPrefix("\"") ? $0.dropFirst().dropLast() : $0 })
        return tables.filter { words.contains($0.asciiLowercased[...]) }.sorted()
    }
}

extension ProjectionDefinition {
    /// The last migration of a version set that creates a schema object, such as `index idx_a`; `nil`
    /// when none does under this name.
    public func maker(of object: String, in versions: [Int]) -> Migration? {
        let words = object.asciiLowercased.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        let forms = ["", "unique "].flatMap { unique in
            ["", "if not exists "].map { "create \(unique)\(words[0]) \($0)\(words[1]) " }
        }
        return migrations(in: versions).last { migration in
            let sql = SchemaNormalForm.normalized(migration.up.sql) + " "
            return forms.contains { sql.contains($0) }
        }
    }
}
