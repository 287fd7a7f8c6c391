public import EventModel
import SQLite

extension ProjectionDatabase {
    /// Opens a finished file that follows a log, for reading and applying.
    /// - Throws: as `open`; `LINEAGE` when the file follows another log.
    public static func open(
        path: String, definition: ProjectionDefinition, versions: [Int], log: String
    ) throws(AnnalsError) -> ProjectionDatabase {
        let database = try open(path: path, definition: definition, versions: versions)
        guard database.logID == log else {
            throw AnnalsError(
                .invalid, "LINEAGE",
                "\(path) follows another log, or this one before it was restored.",
                hint: "Rebuild the projection.", context: .init(projection: definition.name))
        }
        return database
    }

    /// The events that were put aside.
    public func quarantineCount() throws(AnnalsError) -> Int {
        try wrap { () throws(SQLiteError) in
            Int(try connection.int64("SELECT count(*) FROM quarantine") ?? 0)
        }
    }

    /// Moves what was applied since `finishBulk` from the WAL into the file, and syncs it.
    ///
    /// While somebody reads the file its WAL stays beside it, which is as good; nobody is waited for.
    /// The folder that names the file is not synced.
    public func seal() throws(AnnalsError) {
        try wrap { () throws(SQLiteError) in
            try connection.execute("PRAGMA busy_timeout = 0")
            do throws(SQLiteError) {
                try connection.checkpointTruncate()
            } catch {
                guard error.isBusy else { throw error }
            }
            try connection.execute("PRAGMA busy_timeout = \(Connection.busyTimeoutMs)")
            try connection.sync()
        }
    }

    /// Makes a finished file that stands alone, for this process only: nothing is synced.
    public func finishScratch() throws(AnnalsError) {
        precondition(bulk != nil, "a build is finished once")
        let indexes = bulk?.deferredIndexes ?? []
        try wrap { () throws(SQLiteError) in
            for index in indexes { try connection.execute(index) }
            try connection.execute(
                """
                PRAGMA user_version = \(EngineTables.formatVersion);
                PRAGMA locking_mode = NORMAL;
                PRAGMA journal_mode = DELETE
                """)
        }
        bulk = nil
    }

    /// Makes a finished file one that stands alone, without a WAL beside it, and syncs it.
    public func finishCopy() throws(AnnalsError) {
        try finishBulk()
        try wrap { () throws(SQLiteError) in
            try connection.execute("PRAGMA journal_mode = DELETE")
            try connection.sync()
        }
    }
}

/// One snapshot of a finished projection file: what it holds, read without changing it.
public struct ProjectionSnapshot: Sendable, Equatable {
    /// The position up to which the rows hold the log.
    public let checkpoint: Position
    /// The log that the file follows.
    public let logID: String
    /// Events that were put aside.
    public let quarantined: Int
    /// The content digest; empty when it was not asked for.
    public let digest: String

    /// Reads a file.
    /// - Parameter digests: compute the digest too, which reads every row.
    public static func read(
        path: String, projection: String, digests: Bool
    ) throws(AnnalsError) -> ProjectionSnapshot {
        let connection = try ProjectionFile.snapshot(path: path, projection: projection)
        return try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            defer { do { try connection.execute("ROLLBACK") } catch {} }
            let statement = try connection.prepare(
                "SELECT position, log_id FROM checkpoint WHERE id = 1"
            ).statement
            var checkpoint = Position.start
            var logID = ""
            if let statement {
                var run = statement.run()
                if try run.step() {
                    checkpoint = Position(UInt64(clamping: run.int64(at: 0)))
                    logID = run.text(at: 1) ?? ""
                }
            }
            return ProjectionSnapshot(
                checkpoint: checkpoint, logID: logID,
                quarantined: Int(try connection.int64("SELECT count(*) FROM quarantine") ?? 0),
                digest: digests ? try ContentDigest.hex(of: connection) : "")
        }
    }

    /// Whether no other connection has the file open; if one has, the file is in use.
    ///
    /// To leave write-ahead logging a connection must be the only one: SQLite itself tells.
    public static func isUnused(path: String) -> Bool {
        do throws(SQLiteError) {
            let connection = try Connection(path: path, mode: .readWrite, busyTimeoutMs: 0)
            try connection.execute("PRAGMA journal_mode = DELETE")
            return true
        } catch {
            // Nobody can have open what is no database.
            return error.isCorruption
        }
    }
}
