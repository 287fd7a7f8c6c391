public import EventModel
internal import Foundation
internal import LogStorage
internal import Logging
internal import ProjectionEngine

extension EventStore {
    /// Brings a projection to a later version: a new generation is built at the new version set from
    /// the first event on, beside the live one, and then switched to.
    ///
    /// It is there whole or not at all. One migration, rollback or rebuild runs at a time; who waits for
    /// another finds nothing left to do.
    /// - Throws: `LOCKED`, `MIGRATION_DRIFT`, `TARGET_BELOW`, `TARGET_UNKNOWN`, `MODULE_UNKNOWN`,
    ///   `DISK_FULL` before anything is begun when the new file would not fit,
    ///   `MODULE_DISABLED`, `MIGRATION_OUT_OF_ORDER`, what is wrong with the definition, or
    ///   `EVENT_REFUSED`. Without `isGrouped` migrations before the one that failed may have been
    ///   applied: `attemptMigration` tells.
    public func migrate(
        _ projection: String, to target: MigrationTarget = .next,
        options: MigrateOptions = MigrateOptions(), lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> MigrateResult {
        let result = try attemptMigration(
            projection, to: target, options: options, lockTimeoutSeconds: lockTimeoutSeconds,
            progress: progress)
        if let failure = result.failure { throw failure }
        return result
    }

    /// The same for callers who want to know what was applied before a migration failed: then the
    /// result has a `failure`.
    ///
    /// All migrations are built into one generation. When one of them fails, those before it are
    /// built alone: the healthy prefix. With `isGrouped` a failure leaves everything as it was.
    /// - Throws: as `migrate`, when nothing was applied.
    public func attemptMigration(
        _ projection: String, to target: MigrationTarget = .next,
        options: MigrateOptions = MigrateOptions(), lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> MigrateResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: self.options.clock())
        defer { withExtendedLifetime(lock) {} }
        let before = try checkedState(projection)
        let selection = try MigrationSelection(
            target, options, before, try handle(projection).definition)
        guard !selection.numbers.isEmpty else {
            return MigrateResult(
                projection: projection, from: before.version, to: before.version, applied: [],
                events: 0, way: nil, durationMs: 0, switchMs: 0)
        }
        if !options.ignoresFreeSpace { try checkSpace(projection, selection, before) }
        let run = MigrationRun(
            store: self, projection: projection, before: before, selection: selection,
            options: options)
        var steps = selection.numbers[...]
        var failure: AnnalsError?
        while true {
            do throws(AnnalsError) {
                return try run.apply(Array(steps), after: failure, progress)
            } catch {
                failure = error
                let failed = steps
                steps = MigrationSelection.healthyPrefix(of: steps, error, options, before)
                guard !steps.isEmpty else {
                    let culprit = error.context.migration.flatMap { failed.contains($0) ? $0 : nil }
                    noteFailure(projection, culprit ?? failed.first, "migrate", error)
                    throw error
                }
            }
        }
    }
}

extension EventStore {
    /// Whether a migration would do something.
    /// - Throws: what is wrong with the projection's files.
    public func needsMigration(_ projection: String) throws(AnnalsError) -> Bool {
        let definition = try handle(projection).definition
        return try !stateOrNew(of: projection).pending(in: definition).isEmpty
    }

    /// Migrates what waits, and takes no lock where nothing does.
    func migratePending() throws(AnnalsError) -> [MigrateResult] {
        var results: [MigrateResult] = []
        for projection in projections where try needsMigration(projection) {
            let result = try migrate(
                projection, lockTimeoutSeconds: options.lockTimeoutSeconds)
            if !result.applied.isEmpty { results.append(result) }
        }
        return results
    }
}

/// One migration of one projection, under the lock.
private struct MigrationRun {
    let store: EventStore
    let projection: String
    let before: ProjectionState
    let selection: MigrationSelection
    let options: MigrateOptions
    let start: Timestamp

    init(
        store: EventStore, projection: String, before: ProjectionState,
        selection: MigrationSelection, options: MigrateOptions
    ) {
        self.store = store
        self.projection = projection
        self.before = before
        self.selection = selection
        self.options = options
        start = store.options.clock()
    }

    /// Builds the version set with some steps, appends its seeds and switches to it.
    ///
    /// - Parameter failure: Why it is not all of the steps; told together with what is applied.
    func apply(
        _ steps: [Int], after failure: AnnalsError?, _ progress: (Position, Position) -> Void
    ) throws(AnnalsError) -> MigrateResult {
        let definition = try store.handle(projection).definition
        let versions = (before.versions + steps).sorted()
        let built = try store.reach(versions, of: projection, from: before, progress: progress)
        do {
            try store.seed(projection, built, quarantines: before.quarantines)
        } catch {
            if built.way != .retained { try store.removeGeneration(built.generation.file) }
            throw error
        }
        let applied = definition.migrations(in: steps)
        let now = store.options.clock()
        let entries = applied.map { migration in
            ProjectionState.Applied(
                number: migration.number, name: migration.name, module: migration.module,
                appliedAt: now.milliseconds, checksums: migration.checksums.rendering)
        }
        var notes = try notes(
            of: applied, definition.dialect, durationMs: now.milliseconds - start.milliseconds)
        if let failure {
            let next = selection.numbers.first { !steps.contains($0) }
            notes.append(store.failureNote(projection, next, "migrate", failure))
        }
        let outgoing = notes
        let switchMs = try store.switchTo(
            projection, built.generation, built.database, quarantines: before.quarantines
        ) { state in
            // What was waived and is there again is applied like any other.
            state.applied.removeAll { steps.contains($0.number) }
            state.applied += entries
            state.outgoing += outgoing
        }
        try store.settle(projection)
        return MigrateResult(
            projection: projection, from: before.version, to: versions.last ?? 0,
            applied: applied.map { .init(number: $0.number, name: $0.name) },
            events: built.events, way: built.way,
            durationMs: Double(store.options.clock().milliseconds - start.milliseconds),
            switchMs: switchMs, failure: failure)
    }

    /// What the log is told: what was allowed, then what was applied.
    private func notes(
        of applied: [Migration], _ dialect: Dialect, durationMs: Int64
    ) throws(AnnalsError) -> [ProjectionState.Outgoing] {
        let position = Int(try store.log.head().value)
        var notes: [ProjectionState.Outgoing] = []
        for exception in selection.exceptions {
            guard let migration = applied.first(where: { $0.number == exception.number }) else {
                continue
            }
            notes.append(
                store.adminEvent(
                    "migration.allowed_out_of_order", projection,
                    [
                        "module": migration.module, "version": migration.number,
                        "name": migration.name, "above": exception.above,
                        "missing": exception.missing, "reason": options.reason,
                    ]))
        }
        return notes
            + applied.map { migration in
                store.adminEvent(
                    "migration.applied", projection,
                    [
                        "module": migration.module, "version": migration.number,
                        "name": migration.name, "checksum": migration.checksums.whole,
                        "dialect": dialect.rawValue, "log_position": position,
                        "duration_ms": Int(durationMs),
                    ])
            }
    }
}
