internal import EventModel
internal import ProjectionEngine

/// What a rollback to a target takes back, and what stays.
struct RollbackSelection {
    /// The numbers that go, the last applied first.
    let removed: [Int]
    /// The numbers that stay in force, ascending.
    let kept: [Int]

    /// Chooses and checks; nothing is changed.
    /// - Throws: `TARGET_ABOVE`, `TARGET_UNKNOWN`, `MODULE_UNKNOWN`,
    ///   `MODULE_NEEDED`.
    init(
        _ target: MigrationTarget, _ options: RollbackOptions, _ state: ProjectionState,
        _ definition: ProjectionDefinition
    ) throws(AnnalsError) {
        if let module = options.module { _ = try definition.knownModule(module) }
        let own = state.applied.filter {
            $0.waiver == nil && (options.module == nil || $0.module == options.module)
        }
        let chosen = try Self.chosen(target, own.map(\.number), options.module, definition)
        try self.init(
            removing: Set(chosen), cascades: options.cascades, state, definition)
    }

    /// Takes back some migrations, with `cascades` whatever depends on them too.
    /// - Throws: `MODULE_NEEDED` when others depend on them.
    init(
        removing chosen: Set<Int>, cascades: Bool, _ state: ProjectionState,
        _ definition: ProjectionDefinition
    ) throws(AnnalsError) {
        let dependents = definition.dependents(on: chosen, in: state.versions)
        if !cascades, let first = dependents.first {
            let names = definition.migrations(in: dependents).map(\.fullName)
            throw AnnalsError(
                .invalid, "MODULE_NEEDED",
                "\(names.joined(separator: ", ")) \(names.count == 1 ? "depends" : "depend") on "
                    + "what would be taken back.",
                hint: "Take these back first, or give --cascade to take all of it back.",
                context: .init(projection: definition.name, migration: first))
        }
        let gone = chosen.union(dependents)
        removed = state.applied.filter { $0.waiver == nil && gone.contains($0.number) }
            .map(\.number).reversed()
        kept = state.versions.filter { !gone.contains($0) }
    }

    /// - Parameter own: what may go, in the order of application.
    private static func chosen(
        _ target: MigrationTarget, _ own: [Int], _ module: String?,
        _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> [Int] {
        let version: Int
        switch target {
        case .next: return own.suffix(1)
        case .steps(let count): return own.suffix(max(count, 0))
        case .version(let number): version = number
        }
        let current = own.max() ?? 0
        let place =
            "The \(module.map { "module '\($0)'" } ?? "projection '\(definition.name)'") "
            + "is at version \(current)"
        func refused(_ code: String, _ message: String, _ hint: String) -> AnnalsError {
            AnnalsError(
                .invalid, code, message, hint: hint, context: .init(projection: definition.name))
        }
        if version > current {
            throw refused(
                "TARGET_ABOVE", "\(place); \(version) lies above it.",
                "Use 'annals migrate --to \(version)' to go forward.")
        }
        guard version == 0 || own.contains(version) else {
            throw refused(
                "TARGET_UNKNOWN", "Version \(version) is not applied.",
                "Applied are: \(own.sorted().map(String.init).joined(separator: ", ")).")
        }
        return own.filter { $0 > version }
    }
}
