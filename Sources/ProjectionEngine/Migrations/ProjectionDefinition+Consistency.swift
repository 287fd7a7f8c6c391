public import EventModel

extension ProjectionDefinition {
    /// Checks that the migrations fit together: each number in its module's range, no number left
    /// out, dependencies that are there, sections and tables that do not claim the same twice.
    ///
    /// - Parameters:
    ///   - recorded: The numbers that a store has on record as applied. Holes below the greatest of
    ///     them in a module are history, and so is what depends on one of them.
    ///   - allowsHoles: whether numbers may be left out anywhere.
    /// - Throws: `invalid` with file, line and column: `MIGRATION_RANGE`, `MIGRATION_GAP`,
    ///   `MIGRATION_DEPENDS`, `MIGRATION_OFF`, `MIGRATION_SEED`, `MIGRATION_UPCAST`, `TABLE_DUPLICATE`.
    public func checkConsistency(
        recorded: Set<Int> = [], allowsHoles: Bool = false
    ) throws(AnnalsError) {
        if let first = consistencyProblems(recorded: recorded, allowsHoles: allowsHoles).first {
            throw first
        }
    }

    /// All that `checkConsistency` finds: at most one error for each migration and question.
    public func consistencyProblems(
        recorded: Set<Int> = [], allowsHoles: Bool = false
    ) -> [AnnalsError] {
        var found: [AnnalsError] = []
        func collect(_ check: () throws(AnnalsError) -> Void) {
            do throws(AnnalsError) {
                try check()
            } catch {
                var located = error
                located.context.projection = name
                found.append(located)
            }
        }
        for migration in migrations {
            collect { () throws(AnnalsError) in try checkRange(of: migration) }
        }
        for module in modules where !allowsHoles {
            collect { () throws(AnnalsError) in try checkHoles(of: module, recorded) }
        }
        for migration in migrations {
            collect { () throws(AnnalsError) in try checkDependencies(of: migration, recorded) }
        }
        collect { () throws(AnnalsError) in try checkEventSections() }
        collect { () throws(AnnalsError) in try checkTables() }
        return found
    }

    /// Checks what a definition cannot be without: each number once, each migration in a module.
    func checkClaims() throws(AnnalsError) {
        for (earlier, later) in zip(migrations, migrations.dropFirst())
        where earlier.number == later.number {
            throw later.error(
                "MIGRATION_DUPLICATE", line: 1,
                "the number \(Migration.padded(later.number)) is taken by \(earlier.file) already.",
                hint: "Give one of the two files another number.")
        }
        for migration in migrations where module(migration.module) == nil {
            throw migration.error(
                "MIGRATION_MODULE", line: migration.moduleLine,
                "the manifest has no module `\(migration.module)`.",
                hint: "The modules are \(modules.map(\.name).joined(separator: ", ")).")
        }
    }

    /// No number is left out between the greatest one on record, or the range's first, and the last.
    private func checkHoles(of module: Module, _ recorded: Set<Int>) throws(AnnalsError) {
        let last = recorded.filter { module.range.contains($0) }.max()
        var expected = last.map { $0 + 1 } ?? module.range.lowerBound
        for migration in migrations
        where migration.module == module.name && migration.number >= expected {
            guard migration.number == expected else {
                throw migration.error(
                    "MIGRATION_GAP", line: 1,
                    "\(Migration.padded(expected)) is missing before it in the module "
                        + "`\(module.name)`.",
                    hint: "Numbers of a module follow each other; add it, or renumber this file.")
            }
            expected += 1
        }
    }

    private func checkRange(of migration: Migration) throws(AnnalsError) {
        guard let module = module(migration.module), !module.range.contains(migration.number)
        else { return }
        let number = Migration.padded(migration.number)
        let owner = modules.first { $0.range.contains(migration.number) }
            .map { ", and `\($0.name)` claims \(number)" }
        throw migration.error(
            "MIGRATION_RANGE", line: migration.moduleLine,
            "\(number) is not in the range \(module.range.lowerBound) to \(module.range.upperBound) "
                + "of its module `\(module.name)`\(owner ?? "").",
            hint: "Renumber the file, or name the module that it belongs to.")
    }

    /// Each dependency is there, and belongs to a module that this one depends on.
    private func checkDependencies(
        of migration: Migration, _ recorded: Set<Int>
    ) throws(AnnalsError) {
        let reachable = modulesNeeded(by: [migration.module])
        for number in migration.depends {
            guard let other = self.migration(number) else {
                if recorded.contains(number) { continue }
                throw migration.error(
                    "MIGRATION_DEPENDS", line: migration.dependsLine,
                    "it depends on \(Migration.padded(number)), which is not there.",
                    hint: "Add the file, or correct the line `-- Depends:`.")
            }
            guard reachable.contains(other.module) else {
                throw migration.error(
                    "MIGRATION_DEPENDS", line: migration.dependsLine,
                    "it depends on \(other.fullName), and its module `\(migration.module)` does "
                        + "not depend on `\(other.module)`.",
                    hint: "Add `depends: [\(other.module)]` to the module in the manifest.")
            }
        }
    }

    /// The named modules and all that they depend on, directly or not.
    public func modulesNeeded(by names: Set<String>) -> Set<String> {
        var needed: Set<String> = []
        var open = Array(names)
        while let name = open.popLast() {
            if needed.insert(name).inserted { open += module(name)?.depends ?? [] }
        }
        return needed
    }

    /// Seeds have different ids, upcasts one owner, and what `-- Off` removes is there.
    private func checkEventSections() throws(AnnalsError) {
        var seeds: [String: Seed] = [:]
        var upcasts: [String: Migration] = [:]
        var handled: Set<String> = []
        for migration in migrations {
            for off in migration.offs {
                guard handled.remove("\(migration.module) \(off.eventType)") != nil else {
                    throw migration.error(
                        "MIGRATION_OFF", line: off.line,
                        "the module `\(migration.module)` has no handler of `\(off.eventType)` to remove.",
                        hint: "Remove the line; a module removes its own handlers only.")
                }
            }
            handled.formUnion(migration.handlers.map { "\(migration.module) \($0.eventType)" })
            for seed in migration.seeds {
                if seed.stream.utf8.starts(with: Event.reservedPrefix.utf8) {
                    throw migration.error(
                        "MIGRATION_SEED", line: seed.line,
                        "the stream `\(seed.stream)` is the store's own: names that begin with "
                            + "`\(Event.reservedPrefix)` are reserved.",
                        hint: "Give the seed another stream.")
                }
                if let other = seeds.updateValue(seed, forKey: seed.id) {
                    throw migration.error(
                        "MIGRATION_SEED", line: seed.line,
                        "the id `\(seed.id)` is the seed's at \(other.file):\(other.line) already.",
                        hint: "An id is one event for ever: choose another one.")
                }
            }
            for upcast in migration.upcasts {
                let key = "\(upcast.from) \(upcast.eventType)"
                if let other = upcasts.updateValue(migration, forKey: key),
                    other.module != migration.module
                {
                    throw migration.error(
                        "MIGRATION_UPCAST", line: upcast.section.firstLine - 1,
                        "the module `\(other.module)` upcasts `\(upcast.eventType)` from "
                            + "\(upcast.from) already (\(other.file)).",
                        hint: "Leave an event type's upcasts to one module.")
                }
            }
        }
    }

    /// Checks that a version set can be: known numbers, no module's number without the ones before it,
    /// no migration
    /// without what it and its module depend on.
    /// - Throws: `invalid`: `MIGRATION_UNKNOWN`, `MIGRATION_ORDER`, `MIGRATION_DEPENDS` or `MODULE_DEPENDS`.
    public func validate(versionSet: [Int]) throws(AnnalsError) {
        let numbers = Set(versionSet)
        for number in versionSet where migration(number) == nil {
            throw AnnalsError(
                .invalid, "MIGRATION_UNKNOWN",
                "The projection \(name) has no migration \(Migration.padded(number)).",
                hint: "Use a program or a folder that has it.",
                context: .init(projection: name, migration: number))
        }
        for migration in migrations where numbers.contains(migration.number) {
            let before = migrations.filter {
                $0.module == migration.module && $0.number < migration.number
            }.map(\.number)
            try require(before, of: migration, in: numbers, "MIGRATION_ORDER", "comes after")
            try require(
                migration.depends, of: migration, in: numbers, "MIGRATION_DEPENDS", "depends on")
            try require(
                firstOfModules(neededBy: migration), of: migration, in: numbers, "MODULE_DEPENDS",
                "needs the module of")
        }
    }

    /// Checks that some migrations have what they and their modules depend on in a version set.
    /// - Throws: `invalid`: `MIGRATION_DEPENDS` or `MODULE_DEPENDS`.
    public func checkDependencies(
        of numbers: [Int], in versionSet: Set<Int>
    ) throws(AnnalsError) {
        for migration in migrations(in: numbers) {
            try require(
                migration.depends, of: migration, in: versionSet, "MIGRATION_DEPENDS", "depends on")
            try require(
                firstOfModules(neededBy: migration), of: migration, in: versionSet,
                "MODULE_DEPENDS", "needs the module of")
        }
    }

    /// The migrations of a version set that cannot be without some others, ascending: they, or their
    /// modules, depend on one of these or on each other.
    public func dependents(on removed: Set<Int>, in versionSet: [Int]) -> [Int] {
        var gone = removed
        // What a migration depends on has a lower number, so one pass meets all.
        for migration in migrations(in: versionSet)
        where !gone.isDisjoint(with: migration.depends + firstOfModules(neededBy: migration)) {
            gone.insert(migration.number)
        }
        return gone.subtracting(removed).sorted()
    }

    /// A module stands on the first migration of each module that it depends on.
    private func firstOfModules(neededBy migration: Migration) -> [Int] {
        (module(migration.module)?.depends ?? []).compactMap { name in
            migrations.first { $0.module == name }?.number
        }
    }

    private func require(
        _ needed: [Int], of migration: Migration, in numbers: Set<Int>, _ code: String,
        _ verb: String
    ) throws(AnnalsError) {
        guard let missing = needed.first(where: { !numbers.contains($0) }) else { return }
        throw AnnalsError(
            .invalid, code,
            "\(migration.fullName) \(verb) \(Migration.padded(missing)), which is not in force.",
            hint: "Enable the module that has it, or leave \(migration.fullName) out too.",
            context: .init(projection: name, migration: migration.number, file: migration.file))
    }
}
