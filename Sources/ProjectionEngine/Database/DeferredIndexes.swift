import EventModel
import SQLite

/// Finds the indexes that only readers use: a bulk load is faster when they are made after it.
///
/// An index waits when it is not unique and no handler reads it: not a query plan, not a trigger,
/// not a foreign key.
enum DeferredIndexes {
    private struct Index {
        let name: String
        let table: String
        let root: Int64
        let sql: String
    }

    /// Drops them and returns the statements that make them again, in the order of creation.
    ///
    /// - Parameter tables: the tables, in small letters, whose indexes may wait; all without it.
    static func drop(
        on connection: Connection, _ definition: ProjectionDefinition, versions: [Int],
        tables: Set<String>? = nil
    ) throws(AnnalsError) -> [String] {
        let program = try HandlerProgram(definition, versions: versions, on: connection)
        return try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            var candidates = try indexes(connection).filter {
                tables?.contains($0.table.asciiLowercased) ?? true
            }
            for statement in program.types.flatMap(\.statements) where !candidates.isEmpty {
                let used = try readRoots(statement.statement.sql, connection)
                candidates.removeAll { used.contains($0.root) }
            }
            for index in candidates {
                try connection.execute("DROP INDEX \(quotedName(index.name))")
            }
            return candidates.map(\.sql)
        }
    }

    /// Every index that has a statement of its own and is not unique.
    private static func indexes(_ connection: Connection) throws(SQLiteError) -> [Index] {
        let sql = """
            SELECT i.name, i.tbl_name, i.rootpage, i.sql FROM sqlite_schema AS i
            WHERE i.type = 'index' AND i.sql IS NOT NULL
                AND NOT (SELECT l."unique" FROM pragma_index_list(i.tbl_name) AS l
                    WHERE l.name = i.name)
            ORDER BY i.rowid
            """
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var run = statement.run()
        var found: [Index] = []
        while try run.step() {
            found.append(
                Index(
                    name: run.text(at: 0) ?? "", table: run.text(at: 1) ?? "",
                    root: run.int64(at: 2), sql: run.text(at: 3) ?? ""))
        }
        return found
    }

    /// The root pages of the tables and indexes that a statement reads through a cursor, with its
    /// triggers and foreign keys.
    ///
    /// The program of a statement is read, not its plan, because plans leave out foreign keys. A
    /// cursor that is only kept up to date is opened for writing and gets keys inserted or deleted.
    private static func readRoots(
        _ sql: String, _ connection: Connection
    ) throws(SQLiteError) -> Set<Int64> {
        guard let statement = try connection.prepare("EXPLAIN " + sql).statement else { return [] }
        var run = statement.run()
        var roots: [Int64: Int64] = [:]
        var used: Set<Int64> = []
        while try run.step() {
            let opcode = run.text(at: 1) ?? ""
            let cursor = run.int64(at: 2)
            switch opcode {
            case "OpenRead", "ReopenIdx": used.insert(run.int64(at: 3))
            case "OpenWrite": roots[cursor] = run.int64(at: 3)
            // The programs of triggers number their cursors anew; each opens before it seeks.
            case "Rewind", "Last", "Sort", "Found", "NotFound", "NoConflict", "NotExists",
                "SeekRowid":
                if let root = roots[cursor] { used.insert(root) }
            case _
            where opcode.hasPrefix("Seek") || opcode.hasPrefix("IdxG")
                || opcode.hasPrefix("IdxL"):
                if let root = roots[cursor] { used.insert(root) }
            default: break
            }
        }
        return used
    }
}
