internal import ArgumentParser
internal import EventModel
internal import ProjectionEngine

/// A version as it is given on the command line.
///
/// It is a number (`2`, `002`), a name (`add_weight`) or both (`002_add_weight`).
struct MigrationNumber: ExpressibleByArgument {
    /// The words that were given.
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    /// The number meant in a projection.
    /// - Throws: `TARGET_UNKNOWN` when no migration has the name.
    func number(in definition: ProjectionDefinition) throws(AnnalsError) -> Int {
        if let number = Int(text), number >= 0 { return number }
        let found = definition.migrations.first { $0.name == text || $0.fullName == text }
        if let found { return found.number }
        throw AnnalsError(
            .invalid, "TARGET_UNKNOWN",
            "The projection '\(definition.name)' has no migration '\(text)'.",
            hint: definition.migrations.last.map { "The newest is \($0.fullName)." } ?? "",
            context: .init(projection: definition.name))
    }
}
