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
    /// How long building and switching took, in milliseconds.
    public let durationMs: Double
    /// How long writers waited for the switch, in milliseconds.
    public let switchMs: Double

    /// Whether a retained generation was caught up instead of a replay.
    public var usedRetained: Bool { way == .retained }

    /// The error of a rollback that must not hide events; `nil` when it hides none.
    public var strictRefusal: AnnalsError? {
        guard let first = hidden.first else { return nil }
        let types = hidden.map { "\($0.type) (\($0.count))" }.joined(separator: ", ")
        return AnnalsError(
            .invalid, "EVENTS_HIDDEN",
            "At version \(to) '\(projection)' would not show the events of \(types).",
            hint: "Without --strict they are hidden until it goes forward again; nothing is lost.",
            context: .init(type: first.type, projection: projection))
    }
}

extension EventStore {
    /// Says what a rollback would do, and changes nothing.
    /// - Throws: `TARGET_ABOVE`, `TARGET_UNKNOWN`, `MODULE_UNKNOWN`, `MODULE_NEEDED`,
    ///   `MIGRATION_DRIFT`.
    public func planRollback(
        _ projection: String, to target: MigrationTarget = .next,
        options: RollbackOptions = RollbackOptions()
    ) throws(AnnalsError) -> RollbackResult {
        let state = try checkedState(projection)
        let definition = try handle(projection).definition
        return try plan(
            projection, try RollbackSelection(target, options, state, definition), state)
    }

    /// Brings a projection back to an earlier version: the retained generation of it is caught up,
    /// or a new one is built by replay.
    ///
    /// What was applied last goes first. The log keeps everything, so going forward again loses nothing.
    /// - Throws: as `planRollback`; `LOCKED`, `EVENT_REFUSED`; with `isStrict`, `EVENTS_HIDDEN`.
    public func rollback(
        _ projection: String, to target: MigrationTarget = .next,
        options: RollbackOptions = RollbackOptions(), lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> RollbackResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: self.options.clock())
        defer { withExtendedLifetime(lock) {} }
        let state = try checkedState(projection)
        let definition = try handle(projection).definition
        let selection = try RollbackSelection(target, options, state, definition)
        let plan = try plan(projection, selection, state)
        guard !selection.removed.isEmpty else { return plan }
        if options.isStrict, let refusal = plan.strictRefusal { throw refusal }
        return try takeBack(plan, selection, state, progress: progress)
    }

    /// Builds the version set without what goes and switches to it, under the lock.
    ///
    /// - Parameters:
    ///   - first: Told to the log before what is taken back.
    ///   - change: Changes the state besides.
    func takeBack(
        _ plan: RollbackResult, _ selection: RollbackSelection, _ before: ProjectionState,
        telling first: [ProjectionState.Outgoing] = [],
        _ change: @escaping @Sendable (inout ProjectionState) -> Void = { _ in },
        progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> RollbackResult {
        let start = ContinuousClock.now
        let projection = plan.projection
        let removed = Set(selection.removed)
        do throws(AnnalsError) {
            let built = try reach(
                selection.kept, of: projection, from: before, progress: progress)
            let notes = first + (try notes(of: plan, before))
            let switchMs = try switchTo(
                projection, built.generation, built.database, quarantines: before.quarantines
            ) { state in
                state.applied.removeAll { removed.contains($0.number) }
                state.outgoing += notes
                change(&state)
            }
            try settle(projection)
            return RollbackResult(
                projection: projection, from: plan.from, to: plan.to,
                rolledBack: plan.rolledBack, hidden: plan.hidden, way: built.way,
                events: built.events, durationMs: (ContinuousClock.now - start) / .milliseconds(1),
                switchMs: switchMs)
        } catch {
            noteFailure(projection, nil, "rollback", error)
            throw error
        }
    }

    /// What a rollback would do.
    func plan(
        _ projection: String, _ selection: RollbackSelection, _ state: ProjectionState
    ) throws(AnnalsError) -> RollbackResult {
        let definition = try handle(projection).definition
        let shown = Set(definition.handlers(in: selection.kept).map(\.eventType))
        let lost = Set(definition.handlers(in: state.versions).map(\.eventType))
            .subtracting(shown)
        // Counting walks the index of the newest events, so it is not done for nothing.
        let types = lost.isEmpty ? [] : try log.types()
        let hidden = types.filter { lost.contains($0.name) }.map {
            RollbackResult.Hidden(type: $0.name, count: Int($0.count))
        }
        return RollbackResult(
            projection: projection, from: state.version, to: selection.kept.last ?? 0,
            rolledBack: selection.removed, hidden: hidden, way: nil, events: 0, durationMs: 0,
            switchMs: 0)
    }

    /// What the log is told of each migration that goes, the last applied first.
    private func notes(
        of plan: RollbackResult, _ state: ProjectionState
    ) throws(AnnalsError) -> [ProjectionState.Outgoing] {
        let position = Int(try log.head().value)
        return plan.rolledBack.map { number in
            let entry = state.applied.first { $0.number == number }
            return adminEvent(
                "migration.rolled_back", plan.projection,
                [
                    "module": entry?.module ?? "", "version": number, "name": entry?.name ?? "",
                    "from": plan.from, "to": plan.to, "log_position": position,
                ])
        }
    }
}
