public import EventModel
import SQLite

/// What a build in bulk leaves for its end.
struct BulkBuild {
    /// The CREATE INDEX statements of indexes that only readers use.
    var deferredIndexes: [String] = []
}

extension ProjectionDatabase {
    /// Makes a new file: the engine's tables, then the Up of every migration in number order.
    ///
    /// The file is private until `finishBulk`: exclusive, not synced, and refused by `open`. When
    /// making it fails, what is left of it is to be removed.
    /// - Parameters:
    ///   - versions: the numbers of the migrations, ascending.
    ///   - appliedAt: the time for `schema_migrations`.
    ///   - logID: names the log that the file is going to follow.
    ///   - headAtCreation: the log's head, for `schema_migrations`.
    ///   - bulk: whether indexes that no handler reads are to be made by `finishBulk`.
    /// - Throws: an `invalid` error with file, line and column when SQLite refuses a statement;
    ///   `unavailable` when the file cannot be made, for example because it exists.
    public static func create(
        path: String, definition: ProjectionDefinition, versions: [Int], appliedAt: Timestamp,
        logID: String = "", headAtCreation: Position = .start, bulk: Bool = true
    ) throws(AnnalsError) -> ProjectionDatabase {
        let (connection, clock) = try wrap(definition.name) { () throws(SQLiteError) in
            let clock = try EventClock()
            let connection = try Connection(path: path, mode: .create, clock: clock)
            try setUp(connection, logID: logID)
            return (connection, clock)
        }
        for migration in definition.migrations(in: versions) {
            let start = ContinuousClock.now
            try SectionRunner(
                section: migration.up, connection: connection, projection: definition.name,
                migration: migration.number
            ).run()
            let durationMs = milliseconds(since: start)
            try wrap(definition.name) { () throws(SQLiteError) in
                try record(
                    migration, appliedAt, headAtCreation, durationMs: durationMs, on: connection)
            }
        }
        var build = BulkBuild()
        if bulk {
            build.deferredIndexes = try DeferredIndexes.drop(
                on: connection, definition, versions: versions)
        }
        try wrap(definition.name) { () throws(SQLiteError) in try connection.execute("COMMIT") }
        return try ProjectionDatabase(
            path: path, definition: definition, versions: versions, connection: connection,
            clock: clock, bulk: build)
    }

    /// Makes a finished file of a new one: the indexes that were left for the end, write-ahead
    /// logging, everything on disk.
    ///
    /// On return the file is synced and its WAL is empty; the folder that names it is not synced.
    /// - Throws: what SQLite says; the file is to be removed then.
    public func finishBulk() throws(AnnalsError) {
        precondition(bulk != nil, "a build is finished once")
        let indexes = bulk?.deferredIndexes ?? []
        try wrap { () throws(SQLiteError) in
            for index in indexes { try connection.execute(index) }
            // The mark says that everything before it is on disk.
            try connection.sync()
            try connection.execute(
                """
                PRAGMA synchronous = FULL;
                PRAGMA user_version = \(EngineTables.formatVersion);
                PRAGMA locking_mode = NORMAL;
                PRAGMA journal_mode = WAL;
                \(Self.liveSettings)
                """)
            try connection.checkpointTruncate()
            try connection.sync()
        }
        bulk = nil
    }

    /// The settings of a new file, which hold until it is finished, and the engine's tables.
    private static func setUp(_ connection: Connection, logID: String) throws(SQLiteError) {
        // The journal is kept in memory, not switched off: a refused event is rolled back.
        try connection.execute(
            """
            PRAGMA page_size = 4096;
            PRAGMA auto_vacuum = 0;
            PRAGMA secure_delete = 0;
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA journal_mode = MEMORY;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -131072;
            PRAGMA application_id = \(EngineTables.applicationID);
            BEGIN IMMEDIATE;
            \(EngineTables.schema)
            """)
        let sql = "INSERT INTO checkpoint (id, position, log_id) VALUES (1, 0, ?)"
        guard let statement = try connection.prepare(sql).statement else { return }
        var run = statement.run()
        run.bind(logID, at: 1)
        _ = try run.step()
    }

    static func record(
        _ migration: Migration, _ appliedAt: Timestamp, _ position: Position, durationMs: Int64,
        on connection: Connection
    ) throws(SQLiteError) {
        let sql = "INSERT INTO schema_migrations VALUES (?, ?, ?, ?, ?, ?, ?)"
        guard let statement = try connection.prepare(sql).statement else { return }
        var run = statement.run()
        run.bind(Int64(migration.number), at: 1)
        run.bind(migration.module, at: 2)
        run.bind(migration.name, at: 3)
        run.bind(appliedAt.milliseconds, at: 4)
        run.bind(migration.checksums.rendering, at: 5)
        run.bind(Int64(position.value), at: 6)
        run.bind(durationMs, at: 7)
        _ = try run.step()
    }
}
