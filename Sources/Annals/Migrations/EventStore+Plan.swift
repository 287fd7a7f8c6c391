public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// What a migration to the target would do, and how; nothing is changed.
    /// - Throws: what `migrate` would refuse with before it begins: `MIGRATION_DRIFT`, `TARGET_BELOW`,
    ///   `TARGET_UNKNOWN`, or what is wrong with the definition.
    public func planMigration(
        _ projection: String, to target: MigrationTarget = .next,
        options: MigrateOptions = MigrateOptions()
    ) throws(AnnalsError) -> MigrationPlan {
        let state = try checkedState(projection)
        let definition = try handle(projection).definition
        let chosen = try MigrationSelection(target, options, state, definition).numbers
        guard !chosen.isEmpty else {
            return MigrationPlan(
                projection: projection, from: state.version, to: state.version, steps: [],
                way: nil, because: "", events: 0, types: [], eventsPerSecond: state.measured?.rate,
                disk: .init(neededBytes: 0, freeBytes: try freeBytes()))
        }
        let versions = (state.versions + chosen).sorted()
        let choice = try way(to: versions, of: projection, from: state)
        let counts = try counts(of: choice, at: versions, definition)
        return MigrationPlan(
            projection: projection, from: state.version, to: versions.last ?? 0,
            steps: PlanReasons(definition, state, chosen, target).steps,
            way: choice.way, because: choice.because, events: counts.events,
            types: counts.types, eventsPerSecond: state.measured?.rate,
            disk: try disk(for: choice, state))
    }

    /// What would be read, and the handled part of it by type.
    private func counts(
        of choice: BuildChoice, at versions: [Int], _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> (events: Int, types: [MigrationPlan.EventCount]) {
        let handled =
            choice.change?.eventTypes ?? definition.handlers(in: versions).map(\.eventType)
        let types = try log.types().filter { handled.contains($0.name) }.map {
            MigrationPlan.EventCount(type: $0.name, count: Int($0.count))
        }
        let behind = Int(try log.head().value - choice.checkpoint.value)
        guard let change = choice.change else { return (behind, types) }
        // The events behind the copy are read for all handlers, those of the new ones among them.
        let again = try count(of: change.eventTypes, after: choice.checkpoint)
        return (types.reduce(0) { $0 + $1.count } - again + behind, types)
    }

    private func count(of types: [String], after: Position) throws(AnnalsError) -> Int {
        guard !types.isEmpty else { return 0 }
        var count = 0
        do {
            _ = try log.read(EventQuery(types: types), after: after, limit: .max) { _ in count += 1
            }
        } catch {
            throw storeError(error)
        }
        return count
    }

    private func disk(
        for choice: BuildChoice, _ state: ProjectionState
    ) throws(AnnalsError) -> MigrationPlan.Disk {
        let free = try freeBytes()
        if choice.way == .retained { return .init(neededBytes: 0, freeBytes: free) }
        guard let current = state.current else { return .init(neededBytes: nil, freeBytes: free) }
        let path = files.generation(current.file)
        guard FileManager.default.fileExists(atPath: path) else {
            return .init(neededBytes: nil, freeBytes: free)
        }
        return .init(
            neededBytes: try StoreFiles.size(path) + StoreFiles.size(path + "-wal"),
            freeBytes: free)
    }

    /// Refuses a migration whose new file would not fit, judged by the live file.
    /// - Throws: `DISK_FULL`.
    func checkSpace(
        _ projection: String, _ selection: MigrationSelection, _ state: ProjectionState
    ) throws(AnnalsError) {
        let versions = (state.versions + selection.numbers).sorted()
        let disk = try disk(for: try way(to: versions, of: projection, from: state), state)
        guard let needed = disk.neededBytes, disk.fits == false else { return }
        throw AnnalsError(
            .unavailable, "DISK_FULL",
            "The new file of '\(projection)' needs about \(needed) bytes, and \(disk.freeBytes) are "
                + "free; nothing was begun.",
            hint: "Free some space, or give --ignore-free-space when you know better.",
            context: .init(projection: projection))
    }

    private func freeBytes() throws(AnnalsError) -> Int {
        if let free = options.freeBytes { return free() }
        do {
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: files.root)
            return (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        } catch {
            throw StoreFiles.fileError("asking for the free space at", files.root, error)
        }
    }
}

/// Why each migration of a plan is a step.
private struct PlanReasons {
    let definition: ProjectionDefinition
    let state: ProjectionState
    let chosen: [Int]
    let target: MigrationTarget

    init(
        _ definition: ProjectionDefinition, _ state: ProjectionState, _ chosen: [Int],
        _ target: MigrationTarget
    ) {
        self.definition = definition
        self.state = state
        self.chosen = chosen
        self.target = target
    }

    var steps: [MigrationPlan.Step] {
        let needed = neededByTarget
        return definition.migrations(in: chosen).map { migration in
            let (reason, detail) = reason(for: migration, needed)
            return MigrationPlan.Step(
                number: migration.number, name: migration.name, module: migration.module,
                reason: reason, detail: detail)
        }
    }

    private func reason(
        for migration: Migration, _ needed: Set<Int>
    ) -> (MigrationPlan.Reason, String) {
        let module = definition.module(migration.module)
        let hasApplied = state.applied.contains { $0.module == migration.module }
        if !state.applied.isEmpty, !hasApplied, module?.isEnabledByDefault == false {
            return (
                .backfill,
                "the module '\(migration.module)' was enabled later; "
                    + "it is filled from the first event on"
            )
        }
        if migration.number < state.version {
            let greater = definition.migration(state.version)?.fullName ?? "\(state.version)"
            return (.late, "a late lower number: \(greater) is applied already")
        }
        if case .version(let number) = target, needed.contains(migration.number) {
            let name = definition.migration(number)?.fullName ?? "\(number)"
            return (.dependency, "\(name) depends on it")
        }
        return (.pending, "enabled and not applied")
    }

    /// What the named target depends on, directly or not, itself left out.
    private var neededByTarget: Set<Int> {
        guard case .version(let target) = target else { return [] }
        var needed: Set<Int> = []
        var open = [target]
        while let number = open.popLast() {
            guard let migration = definition.migration(number) else { continue }
            let before = definition.migrations.last {
                $0.module == migration.module && $0.number < number
            }
            let depends = migration.depends + (before.map { [$0.number] } ?? [])
            open += depends.filter { needed.insert($0).inserted }
        }
        return needed
    }
}
