/// The tables whose pages a statement's program opens, with its triggers and foreign keys.
///
/// The program is all that will run. The authorizer is not asked about every table: not about `b` in
/// `INSERT INTO a SELECT * FROM b`, when SQLite copies the rows as they lie.
public struct OpenedTables: Sendable, Equatable {
    /// The name that stands for the schema table.
    public static let schema = "sqlite_schema"

    /// What is only read, as the schema has the names.
    public let read: Set<String>
    /// What is opened for writing, emptied or removed.
    public let written: Set<String>

    /// Both.
    public var all: Set<String> { read.union(written) }
}

extension Connection {
    /// Asks SQLite for the program of one statement, without running it; no authorizer is asked.
    ///
    /// - Throws: SQLite's error when the statement cannot be compiled.
    public func openedTables(by sql: String) throws(SQLiteError) -> OpenedTables {
        try trusted { () throws(SQLiteError) in
            let tables = try tablesByRoot()
            var (read, written) = (Set<String>(), Set<String>())
            guard let statement = try prepare("EXPLAIN " + sql).statement else {
                return OpenedTables(read: [], written: [])
            }
            var run = statement.run()
            while try run.step() {
                // A root that is no table's belongs to one that the statement itself makes.
                switch run.text(at: 1) ?? "" {
                case "OpenRead", "ReopenIdx":
                    if let name = tables[run.int64(at: 3)] { read.insert(name) }
                case "OpenWrite":
                    if let name = tables[run.int64(at: 3)] { written.insert(name) }
                case "Clear", "Destroy":
                    if let name = tables[run.int64(at: 2)] { written.insert(name) }
                default: break
                }
            }
            return OpenedTables(read: read.subtracting(written), written: written)
        }
    }

    /// Judges the tables that a statement copies rows from, and takes note of them.
    ///
    /// - Returns: the refusal, if there is one.
    func judgeCopies(
        _ statement: Statement, by authorization: Authorization
    ) throws(SQLiteError) -> SQLiteError.Refusal? {
        guard authorization.mayCopy, !statement.isExplanation else { return nil }
        let opened = try openedTables(by: statement.sql)
        let asked = Set(authorization.accesses.map { $0.table.lowercased() })
        // A statement that counts AUTOINCREMENT keys writes where it reads them.
        for table in opened.read.sorted() where !asked.contains(table.lowercased()) {
            for column in try columns(of: table) {
                if let refusal = authorization.judgeCopy(of: table, column: column) {
                    return refusal
                }
            }
        }
        return nil
    }

    /// Tables by their root page, and by those of their indexes.
    private func tablesByRoot() throws(SQLiteError) -> [Int64: String] {
        var tables: [Int64: String] = [1: OpenedTables.schema]
        let sql = "SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0"
        guard let statement = try prepare(sql).statement else { return tables }
        var run = statement.run()
        while try run.step() { tables[run.int64(at: 0)] = run.text(at: 1) }
        return tables
    }

    private func columns(of table: String) throws(SQLiteError) -> [String] {
        try trusted { () throws(SQLiteError) in
            let name = table.replacing("\"", with: "\"\"")
            guard let statement = try prepare("SELECT * FROM \"\(name)\"").statement else {
                return []
            }
            return (0..<statement.columnCount).map(statement.columnName(at:))
        }
    }
}
