public import EventModel
public import GRDB
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// Projects modules of a projection onto a connection that the caller owns: makes their tables there
    /// and applies the log, up to its head.
    ///
    /// Everything happens in the caller's transaction, or in one of its own, whole or not at all. Repeated, it
    /// applies what has come since; with other modules or migrations it makes the tables anew. The
    /// connection's settings are reported and never changed, and no other table is touched. The engine's
    /// tables `checkpoint`, `schema_migrations` and `quarantine` stand beside those of the projection, so a
    /// database takes one projection.
    ///
    /// The time functions of a foreign connection tell the machine's time: migrations that read the
    /// clock are refused. The store itself does not change, nor need the projection be built there.
    /// - Parameter modules: the optional modules; those that they need and the others come with them.
    ///   `nil` for the modules that the store has enabled.
    /// - Throws: `EXTERNAL_CLASH` for a name that the database has already, before any change;
    ///   `EXTERNAL_CLOCK`, `EXTERNAL_FAILED`, `LINEAGE`, `EVENT_REFUSED`, `MODULE_UNKNOWN`.
    public func project(
        _ projection: String, modules: Set<String>? = nil, onto db: Database
    ) throws(AnnalsError) -> ExternalResult {
        let definition = try handle(projection).definition
        try definition.check()
        let state = try stateOrNew(of: projection)
        if let open = state.adoption { throw adoptionOpen(projection, open) }
        let wanted = modules ?? state.enabledModules(of: definition)
        if let unknown = wanted.sorted().first(where: { definition.module($0) == nil }) {
            throw AnnalsError(
                .invalid, "MODULE_UNKNOWN",
                "The projection '\(projection)' has no module '\(unknown)'.",
                hint: "It has: \(definition.modules.map(\.name).joined(separator: ", ")).",
                context: .init(projection: projection))
        }
        let versions = definition.versionSet(
            enabledModules: definition.modulesNeeded(by: wanted))
        let program = try ForeignProgram(definition, versions: versions)
        let head = try log.head()
        let external = ExternalDatabase(
            db: db, program: program, log: logIdentity, now: options.clock())
        do {
            var result: ExternalResult?
            try db.inSavepoint {
                result = try external.project(from: logForReplay, through: head)
                return .commit
            }
            guard let result else { throw external.failed("the transaction did not run") }
            return result
        } catch let error as DatabaseError {
            throw external.failed(error.message ?? "code \(error.resultCode.rawValue)")
        } catch {
            throw storeError(error, projection: projection)
        }
    }

    /// The same on a queue or pool, in one write.
    /// - Throws: as `project(_:modules:onto:)` for a connection; what the writer throws.
    public func project(
        _ projection: String, modules: Set<String>? = nil, onto writer: some DatabaseWriter
    ) throws -> ExternalResult {
        try writer.writeWithoutTransaction { db in
            try project(projection, modules: modules, onto: db)
        }
    }

    /// Whether a database has the tables with which a projection begins, whoever made them.
    ///
    /// Those are the tables of its first migration; other tables do not matter.
    /// - Throws: `PROJECTION_UNKNOWN`, and what SQLite says.
    public func hasTables(of projection: String, in db: Database) throws -> Bool {
        let definition = try handle(projection).definition
        guard let first = definition.migrations.first else { return false }
        let program = try ForeignProgram(definition, versions: [first.number])
        let tables = program.objects.filter { $0.kind == "table" }
        return try !tables.isEmpty && tables.allSatisfy { try db.tableExists($0.name) }
    }
}
