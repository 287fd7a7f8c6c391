internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals validate`: checks definitions, history and live files.
struct ValidateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check migrations, what was applied, and the live files' schema and rows.")

    @Argument(help: "The projections; all without one.")
    var projections: [String] = []

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        let known = Set(store.projections).union(try store.status().projections.map(\.name))
        let names = projections.isEmpty ? known.sorted() : projections
        var validations: [ProjectionValidation] = []
        for name in names { validations.append(try store.validate(name)) }
        let status = Self.verdict(validations)
        try session.console.emit([
            "schema": "annals.validate/1", "valid": .bool(status == .done),
            "projections": .array(validations.map(Self.document)),
        ])
        for validation in validations { try tell(validation, session.console) }
        return status
    }

    /// Drift decides before defects, because nothing can be rebuilt while there is any.
    private static func verdict(_ validations: [ProjectionValidation]) -> ExitStatus {
        if validations.contains(where: { $0.drift.contains(where: \.isBlocking) }) { return .drift }
        return validations.contains { !$0.problems.isEmpty } ? .failure : .done
    }

    private static func document(_ validation: ProjectionValidation) -> JSON {
        [
            "name": .string(validation.projection),
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
