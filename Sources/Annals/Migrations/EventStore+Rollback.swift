public import EventModel
internal import LogStorage
internal import ProjectionEngine

/// What a rollback did, or would do.
public struct RollbackResult: Sendable, Equatable {
    /// Events of a type that the earlier version does not show.
    public struct Hidden: Sendable, Equatable {
        /// The event type.
        public let type: String
        /// How many of its events the log has.
        public let count: Int
    }

    /// The projection.
    public let projection: String
    /// The version before.
    public let from: Int
    /// The version now, 0 for none.
    public let to: Int
    /// The numbers that are no longer applied, newest first.
    public let rolledBack: [Int]
    /// What the earlier version does not show; nothing of it is lost.
    public let hidden: [Hidden]
    /// How the earlier version was reached; a plan does not say.
    public let way: BuildWay?
    /// Events applied on the way.
    public let events: Int
    /// How long writers waited for the switch, in milliseconds.
    public let switchMs: Double

    /// Whether a retained generation was caught up instead of a replay.
    public var usedRetained: Bool { way == .retained }
}

extension EventStore {
    /// Says what a rollback would do, and changes nothing.
    /// - Throws: `TARGET_ABOVE`, `TARGET_UNKNOWN`, `MIGRATION_DRIFT`.
    public func planRollback(
        _ projection: String, to target: MigrationTarget = .next
    ) throws(AnnalsError) -> RollbackResult {
        let state = try checkedState(projection)
        let definition = try handle(projection).definition
        let kept = try remaining(target, state)
        let removed = state.applied.map(\.number).filter { !kept.contains($0) }.reversed()
        let shown = Set(definition.handlers(in: kept).map(\.eventType))
        let lost = Set(definition.handlers(in: state.versions).map(\.eventType))
            .subtracting(shown)
        let hidden = try log.types().filter { lost.contains($0.name) }.map {
            RollbackResult.Hidden(type: $0.name, count: Int($0.count))
        }
        return RollbackResult(
            projection: projection, from: state.version, to: kept.last ?? 0,
            rolledBack: Array(removed), hidden: hidden, way: nil, events: 0, switchMs: 0)
    }

    /// Brings a projection back to an earlier version: the retained generation of it is caught up,
    /// or a new one is built by replay.
    ///
    /// The log keeps everything, so going forward again loses nothing.
    ///
    /// - Throws: `LOCKED`, `MIGRATION_DRIFT`, `TARGET_ABOVE`, `TARGET_UNKNOWN`, `EVENT_REFUSED`.
    public func rollback(
        _ projection: String, to target: MigrationTarget = .next, lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> RollbackResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let plan = try planRollback(projection, to: target)
        guard !plan.rolledBack.isEmpty else { return plan }
        let before = try checkedState(projection)
        let removed = Set(plan.rolledBack)
        let versions = before.versions.filter { !removed.contains($0) }
        let built = try reach(versions, of: projection, from: before, progress: progress)
        let note = adminEvent(
            "migration.rolled_back", projection,
            [
                "from": plan.from, "to": plan.to, "versions": plan.rolledBack,
                "log_position": Int(try log.head().value),
            ])
        let switchMs = try switchTo(
            projection, built.generation, built.database, quarantines: before.quarantines
        ) { state in
            state.applied.removeAll { removed.contains($0.number) }
            state.outgoing.append(note)
        }
        try settle(projection)
        return RollbackResult(
            projection: projection, from: plan.from, to: plan.to, rolledBack: plan.rolledBack,
            hidden: plan.hidden, way: built.way, events: built.events, switchMs: switchMs)
    }

    /// The numbers that stay applied, ascending.
    private func remaining(
        _ target: MigrationTarget, _ state: ProjectionState
    ) throws(AnnalsError) -> [Int] {
        switch target {
        case .next: return try remaining(.steps(1), state)
        case .steps(let count):
            return state.applied.dropLast(max(count, 0)).map(\.number).sorted()
        case .version(let version):
            guard version <= state.version else {
                throw AnnalsError(
                    .invalid, "TARGET_ABOVE",
                    "The projection is at version \(state.version); \(version) lies above it.",
                    hint: "Use 'annals migrate --to \(version)' to go forward.")
            }
            guard version == 0 || state.versions.contains(version) else {
                throw AnnalsError(
                    .invalid, "TARGET_UNKNOWN", "Version \(version) is not applied.",
                    hint: "Applied are: \(state.versions.map(String.init).joined(separator: ", "))."
                )
            }
            return state.versions.filter { $0 <= version }
        }
    }
}
