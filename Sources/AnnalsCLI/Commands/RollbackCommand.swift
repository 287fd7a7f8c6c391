internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals rollback`: goes back to an earlier version of a projection.
struct RollbackCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to an earlier version of a projection; the log keeps everything.",
        discussion: """
            Without --to and --steps it is one step. Version 0, named with --to or reached with \
            --steps, shows nothing any more and wants consent.
            """,
        aliases: ["down"])

    @Option(help: "Back to this migration: a number or a name; 0 for none.")
    var to: MigrationNumber?

    @Option(help: "Back by so many migrations.")
    var steps: Int?

    @Option(help: "The projection; may be left out when the store has one.")
    var projection: String?

    @Option(help: "Only the migrations of this module.")
    var module: String?

    @Flag(help: "With --module: take back what depends on it in other modules too.")
    var cascade = false

    @Flag(help: "Refuse when events would no longer be shown.")
    var strict = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(help: "How long to wait for another migration, rollback or rebuild, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard to == nil || steps == nil else {
            throw ValidationError("--to and --steps exclude each other.")
        }
        guard (steps ?? 1) > 0 else { throw ValidationError("--steps is at least 1.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let names = try plan(in: session)
        let store = try session.openForWriting()
        session.stopAtSafePoints()
        let meter = ProgressMeter("rolling back \(names.projection)", on: session.console)
        defer { meter.end() }
        let result = try store.rollback(
            names.projection, to: names.target, options: options, lockTimeoutSeconds: lockTimeout
        ) { meter.update(done: $0.value, total: $1.value) }
        meter.end()
        try session.catchUpAll(store)
        try tell(result, names.titles, session)
        return .done
    }

    /// What a rollback is about, found before anything is changed.
    private struct Plan {
        let projection: String
        let target: MigrationTarget
        /// The applied migrations' names by number.
        let titles: [Int: String]
    }

    /// Says what will no longer be shown and asks where it must; the store is only read.
    private func plan(in session: Session) throws -> Plan {
        let store = try session.openForReading()
        let name = try session.projection(projection, of: store)
        let target = try target(in: store, name)
        let plan = try store.planRollback(name, to: target, options: options)
        for hidden in plan.hidden {
            session.console.note(
                "hidden at version \(plan.to): \(DisplayText.escaped(hidden.type)), "
                    + DisplayText.count(hidden.count, "event"))
        }
        if strict, let refusal = plan.strictRefusal {
            throw CommandError(refusal, done: [.init(name: "hidden", value: Self.hidden(plan))])
        }
        let isAsked = plan.to == 0 && !plan.rolledBack.isEmpty && target != .next
        if isAsked, !yes { try ask(name, session) }
        let applied = try store.status().projections.first { $0.name == name }?.applied ?? []
        return Plan(
            projection: name, target: target,
            titles: Dictionary(applied.map { ($0.number, $0.name) }) { first, _ in first })
    }

    private var options: RollbackOptions {
        var options = RollbackOptions()
        options.module = module
        options.cascades = cascade
        options.isStrict = strict
        return options
    }

    private static func hidden(_ result: RollbackResult) -> JSON {
        .array(result.hidden.map { ["type": .string($0.type), "count": JSON($0.count)] })
    }

    private func target(in store: EventStore, _ name: String) throws -> MigrationTarget {
        if let to { return .version(try to.number(in: try store.definition(of: name))) }
        return steps.map { .steps($0) } ?? .next
    }

    private func ask(_ name: String, _ session: Session) throws {
        guard session.console.canAsk else {
            throw CommandError.usage(
                "CONSENT_NEEDED",
                "At version 0 the projection '\(name)' shows nothing; that wants consent.",
                hint: "Give --yes. The log keeps everything: a migration brings it back.",
                next: session.command("rollback", "--projection", name, "--to", "0", "--yes"))
        }
        guard session.console.confirms("Roll '\(name)' back to version 0, which shows nothing?")
        else {
            throw CommandError(
                AnnalsError(.invalid, "NOT_CONFIRMED", "Nothing was changed."))
        }
    }

    private func tell(
        _ result: RollbackResult, _ titles: [Int: String], _ session: Session
    ) throws {
        let console = session.console
        let back = session.command(
            "migrate", "--projection", result.projection, "--to", String(result.from))
        let isDone = !result.rolledBack.isEmpty
        try console.emit([
            "schema": "annals.rollback/1", "projection": .string(result.projection),
            "from": JSON(result.from), "to": JSON(result.to),
            "rolledBack": .array(
                result.rolledBack.map {
                    .object(migrationDocument(result.projection, $0, titles[$0] ?? ""))
                }),
            "hidden": Self.hidden(result),
            "way": JSON(result.way?.rawValue),
            "usedRetained": .bool(result.usedRetained), "events": JSON(result.events),
            "durationMs": JSON(result.durationMs), "switchMs": JSON(result.switchMs),
            "message": isDone ? "rolled back" : "nothing to do",
            "back": isDone ? .array([.string(back)]) : [],
        ])
        guard isDone else { return try console.print("nothing to do") }
        let way = (result.way ?? .rebuild).words
        try console.print(
            "\(result.projection): \(result.from) → \(result.to), by \(way) with "
                + DisplayText.count(result.events, "event"))
        for number in result.rolledBack {
            try console.print(
                "  rolled back \(MigrationName.full(number, titles[number] ?? ""))")
        }
        try console.print("back: \(back)")
    }
}
