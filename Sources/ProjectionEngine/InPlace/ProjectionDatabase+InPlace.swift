public import EventModel
import SQLite

extension ProjectionDatabase {
    /// Makes a new file of another version set out of a copy of a finished one.
    ///
    /// The source is copied as it is at one moment and may go on being read and written. The new file
    /// is private until `finishBulk`, as with `create`; its checkpoint is the source's. The handlers
    /// that were added have seen nothing yet: `AddedHandlers` is to be fed with the events up to there.
    /// When it fails, what is left is to be removed.
    /// - Parameters:
    ///   - appliedAt: the time for `schema_migrations`.
    ///   - headAtCreation: the log's head, for `schema_migrations`.
    ///   - pause: called now and then while the file is copied; an error ends it and is thrown on.
    /// - Throws: `VERSION_SET` when the source is made of something else; what SQLite says.
    public static func create(
        path: String, copying source: String, by change: InPlaceChange,
        definition: ProjectionDefinition, appliedAt: Timestamp, headAtCreation: Position,
        pause: () throws -> Void
    ) throws -> ProjectionDatabase {
        let clock = try EventClock()
        let connection = try Connection(path: path, mode: .create, clock: clock)
        do {
            try copy(source, to: connection, pause)
            try startBulk(on: connection)
        } catch let error as SQLiteError {
            throw AnnalsError.database(error, projection: definition.name)
        }
        let found = try wrap(definition.name) { () throws(SQLiteError) in
            try numbers(connection)
        }
        guard found == change.from else {
            throw AnnalsError(
                .invalid, "VERSION_SET",
                "\(source) is made of the migrations \(found), not of \(change.from).",
                hint: "Rebuild the projection.", context: .init(projection: definition.name))
        }
        var build = BulkBuild()
        if change.removed.isEmpty {
            build.deferredIndexes = try runUps(
                change, definition, appliedAt, headAtCreation, on: connection)
        } else {
            try runDowns(change, definition, on: connection)
        }
        return try ProjectionDatabase(
            path: path, definition: definition, versions: change.to, connection: connection,
            clock: clock, bulk: build)
    }

    private static func copy(
        _ source: String, to connection: Connection, _ pause: () throws -> Void
    ) throws {
        let original = try Connection(path: source, mode: .readOnly)
        try original.execute("BEGIN")
        // The snapshot begins with the first read.
        _ = try original.int64("SELECT position FROM checkpoint")
        try connection.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
        try original.copy(to: connection) { _, _ in try pause() }
    }

    /// The settings of a file that is being built.
    ///
    /// The copy says that it uses write-ahead logging, which must be left before the file is locked, or
    /// an empty journal stays beside it.
    private static func startBulk(on connection: Connection) throws(SQLiteError) {
        try connection.execute(
            """
            PRAGMA journal_mode = DELETE;
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA journal_mode = MEMORY;
            PRAGMA secure_delete = 0;
            PRAGMA cache_size = -131072;
            PRAGMA user_version = \(EngineTables.unfinished);
            """)
    }

    private static func numbers(_ connection: Connection) throws(SQLiteError) -> [Int] {
        let sql = "SELECT version FROM schema_migrations ORDER BY version"
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [Int] = []
        var run = statement.run()
        while try run.step() { found.append(Int(run.int64(at: 0))) }
        return found
    }

    private static func runUps(
        _ change: InPlaceChange, _ definition: ProjectionDefinition, _ appliedAt: Timestamp,
        _ head: Position, on connection: Connection
    ) throws(AnnalsError) -> [String] {
        try wrap(definition.name) { () throws(SQLiteError) in
            try connection.execute("BEGIN IMMEDIATE")
        }
        for migration in change.added {
            let start = ContinuousClock.now
            try SectionRunner(
                section: migration.up, connection: connection, projection: definition.name,
                migration: migration.number
            ).run()
            let durationMs = milliseconds(since: start)
            try wrap(definition.name) { () throws(SQLiteError) in
                try record(migration, appliedAt, head, durationMs: durationMs, on: connection)
            }
        }
        let deferred = try DeferredIndexes.drop(
            on: connection, definition, versions: change.to, tables: change.tables)
        try wrap(definition.name) { () throws(SQLiteError) in try connection.execute("COMMIT") }
        return deferred
    }

    private static func runDowns(
        _ change: InPlaceChange, _ definition: ProjectionDefinition, on connection: Connection
    ) throws(AnnalsError) {
        // Dropping a parent would first delete its rows one by one. SQLite ignores the switch inside a
        // transaction.
        try wrap(definition.name) { () throws(SQLiteError) in
            try connection.execute("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")
        }
        for migration in change.removed {
            guard case .sql(let section) = migration.down else {
                preconditionFailure("a change that is proven has SQL in its Downs")
            }
            try SectionRunner(
                section: section, connection: connection, projection: definition.name,
                migration: migration.number
            ).run()
            try wrap(definition.name) { () throws(SQLiteError) in
                try connection.execute(
                    "DELETE FROM schema_migrations WHERE version = \(migration.number)")
            }
        }
        try wrap(definition.name) { () throws(SQLiteError) in
            try connection.execute("COMMIT; PRAGMA foreign_keys = ON")
        }
    }
}
