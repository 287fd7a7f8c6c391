internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals validate`: checks definitions, history and live files.
struct ValidateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check migrations, what was applied, and the live files' schema and rows.",
        discussion: """
            With --prove every migration's Up and Down are tried in scratch files and compared with \
            replays: on the store's own events, or on those of event files.
            """)

    @Argument(help: "The projections; all without one.")
    var projections: [String] = []

    @Option(name: .customLong("projection"), help: "A projection; may be repeated.")
    var named: [String] = []

    @Flag(help: "Prove Up and Down of each migration against replays.")
    var prove = false

    @Option(
        help: ArgumentHelp(
            "With --prove: events of a file instead of the store's; may be repeated.",
            valueName: "file"))
    var history: [String] = []

    @Flag(help: "With --prove: take disabled optional modules in.")
    var allModules = false

    @Flag(help: "Record what is found as an event of the store; else nothing is written.")
    var record = false

    @OptionGroup var common: CommonOptions

    /// The projections that were named.
    var names: [String] { projections + named }

    func validate() throws {
        guard prove || (history.isEmpty && !allModules) else {
            throw ValidationError("--history and --all-modules go with --prove.")
        }
        guard !prove || !record else {
            throw ValidationError("--record goes without --prove.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        if prove { return try await runProof(in: session) }
        let store = record ? try session.openForWriting() : try session.openForReading()
        let known = Set(store.projections).union(try store.status().projections.map(\.name))
        let names = names.isEmpty ? known.sorted() : names
        var validations: [ProjectionValidation] = []
        for name in names { validations.append(try store.validate(name)) }
        let status = Self.verdict(validations)
        let event = record ? try store.record(validations) : nil
        try session.console.emit([
            "schema": "annals.validate/1", "valid": .bool(status == .done),
            "projections": .array(validations.map(Self.document)), "event": JSON(event),
        ])
        for validation in validations { try tell(validation, session.console) }
        if let event { try session.console.print("recorded at position \(event)") }
        return status
    }

    /// Drift decides before defects, because nothing can be rebuilt while there is any.
    private static func verdict(_ validations: [ProjectionValidation]) -> ExitStatus {
        if validations.contains(where: { $0.drift.contains(where: \.isBlocking) }) { return .drift }
        return validations.contains { !$0.problems.isEmpty } ? .failure : .done
    }

    private static func document(_ validation: ProjectionValidation) -> JSON {
        [
            "name": .string(validation.projection), "checkpoint": JSON(validation.checkpoint),
            "drift": .array(validation.drift.map(\.document)),
            "problems": .array(validation.problems.map(\.document)),
        ]
    }

    private func tell(_ validation: ProjectionValidation, _ console: Console) throws {
        let isBad = !validation.problems.isEmpty || validation.drift.contains(where: \.isBlocking)
        let word = isBad ? console.painted("NOT VALID", .red) : console.painted("valid", .green)
        try console.print("\(validation.projection): \(word)")
        for drift in validation.drift {
            try console.print("  \(drift.kind.rawValue): \(DisplayText.escaped(drift.summary))")
        }
        for problem in validation.problems {
            try console.print("  \(problem.code): \(DisplayText.escaped(problem.message))")
            if !problem.hint.isEmpty { try console.print("    hint: \(problem.hint)") }
        }
    }
}
