internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals repair`: waives one difference between what was applied and the files.
struct RepairCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Waive one missing or edited migration; the reason is recorded.",
        discussion: """
            An edited migration is accepted as it is now. A missing one stays on record as applied, \
            and what is built leaves it out. Once nothing blocks any more the projection is rebuilt.
            """)

    @Argument(help: "The migration: a number or a name.")
    var migration: String

    @Option(help: "The projection; may be left out when the store has one.")
    var projection: String?

    @Option(help: "Why the difference is right.")
    var reason: String

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(help: "How long to wait for another migration, rollback or rebuild, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let (name, number) = try preview(session)
        let store = try session.openForWriting()
        session.stopAtSafePoints()
        let meter = ProgressMeter("repairing \(name)", on: session.console)
        defer { meter.end() }
        let result = try store.repair(
            name, number, reason: reason, lockTimeoutSeconds: lockTimeout
        ) { meter.update(done: $0.value, total: $1.value) }
        meter.end()
        if result.isRebuilt { try session.catchUpAll(store) }
        try tell(result, session)
        return .done
    }

    /// Says what is to be waived and asks; the store is only read.
    private func preview(_ session: Session) throws -> (projection: String, number: Int) {
        let store = try session.openForReading()
        let name = try session.projection(projection, of: store)
        let applied = try store.status().projections.first { $0.name == name }?.applied ?? []
        let named = applied.first {
            $0.name == migration || MigrationName.full($0.number, $0.name) == migration
        }
        guard let number = Int(migration) ?? named?.number else {
            throw CommandError(
                AnnalsError(
                    .invalid, "MIGRATION_NOT_APPLIED",
                    "The migration '\(migration)' is not on record as applied.",
                    hint: "Give its number.", context: .init(projection: name)))
        }
        let drift = try store.drift(of: name).filter { $0.number == number }
        for difference in drift {
            session.console.note("\(name): \(DisplayText.escaped(difference.summary))")
        }
        if !yes, drift.contains(where: \.isBlocking) { try ask(name, number, session) }
        return (name, number)
    }

    private func ask(_ name: String, _ number: Int, _ session: Session) throws {
        guard session.console.canAsk else {
            throw CommandError.usage(
                "CONSENT_NEEDED", "To waive a difference wants consent.", hint: "Give --yes.",
                next: session.command(
                    "repair", migration, "--projection", name, "--reason", reason, "--yes"))
        }
        guard session.console.confirms("Accept this for \(name) \(number)?") else {
            throw CommandError(AnnalsError(.invalid, "NOT_CONFIRMED", "Nothing was changed."))
        }
    }

    private func tell(_ result: RepairResult, _ session: Session) throws {
        let title = MigrationName.full(result.number, result.name)
        let isDone = result.kind != nil
        let next = result.remaining.isEmpty ? nil : session.command("validate", result.projection)
        try session.console.emit([
            "schema": "annals.repair/1", "projection": .string(result.projection),
            "number": JSON(result.number), "name": .string(result.name),
            "kind": JSON(result.kind?.rawValue), "rebuilt": .bool(result.isRebuilt),
            "events": JSON(result.events),
            "remaining": .array(result.remaining.map(\.document)),
            "message": isDone ? "repaired" : "nothing to do", "next": JSON(next),
            "back": isDone ? .array([.string(Self.back)]) : [],
        ])
        guard let kind = result.kind else { return try session.console.print("nothing to do") }
        try session.console.print("\(result.projection): waived \(title), \(kind.rawValue)")
        if result.isRebuilt {
            try session.console.print(
                "rebuilt with \(DisplayText.count(result.events, "event"))")
        }
        for drift in result.remaining {
            try session.console.print("left: \(DisplayText.escaped(drift.summary))")
        }
        if let next { try session.console.print("next: \(next)") }
        try session.console.print("back: \(Self.back)")
    }

    private static let back = "restore the file as it was; the next repair or migrate accepts it"
}
