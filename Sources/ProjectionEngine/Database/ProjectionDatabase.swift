public import EventModel
import SQLite

/// One open SQLite file of one projection at one version set: rows and checkpoint change together.
///
/// A file is made once with `create`, filled with `apply`, finished with `finishBulk` and from then on
/// opened with `open`. For one thread at a time; errors name the projection.
public final class ProjectionDatabase {
    /// The file.
    public let path: String
    /// What the projection is.
    public let definition: ProjectionDefinition
    /// The numbers of the migrations that the file is made of, ascending.
    public let versions: [Int]
    /// The log that the file follows, as `create` was told.
    public let logID: String
    /// The position up to which the rows hold the log; inside `beginImmediate` … `commit` with the
    /// candidates that were accepted.
    public internal(set) var checkpoint: Position

    let connection: Connection
    let clock: EventClock
    let statements: EngineStatements
    let applier: EventApplier
    /// Measures the handlers; `nil` unless that was asked for.
    var meter: HandlerMeter?
    /// What `finishBulk` still has to do; `nil` for a finished file.
    var bulk: BulkBuild?

    init(
        path: String, definition: ProjectionDefinition, versions: [Int], connection: Connection,
        clock: EventClock, bulk: BulkBuild?
    ) throws(AnnalsError) {
        self.path = path
        self.definition = definition
        self.versions = versions
        self.connection = connection
        self.clock = clock
        self.bulk = bulk
        let program = try HandlerProgram(definition, versions: versions, on: connection)
        applier = EventApplier(program, on: connection, clock: clock)
        let projection = definition.name
        (statements, logID, checkpoint) = try Self.wrap(projection) { () throws(SQLiteError) in
            let statements = try EngineStatements(connection)
            return (statements, try statements.logID(), try statements.checkpoint())
        }
    }

    /// The settings of a connection to a finished file: no sync at a commit, because the file can
    /// always be caught up from the log, and 16 MB of cache.
    static let liveSettings = """
        PRAGMA synchronous = NORMAL; PRAGMA secure_delete = 0; PRAGMA cache_size = -16000;
        """

    /// Opens a finished file for reading and applying.
    /// - Throws: `PROJECTION_UNFINISHED` for a build that was not finished, `PROJECTION_FORMAT` for a
    ///   newer or foreign file, `VERSION_SET` when it was made of other migrations; what SQLite says
    ///   when it cannot be opened.
    public static func open(
        path: String, definition: ProjectionDefinition, versions: [Int]
    ) throws(AnnalsError) -> ProjectionDatabase {
        let clock = try wrap(definition.name) { () throws(SQLiteError) in try EventClock() }
        let connection = try wrap(definition.name) { () throws(SQLiteError) in
            let connection = try Connection(path: path, mode: .readWrite, clock: clock)
            try connection.execute(liveSettings)
            return connection
        }
        try ProjectionFile.checkFormat(of: connection, definition.name, path)
        let database = try ProjectionDatabase(
            path: path, definition: definition, versions: versions, connection: connection,
            clock: clock, bulk: nil)
        let applied = try database.appliedMigrations().map(\.number)
        guard applied == versions else {
            throw AnnalsError(
                .invalid, "VERSION_SET",
                "\(path) is made of the migrations \(applied), not of \(versions).",
                hint: "Open it with its own versions, or migrate.",
                context: AnnalsError.Context(projection: definition.name))
        }
        return database
    }

    /// The migrations that the file is made of, by number.
    public func appliedMigrations() throws(AnnalsError) -> [AppliedMigration] {
        try wrap { () throws(SQLiteError) in try Self.appliedMigrations(connection) }
    }

    /// The SHA-256 over schema and rows, in hex; equal for equal contents, however they came to be.
    ///
    /// docs/digest.md says which bytes are hashed. Reads one snapshot of the file.
    /// - Throws: what SQLite says when the file cannot be read.
    public func contentDigest() throws(AnnalsError) -> String {
        precondition(bulk == nil, "a build is finished before it is digested")
        return try wrap { () throws(SQLiteError) in try ContentDigest.hex(of: connection) }
    }

    /// The schema as one line for each table, index, view and trigger, in the order of the lines.
    ///
    /// Equal for schemas that mean the same, whether a column came with CREATE or with ALTER.
    public func schemaNormalForm() throws(AnnalsError) -> [String] {
        try wrap { () throws(SQLiteError) in try SchemaNormalForm(connection).lines }
    }

    func wrap<R>(_ body: () throws(SQLiteError) -> R) throws(AnnalsError) -> R {
        try Self.wrap(definition.name, body)
    }

    static func wrap<R>(
        _ projection: String, _ body: () throws(SQLiteError) -> R
    ) throws(AnnalsError) -> R {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw .database(error, projection: projection)
        }
    }

    private static func appliedMigrations(
        _ connection: Connection
    ) throws(SQLiteError) -> [AppliedMigration] {
        let sql = """
            SELECT version, module, name, applied_at, checksum, position, duration_ms
            FROM schema_migrations ORDER BY version
            """
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [AppliedMigration] = []
        var run = statement.run()
        while try run.step() {
            found.append(
                AppliedMigration(
                    number: Int(run.int64(at: 0)), module: run.text(at: 1) ?? "",
                    name: run.text(at: 2) ?? "",
                    appliedAt: Timestamp(milliseconds: run.int64(at: 3)),
                    checksum: run.text(at: 4) ?? "",
                    position: Position(UInt64(clamping: run.int64(at: 5))),
                    durationMs: Int(run.int64(at: 6))))
        }
        return found
    }
}
