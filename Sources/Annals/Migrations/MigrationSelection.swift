internal import EventModel
internal import ProjectionEngine

/// What a migration to a target applies, after everything that refuses it beforehand.
struct MigrationSelection {
    /// A migration that comes out of order, which was allowed.
    struct Exception {
        let number: Int
        /// Applied numbers of its module above it, ascending.
        let above: [Int]
        /// Numbers of its module below it that are nowhere, ascending.
        let missing: [Int]
    }

    /// The numbers, ascending; empty when there is nothing to do.
    let numbers: [Int]
    /// Those out of order.
    let exceptions: [Exception]

    /// Chooses and checks; nothing is changed.
    /// - Throws: `TARGET_BELOW`, `TARGET_UNKNOWN`, `MODULE_UNKNOWN`, `MODULE_DISABLED`,
    ///   `MIGRATION_OUT_OF_ORDER`, what `checkConsistency` and `check` find.
    init(
        _ target: MigrationTarget, _ options: MigrateOptions, _ state: ProjectionState,
        _ definition: ProjectionDefinition
    ) throws(AnnalsError) {
        let choice = Choice(state: state, definition: definition, module: options.module)
        numbers = try choice.numbers(target)
        exceptions = choice.exceptions(numbers)
        guard !numbers.isEmpty else { return }
        if !options.allowsOutOfOrder, let late = exceptions.first(where: { !$0.above.isEmpty }) {
            throw choice.outOfOrder(late)
        }
        try definition.checkConsistency(
            recorded: state.recorded, allowsHoles: options.allowsOutOfOrder)
        try definition.checkDependencies(
            of: numbers, in: state.recorded.union(state.versions).union(numbers))
        try definition.check()
    }
}

extension MigrationSelection {
    /// The steps that may succeed without the one that failed; none where they are not to blame.
    ///
    /// Those before the migration that the error names. Where it names none of them, or the first,
    /// another one may have made it fail: then all but the last are tried.
    static func healthyPrefix(
        of steps: ArraySlice<Int>, _ error: AnnalsError, _ options: MigrateOptions,
        _ before: ProjectionState
    ) -> ArraySlice<Int> {
        guard !options.isGrouped, error.kind == .invalid, before.halt == nil else { return [] }
        if let named = error.context.migration, let index = steps.firstIndex(of: named),
            index > steps.startIndex
        {
            return steps[..<index]
        }
        return steps.dropLast()
    }
}

/// The choice of what is pending.
private struct Choice {
    let state: ProjectionState
    let definition: ProjectionDefinition
    let module: String?

    func numbers(_ target: MigrationTarget) throws(AnnalsError) -> [Int] {
        let enabled = state.enabledModules(of: definition)
        if let module { try checkEnabled(try definition.knownModule(module), enabled) }
        let pending = state.pending(in: definition).filter { number in
            module == nil || definition.migration(number)?.module == module
        }
        switch target {
        case .next: return pending
        case .steps(let count): return Array(pending.prefix(max(count, 0)))
        case .version(let version):
            // Beyond the newest stands for the newest.
            let newest = definition.migrations.last?.number ?? 0
            if version > newest, newest > 0 { return pending }
            try checkSide(version, pending)
            guard version != 0 else { return [] }
            guard let migration = definition.migration(version) else {
                throw unknown(version)
            }
            if let owner = definition.module(migration.module) { try checkEnabled(owner, enabled) }
            return pending.filter { $0 <= version }
        }
    }

    private func checkEnabled(_ module: Module, _ enabled: Set<String>) throws(AnnalsError) {
        guard module.isOptional, !enabled.contains(module.name) else { return }
        throw AnnalsError(
            .invalid, "MODULE_DISABLED",
            "The module '\(module.name)' of '\(definition.name)' is not enabled.",
            hint: "Run 'annals modules enable \(module.name) --projection \(definition.name)'.",
            context: .init(projection: definition.name))
    }

    /// A number below what is applied is the other verb's, unless it waits itself.
    private func checkSide(_ version: Int, _ pending: [Int]) throws(AnnalsError) {
        guard version >= 0 else { throw unknown(version) }
        let own = state.applied.filter { module == nil || $0.module == module }
        let current = own.filter { $0.waiver == nil }.map(\.number).max() ?? 0
        guard version < current, !pending.contains(version) else { return }
        throw AnnalsError(
            .invalid, "TARGET_BELOW",
            "The \(module.map { "module '\($0)'" } ?? "projection") is at version \(current); "
                + "\(version) lies below it.",
            hint: "Use 'annals rollback --to \(version)' to go back.",
            context: .init(projection: definition.name))
    }

    private func unknown(_ version: Int) -> AnnalsError {
        AnnalsError(
            .invalid, "TARGET_UNKNOWN", "There is no migration \(version).",
            hint: "The newest is \(definition.migrations.last?.number ?? 0).",
            context: .init(projection: definition.name))
    }

    /// Which of the numbers come after a greater one of their module, or above a hole.
    func exceptions(_ numbers: [Int]) -> [MigrationSelection.Exception] {
        definition.migrations(in: numbers).compactMap { migration in
            guard let range = definition.module(migration.module)?.range else { return nil }
            let above = state.versions.filter { $0 > migration.number && range.contains($0) }
            let known = state.recorded.union(definition.migrations.map(\.number))
            let missing = range.filter { $0 < migration.number && !known.contains($0) }
            guard !above.isEmpty || !missing.isEmpty else { return nil }
            return .init(number: migration.number, above: above, missing: Array(missing))
        }
    }

    func outOfOrder(_ late: MigrationSelection.Exception) -> AnnalsError {
        let migration = definition.migration(late.number)
        let above = late.above.map(Migration.padded).joined(separator: ", ")
        return AnnalsError(
            .invalid, "MIGRATION_OUT_OF_ORDER",
            "\(migration?.fullName ?? "\(late.number)") comes late: its module "
                + "'\(migration?.module ?? "")' has \(above) applied already.",
            hint: "Renumber the file, or give --allow-out-of-order, which is recorded.",
            context: .init(
                projection: definition.name, migration: late.number, file: migration?.file))
    }
}

extension ProjectionDefinition {
    /// A module by its name.
    /// - Throws: `MODULE_UNKNOWN`.
    func knownModule(_ name: String) throws(AnnalsError) -> Module {
        if let module = module(name) { return module }
        throw AnnalsError(
            .invalid, "MODULE_UNKNOWN",
            "The projection '\(self.name)' has no module '\(name)'.",
            hint: "It has: \(modules.map(\.name).joined(separator: ", ")).",
            context: .init(projection: self.name))
    }
}
