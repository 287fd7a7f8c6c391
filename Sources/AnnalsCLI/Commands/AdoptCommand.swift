internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals adopt`: makes a SQLite file the beginning of a projection.
struct AdoptCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Take over the rows of a SQLite file as events, and prove that nothing is lost.",
        discussion: """
            With --projection the file's schema must be a version of that projection. With --new \
            any database is adopted: DIR/NAME gets a manifest and a migration with its schema and \
            handlers, and the store is made if there is none. The file is only read.
            """)

    @Argument(help: "The SQLite file; a -wal beside it is read too.")
    var file: String?

    @Option(help: "The projection whose tables the file has.")
    var projection: String?

    @Option(help: "Make a projection of this name.")
    var new: String?

    @Option(help: "The folder in which its folder is made; the store's projections folder.")
    var into: String?

    @Flag(help: "Only print the handlers that the adoption needs, as sections of migrations.")
    var scaffold = false

    @Flag(help: "Give up an adoption that was interrupted and whose file is lost.")
    var abandon = false

    @Option(help: "With --abandon: why; it is recorded.")
    var reason: String?

    @Flag(help: "With --abandon: do not ask.")
    var yes = false

    @Option(help: "How long to wait for another migration, rollback or rebuild, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard abandon == (file == nil) else {
            throw ValidationError("Name the file, or give --abandon without one.")
        }
        guard abandon == (reason != nil), abandon || !yes else {
            throw ValidationError("--reason and --yes go with --abandon, which wants a reason.")
        }
        guard !abandon || new == nil && !scaffold else {
            throw ValidationError("--abandon goes with --projection only.")
        }
        guard (new == nil) == (into == nil) else {
            throw ValidationError("Give --new NAME and --into DIR together.")
        }
        guard new == nil || projection == nil && !scaffold else {
            throw ValidationError("Give either --projection or --new.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        guard let file else { return try giveUp(session) }
        if scaffold { return try printHandlers(file, session) }
        let meter = ProgressMeter("adopting \(file)", on: session.console)
        defer { meter.end() }
        let progress = { (progress: AdoptProgress) in
            meter.update(
                progress.step.rawValue, done: UInt64(progress.done), total: UInt64(progress.total))
        }
        let result: AdoptResult
        if let new, let into {
            session.stopAtSafePoints()
            result = try EventStore.adopt(
                file, asNew: new, in: into, at: session.storePath,
                options: try session.options(), lockTimeoutSeconds: lockTimeout, progress: progress)
        } else {
            let store = try session.openForWriting()
            let name = try session.projection(projection, of: store)
            session.stopAtSafePoints()
            result = try store.adopt(
                file, as: name, lockTimeoutSeconds: lockTimeout, progress: progress)
        }
        meter.end()
        try tell(result, session)
        return .done
    }

    private func printHandlers(_ file: String, _ session: Session) throws -> ExitStatus {
        let store = try session.openForReading()
        let name = try session.projection(projection, of: store)
        let sections = try store.adoptionHandlers(file, as: name)
        try session.console.emit([
            "schema": "annals.adopt-scaffold/1", "projection": .string(name),
            "handlers": .array(
                sections.map {
                    [
                        "type": .string($0.type), "text": .string($0.text),
                        "present": .bool($0.isPresent),
                    ]
                }),
        ])
        for section in sections where !section.isPresent {
            try session.console.print(section.text)
        }
        if sections.allSatisfy(\.isPresent) { session.console.note("every handler is there") }
        return .done
    }

    private func tell(_ result: AdoptResult, _ session: Session) throws {
        try session.console.emit([
            "schema": "annals.adopt/1", "projection": .string(result.projection),
            "file": .string(result.file), "fileSha256": .string(result.fileDigest),
            "readWAL": .bool(result.hasLog),
            "versions": .array(result.versions.map { JSON($0) }), "version": JSON(result.version),
            "applied": .array(
                result.applied.map {
                    .object(migrationDocument(result.projection, $0.number, $0.name))
                }),
            "tables": .array(
                result.tables.map {
                    [
                        "name": .string($0.name), "rows": JSON($0.rows),
                        "key": .array($0.key.map { .string($0) }), "equal": true,
                    ]
                }),
            "ignored": .array(
                result.ignored.map {
                    [
                        "kind": .string($0.kind), "name": .string($0.name),
                        "reason": .string($0.reason),
                    ]
                }),
            "rows": JSON(result.rows), "digest": .string(result.digest), "equal": true,
            "message": result.isNew ? "adopted" : "nothing to do",
            "durationMs": JSON(result.durationMs), "back": [],
        ])
        let console = session.console
        var table = Table([
            .left("TABLE"), .right("ROWS"), .left("KEY"), .left("FILE = PROJECTION"),
        ])
        for row in result.tables {
            table.add([
                row.name, DisplayText.grouped(row.rows),
                row.key.isEmpty ? "place in the file" : row.key.joined(separator: ", "), "equal",
            ])
        }
        try console.print(table)
        for left in result.ignored {
            try console.print("left in the file: \(left.kind) \(left.name) (\(left.reason))")
        }
        let versions = result.versions.map(String.init).joined(separator: " ")
        try console.print(
            "\(result.projection): the file is at migrations \(versions); "
                + (result.isNew
                    ? "\(DisplayText.count(result.rows, "event")) in "
                        + ProgressMeter.time(result.durationMs / 1000)
                    : "nothing to do, its rows were adopted before"))
        try console.print("file unchanged: sha256 \(result.fileDigest)")
        try console.print("content digest: \(result.digest)")
        try console.print("back: none; events stay, later ones correct them")
    }
}
