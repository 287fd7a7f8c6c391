public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// Where a migration or rollback should lead.
public enum MigrationTarget: Sendable, Equatable {
    /// The newest (migrate), or one step back (rollback).
    case next
    /// This number: everything up to it, nothing beyond.
    case version(Int)
    /// So many steps.
    case steps(Int)
}

/// What a migration did.
public struct MigrateResult: Sendable, Equatable {
    /// One applied migration.
    public struct Applied: Sendable, Equatable {
        /// Its number.
        public let number: Int
        /// Its name.
        public let name: String
    }

    /// The projection.
    public let projection: String
    /// The version before, 0 for none.
    public let from: Int
    /// The version now.
    public let to: Int
    /// What was applied, in order; empty when there was nothing to do.
    public let applied: [Applied]
    /// Events replayed.
    public let events: Int
    /// How the version was reached; `nil` when there was nothing to do.
    public let way: BuildWay?
    /// How long it took, in milliseconds.
    public let durationMs: Double
    /// How long writers waited for the switch, in milliseconds.
    public let switchMs: Double
}

extension EventStore {
    /// Brings a projection to a later version: a new generation is built at the new version set from
    /// the first event on, beside the live one, and then switched to.
    ///
    /// It is there whole or not at all. One migration, rollback or rebuild runs at a time; who waits for
    /// another finds nothing left to do.
    /// - Throws: `LOCKED`, `MIGRATION_DRIFT`, `TARGET_BELOW`, `TARGET_UNKNOWN`, what is wrong with the
    ///   definition, or `EVENT_REFUSED`.
    public func migrate(
        _ projection: String, to target: MigrationTarget = .next, lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> MigrateResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let start = options.clock()
        let before = try checkedState(projection)
        let definition = try handle(projection).definition
        let chosen = try choose(target, of: before.pending(in: definition), before, definition)
        guard !chosen.isEmpty else {
            return MigrateResult(
                projection: projection, from: before.version, to: before.version, applied: [],
                events: 0, way: nil, durationMs: 0, switchMs: 0)
        }
        try definition.checkConsistency(recorded: before.recorded)
        try definition.check()
        let versions = (before.versions + chosen).sorted()
        let built = try reach(versions, of: projection, from: before, progress: progress)
        do {
            try seed(projection, built, quarantines: before.quarantines)
        } catch {
            if built.way != .retained { try removeGeneration(built.generation.file) }
            throw error
        }
        let now = options.clock()
        let applied = definition.migrations(in: chosen)
        let entries = applied.map { migration in
            ProjectionState.Applied(
                number: migration.number, name: migration.name, module: migration.module,
                appliedAt: now.milliseconds, checksums: migration.checksums.rendering)
        }
        let position = try log.head()
        let duration = now.milliseconds - start.milliseconds
        let notes = applied.map { migration in
            adminEvent(
                "migration.applied", projection,
                [
                    "module": migration.module, "version": migration.number,
                    "name": migration.name, "checksum": migration.checksums.whole,
                    "dialect": definition.dialect.rawValue, "log_position": Int(position.value),
                    "duration_ms": Int(duration),
                ])
        }
        let switchMs = try switchTo(
            projection, built.generation, built.database, quarantines: before.quarantines
        ) { state in
            state.applied += entries
            state.outgoing += notes
        }
        try settle(projection)
        return MigrateResult(
            projection: projection, from: before.version, to: versions.last ?? 0,
            applied: applied.map { .init(number: $0.number, name: $0.name) },
            events: built.events, way: built.way,
            durationMs: Double(options.clock().milliseconds - start.milliseconds),
            switchMs: switchMs)
    }

    /// The numbers that a migration to the target applies, ascending.
    func choose(
        _ target: MigrationTarget, of pending: [Int], _ state: ProjectionState,
        _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> [Int] {
        switch target {
        case .next: return pending
        case .steps(let count): return Array(pending.prefix(max(count, 0)))
        case .version(let version):
            guard version >= state.version else {
                throw AnnalsError(
                    .invalid, "TARGET_BELOW",
                    "The projection is at version \(state.version); \(version) lies below it.",
                    hint: "Use 'annals rollback --to \(version)' to go back.")
            }
            guard version == 0 || definition.migration(version) != nil else {
                throw AnnalsError(
                    .invalid, "TARGET_UNKNOWN", "There is no migration \(version).",
                    hint: "The newest is \(definition.migrations.last?.number ?? 0).")
            }
            return pending.filter { $0 <= version }
        }
    }
}
