public import EventModel
import SQLite

/// What SQLite says about a finished projection file, read without changing it.
public struct ProjectionFileCheck: Sendable {
    /// The migrations that the file says it is made of, as number and hashes.
    public let applied: [(number: Int, checksum: String)]
    /// What is wrong with its structure and rows, at most `problemsMax`.
    public let problems: [String]
    /// The views and triggers that SQLite cannot compile.
    public let dangling: [AnnalsError]

    /// Problems that are kept.
    public static let problemsMax = 100

    /// Checks a file: pages, indexes, NOT NULL and CHECK of every row, every foreign key, every view
    /// and trigger.
    ///
    /// - Parameter versions: the migrations that the file is made of.
    /// - Throws: what SQLite says when the file cannot be read.
    public static func read(
        path: String, definition: ProjectionDefinition, versions: [Int]
    ) throws(AnnalsError) -> ProjectionFileCheck {
        let connection = try ProjectionFile.snapshot(
            path: path, projection: definition.name, mode: .inspect)
        defer { do { try connection.execute("ROLLBACK") } catch {} }
        let last = definition.migrations(in: versions).last
        let objects = SchemaObjects(definition: definition, connection: connection)
        let dangling = try last.map { (last) throws(AnnalsError) in
            try objects.dangling(versions, last: last).map(\.error)
        }
        return try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            let problems = try integrity(of: connection) + foreignKeys(connection)
            return ProjectionFileCheck(
                applied: try applied(connection), problems: Array(problems.prefix(problemsMax)),
                dangling: dangling ?? [])
        }
    }

    /// Checks a file whose definition is not at hand: as above, but without views and triggers.
    ///
    /// - Parameter isStill: Whether nobody writes the file and it has no WAL, as in a backup: only then is
    ///   CHECK looked at too, because SQLite has to open it as if it wrote.
    /// - Throws: what SQLite says when the file cannot be read.
    public static func read(
        path: String, projection: String, isStill: Bool = false
    ) throws(AnnalsError) -> ProjectionFileCheck {
        let connection =
            isStill
            ? try ProjectionFile.snapshot(path: path, projection: projection, mode: .inspect)
            : try ProjectionFile.snapshot(path: path, projection: projection)
        return try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            defer { do { try connection.execute("ROLLBACK") } catch {} }
            let problems = try integrity(of: connection) + foreignKeys(connection)
            return ProjectionFileCheck(
                applied: try applied(connection), problems: Array(problems.prefix(problemsMax)),
                dangling: [])
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

    /// The rows without a parent, of every table, at most `problemsMax`.
    static func foreignKeys(_ connection: Connection) throws(SQLiteError) -> [String] {
        var found: [String] = []
        for table in try SchemaNormalForm(connection).tables where found.count < problemsMax {
            found += try ForeignKeyCheck(table, connection).problems(max: problemsMax)
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
