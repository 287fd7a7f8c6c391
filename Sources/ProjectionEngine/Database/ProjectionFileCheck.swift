public import EventModel
import SQLite

/// What SQLite says about a finished projection file, read without changing it.
public struct ProjectionFileCheck: Sendable {
    /// One line for each table, index, view and trigger; equal for schemas that mean the same.
    public let schema: [String]
    /// The migrations that the file says it is made of, as number and hashes.
    public let applied: [(number: Int, checksum: String)]
    /// What is wrong with its structure and rows, at most `problemsMax`.
    public let problems: [String]

    /// Problems that are kept.
    public static let problemsMax = 100

    /// Checks a file: pages, indexes, NOT NULL and CHECK of every row, and every foreign key.
    /// - Throws: what SQLite says when the file cannot be read.
    public static func read(
        path: String, projection: String
    ) throws(AnnalsError) -> ProjectionFileCheck {
        let connection = try ProjectionFile.snapshot(path: path, projection: projection)
        return try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            defer { do { try connection.execute("ROLLBACK") } catch {} }
            let schema = try SchemaNormalForm(connection)
            var problems = try integrity(of: connection)
            for table in schema.tables where problems.count < problemsMax {
                problems += try ForeignKeyCheck(table, connection).problems(max: problemsMax)
            }
            return ProjectionFileCheck(
                schema: schema.lines, applied: try applied(connection),
                problems: Array(problems.prefix(problemsMax)))
        }
    }

    private static func integrity(of connection: Connection) throws(SQLiteError) -> [String] {
        let sql = "PRAGMA integrity_check(\(problemsMax))"
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [String] = []
        var run = statement.run()
        while try run.step() {
            if let text = run.text(at: 0), text != "ok" { found.append(text) }
        }
        return found
    }

    private static func applied(
        _ connection: Connection
    ) throws(SQLiteError) -> [(number: Int, checksum: String)] {
        let sql = "SELECT version, checksum FROM schema_migrations ORDER BY version"
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [(number: Int, checksum: String)] = []
        var run = statement.run()
        while try run.step() { found.append((Int(run.int64(at: 0)), run.text(at: 1) ?? "")) }
        return found
    }
}
