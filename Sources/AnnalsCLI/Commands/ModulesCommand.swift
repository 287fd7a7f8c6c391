internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals modules`: who has which numbers; enables, disables and renumbers.
struct ModulesCommand: Verb {
    /// What to do with modules.
    enum Act: String, ExpressibleByArgument, CaseIterable {
        case list, enable, disable, reassign
    }

    static let configuration = CommandConfiguration(
        commandName: "modules",
        abstract: "Show who has which migration numbers; enable, disable, renumber.",
        discussion: """
            annals modules                       the table of all projections
            annals modules enable NAME           gives the store an optional module
            annals modules disable NAME          takes it out, and its migrations back
            annals modules reassign OLD NEW      after the file of an applied migration was renumbered
            """)

    @Argument(help: "list, enable, disable or reassign.")
    var act = Act.list

    @Argument(help: "The module's name, or the old and the new number.")
    var names: [String] = []

    @Option(help: "The projection; may be left out when the store has one.")
    var projection: String?

    @Option(help: "How long to wait for another migration, rollback or rebuild, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let expected = [Act.list: 0, .enable: 1, .disable: 1, .reassign: 2][act] ?? 0
        guard names.count == expected else {
            throw ValidationError("'\(act.rawValue)' takes \(expected) names.")
        }
        guard act != .reassign || names.allSatisfy({ Int($0) != nil }) else {
            throw ValidationError("'reassign' takes two numbers.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        switch act {
        case .list: try ModuleTable(projection: projection).tell(in: session)
        case .enable, .disable: try change(session)
        case .reassign: try reassign(session)
        }
        return .done
    }

    private func change(_ session: Session) throws {
        let store = try session.openForWriting()
        let name = try session.projection(projection, of: store)
        session.stopAtSafePoints()
        let meter = ProgressMeter("\(act.rawValue) \(names[0])", on: session.console)
        defer { meter.end() }
        let result =
            act == .enable
            ? try store.enableModule(names[0], of: name, lockTimeoutSeconds: lockTimeout)
            : try store.disableModule(names[0], of: name, lockTimeoutSeconds: lockTimeout) {
                meter.update(done: $0.value, total: $1.value)
            }
        meter.end()
        try session.catchUpAll(store)
        try tell(result, session)
    }

    private func tell(_ result: ModuleChange, _ session: Session) throws {
        let other = act == .enable ? "disable" : "enable"
        let back = session.command(
            "modules", other, result.module, "--projection", result.projection)
        let next =
            result.pending.isEmpty
            ? nil : session.command("migrate", "--projection", result.projection)
        let message = result.isChanged ? "\(act.rawValue)d" : "nothing to do"
        try session.console.emit([
            "schema": "annals.module-change/1", "act": .string(act.rawValue),
            "projection": .string(result.projection), "module": .string(result.module),
            "message": .string(message), "pending": .array(result.pending.map { JSON($0) }),
            "rolledBack": .array((result.rollback?.rolledBack ?? []).map { JSON($0) }),
            "hidden": .array(
                (result.rollback?.hidden ?? []).map {
                    ["type": .string($0.type), "count": JSON($0.count)]
                }), "next": JSON(next),
            "back": result.isChanged ? .array([.string(back)]) : [],
        ])
        guard result.isChanged else { return try session.console.print("nothing to do") }
        try session.console.print("\(result.projection): \(message) \(result.module)")
        for number in result.rollback?.rolledBack ?? [] {
            try session.console.print("  rolled back \(MigrationName.full(number, ""))")
        }
        for hidden in result.rollback?.hidden ?? [] {
            try session.console.print(
                "  no longer shown: \(DisplayText.escaped(hidden.type)), "
                    + DisplayText.count(hidden.count, "event"))
        }
        if let next { try session.console.print("next: \(next)") }
        try session.console.print("back: \(back)")
    }

    private func reassign(_ session: Session) throws {
        let store = try session.openForWriting()
        let name = try session.projection(projection, of: store)
        session.stopAtSafePoints()
        let meter = ProgressMeter("reassigning", on: session.console)
        defer { meter.end() }
        let result = try store.reassign(
            name, Int(names[0]) ?? 0, to: Int(names[1]) ?? 0, lockTimeoutSeconds: lockTimeout
        ) { meter.update(done: $0.value, total: $1.value) }
        meter.end()
        let next = result.remaining.isEmpty ? nil : session.command("validate", name)
        let back =
            "renumber the file to \(MigrationName.full(result.old, result.name)), then "
            + session.command(
                "modules", "reassign", String(result.new), String(result.old), "--projection", name)
        try session.console.emit([
            "schema": "annals.module-change/1", "act": "reassign", "projection": .string(name),
            "name": .string(result.name), "from": JSON(result.old), "to": JSON(result.new),
            "message": "reassigned", "events": JSON(result.events),
            "remaining": .array(result.remaining.map(\.document)), "next": JSON(next),
            "back": .array([.string(back)]),
        ])
        try session.console.print(
            "\(name): \(MigrationName.full(result.old, result.name)) is "
                + "\(MigrationName.full(result.new, result.name)) now")
        for drift in result.remaining {
            try session.console.print("left: \(DisplayText.escaped(drift.summary))")
        }
        if let next { try session.console.print("next: \(next)") }
        try session.console.print("back: \(back)")
    }
}
