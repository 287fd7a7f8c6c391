public import EventModel
import SQLite

extension ProjectionDatabase {
    /// Runs the Up of one migration on a finished file that nobody else has open, without replaying
    /// anything: rows and checkpoint stay.
    ///
    /// One transaction: when it fails, the file is as it was. Foreign keys are not enforced meanwhile,
    /// so that a table can be rebuilt under its children, and must hold at the end.
    /// - Parameters:
    ///   - versions: what the file is made of, without the migration.
    ///   - appliedAt: the time for `schema_migrations`.
    ///   - isScratch: whether the file is for this process only, so that nothing is synced.
    /// - Throws: `VERSION_SET` when the file is made of something else; an error with file, line and
    ///   column when SQLite refuses a statement; `FOREIGN_KEYS_BROKEN` when a child has lost its parent.
    public static func runUp(
        _ migration: Migration, path: String, definition: ProjectionDefinition, versions: [Int],
        appliedAt: Timestamp, isScratch: Bool = false
    ) throws(AnnalsError) {
        try step(path, definition, versions, migration, migration.up, isScratch: isScratch) {
            (database, durationMs) throws(SQLiteError) in
            try record(
                migration, appliedAt, database.checkpoint, durationMs: durationMs,
                on: database.connection)
        }
    }

    /// Runs the Down of one migration on a finished file that nobody else has open.
    ///
    /// As `runUp`, the other way round; the rows are what Down makes of them, which a replay at the
    /// earlier version may or may not equal.
    /// - Precondition: The migration has SQL in its Down.
    public static func runDown(
        _ migration: Migration, path: String, definition: ProjectionDefinition, versions: [Int],
        isScratch: Bool = false
    ) throws(AnnalsError) {
        guard case .sql(let section) = migration.down else {
            preconditionFailure("only a replay takes \(migration.fullName) back")
        }
        try step(path, definition, versions, migration, section, isScratch: isScratch) {
            (database, _) throws(SQLiteError) in
            try database.connection.execute(
                "DELETE FROM schema_migrations WHERE version = \(migration.number)")
        }
    }

    private static func step(
        _ path: String, _ definition: ProjectionDefinition, _ versions: [Int],
        _ migration: Migration, _ section: SQLSection, isScratch: Bool,
        record: (ProjectionDatabase, Int64) throws(SQLiteError) -> Void
    ) throws(AnnalsError) {
        let database = try open(path: path, definition: definition, versions: versions)
        let connection = database.connection
        // SQLite ignores this inside a transaction, so it comes before.
        try database.wrap { () throws(SQLiteError) in
            if isScratch { try connection.execute("PRAGMA synchronous = OFF") }
            try connection.execute("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")
        }
        do throws(AnnalsError) {
            let start = ContinuousClock.now
            try SectionRunner(
                section: section, connection: connection, projection: definition.name,
                migration: migration.number
            ).run()
            let durationMs = milliseconds(since: start)
            let broken = try database.wrap { () throws(SQLiteError) in
                try record(database, durationMs)
                return try ProjectionFileCheck.foreignKeys(connection).first
            }
            if let broken {
                throw section.error(
                    "FOREIGN_KEYS_BROKEN", at: 0, "After the statements \(broken).",
                    hint: "Delete or move the child rows in the same section.",
                    projection: definition.name, migration: migration.number)
            }
            try database.wrap { () throws(SQLiteError) in try connection.execute("COMMIT") }
        } catch {
            try database.wrap { () throws(SQLiteError) in try database.statements.rollBack() }
            throw error
        }
    }

    static func milliseconds(since start: ContinuousClock.Instant) -> Int64 {
        let duration = (ContinuousClock.now - start).components
        return duration.seconds * 1000 + duration.attoseconds / 1_000_000_000_000_000
    }
}
