internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals replay`: makes a projection as it was, or shows the events themselves.
struct ReplayCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Build a projection as it was into a file, or show the events themselves.",
        discussion: """
            With a projection, --into names a new SQLite file. Without one the events up to the \
            moment go to standard output, as 'annals log' shows them. The store does not change.
            """)

    @Argument(help: "The projection.")
    var projection: String?

    @Option(help: "The new file.")
    var into: String?

    @Option(help: "Up to this position.")
    var toPosition: Position?

    @Option(help: "Up to what was recorded at this time (RFC 3339).")
    var toTime: Timestamp?

    @Option(help: "At this version: a number or a name; else the one that is applied.")
    var atVersion: MigrationNumber?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (projection == nil) == (into == nil) else {
            throw ValidationError(
                "A projection is replayed into a file: give both, or neither for the events.")
        }
        guard toPosition == nil || toTime == nil else {
            throw ValidationError("--to-position and --to-time exclude each other.")
        }
        guard projection != nil || atVersion == nil else {
            throw ValidationError("--at-version belongs to a projection.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        guard let projection, let into else { return try showEvents(store, session) }
        let definition = try store.definition(of: projection)
        let asOf = AsOf(
            position: toPosition, time: toTime,
            version: try atVersion?.number(in: definition))
        session.stopAtSafePoints()
        let meter = ProgressMeter("replaying \(projection)", on: session.console)
        defer { meter.end() }
        let result = try store.replay(projection, asOf: asOf, into: into) {
            meter.update(done: $0.value, total: $1.value)
        }
        meter.end()
        try session.console.emit([
            "schema": "annals.replay/1", "projection": .string(projection),
            "file": .string(into), "versions": .array(result.versions.map { JSON($0) }),
            "position": JSON(result.position), "digest": .string(result.digest),
        ])
        try session.console.print(
            "\(into): \(projection) at version \(result.versions.last ?? 0), "
                + "position \(result.position), digest \(result.digest)")
        return .done
    }

    private func showEvents(_ store: EventStore, _ session: Session) throws -> ExitStatus {
        let end = try store.position(AsOf(position: toPosition, time: toTime))
        _ = try EventLines(session.console).write(
            .all, .init(after: .start, through: end), of: store.log, limit: .max)
        return .done
    }
}
