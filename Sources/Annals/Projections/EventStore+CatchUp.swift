public import EventModel
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// Events that one SQLite transaction takes while a projection catches up.
    static var catchUpBatch: Int { 16_384 }

    /// The name of the log in a projection's checkpoint: positions of other logs, or of this one before
    /// a restore, do not compare with its own.
    var logIdentity: String { Self.identity(of: log) }

    /// The same for any log: its id, its epoch and, after a restore, its branch.
    static func identity(of log: EventLog) -> String {
        "\(log.id).\(log.epoch)" + (log.branch.isEmpty ? "" : ".\(log.branch)")
    }

    /// Applies what the log has and a projection has not; returns the checkpoint reached.
    ///
    /// - Parameter progress: called now and then with the position reached and the head.
    /// - Throws: `PROJECTION_HALTED` at an event that a handler refuses, with the handler's place;
    ///   `PROJECTION_NOT_BUILT` before its first migration.
    public func catchUp(
        _ projection: String, progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> Position {
        let handle = try handle(projection)
        return try onCurrent(projection) { state, current throws(AnnalsError) in
            let head = try log.head()
            return try applying(projection, state) {
                try handle.with(current, in: files, log: logIdentity) { database in
                    try checkNotAhead(database, of: head)
                    try measuring(projection, state) {
                        try database.apply(
                            from: logForCatchUp(projection), through: head,
                            batchEvents: Self.catchUpBatch,
                            policy: state.quarantines ? .quarantine : .stop,
                            progress: { progress($0, head) })
                    }
                    return database.checkpoint
                }
            }
        }
    }

    /// Does something with the current generation; again, if another process switched to a new one
    /// meanwhile, whether it went well or the old file was gone.
    private func onCurrent<R>(
        _ projection: String,
        _ body: (ProjectionState, ProjectionState.Generation) throws(AnnalsError) -> R
    ) throws(AnnalsError) -> R {
        while true {
            let state = try builtState(projection)
            guard let current = state.current else { throw notBuilt(projection) }
            let result: Result<R, AnnalsError>
            do throws(AnnalsError) { result = .success(try body(state, current)) } catch {
                result = .failure(error)
            }
            if try self.state(of: projection)?.current == current { return try result.get() }
        }
    }

    /// A checkpoint ahead of the log is of a log that lost its end: it is never trusted (INV-8).
    private func checkNotAhead(
        _ database: ProjectionDatabase, of head: Position
    ) throws(AnnalsError) {
        let checkpoint = database.checkpoint
        // The head was read before the checkpoint: another process may have moved both since.
        guard checkpoint > head, try checkpoint > log.head() else { return }
        throw AnnalsError(
            .corrupt, "LINEAGE",
            "The file is at position \(checkpoint), but the log ends at \(head).",
            hint: "Rebuild the projection, and look for what shortened the log.",
            context: .init(position: checkpoint, projection: database.definition.name))
    }

    /// Catches all built projections up.
    public func catchUpAll(
        progress: (_ projection: String, _ done: Position, _ head: Position) -> Void = { _, _, _ in
        }
    ) throws(AnnalsError) {
        var first: AnnalsError?
        for projection in projections where try state(of: projection)?.current != nil {
            // One projection that stops does not keep the others from going on.
            do {
                _ = try catchUp(projection) { progress(projection, $0, $1) }
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    /// Runs what applies events, and notes where it halts or that it does no longer.
    func applying<R>(
        _ projection: String, _ state: ProjectionState, _ body: () throws -> R
    ) throws(AnnalsError) -> R {
        do {
            let result = try body()
            if state.halt != nil { try updateState(of: projection) { $0.halt = nil } }
            return result
        } catch {
            var failure = storeError(error, projection: projection)
            guard failure.code == "EVENT_REFUSED", let position = failure.context.position else {
                throw failure
            }
            let halt = ProjectionState.Halt(position: position.value, message: failure.message)
            // What is noted already is not written again: whoever is refused changes nothing.
            if state.halt != halt { try updateState(of: projection) { $0.halt = halt } }
            failure.code = "PROJECTION_HALTED"
            failure.hint =
                "Mend the handler with a new migration, or put refused events aside with"
                + " 'annals rebuild \(projection) --quarantine'."
            throw failure
        }
    }

    /// The state of a projection whose definition is the one that was applied.
    /// - Throws: `PROJECTION_NOT_BUILT`, `MIGRATION_DRIFT`.
    func builtState(_ projection: String) throws(AnnalsError) -> ProjectionState {
        let handle = try handle(projection)
        guard let bytes = try log.state(ProjectionState.key(projection)) else {
            throw notBuilt(projection)
        }
        let (state, drift) = try handle.state(bytes)
        try refuse(drift, of: projection)
        if let open = state.adoption { throw adoptionOpen(projection, open) }
        if let reason = state.distrust {
            throw AnnalsError(
                .corrupt, "LINEAGE", reason, hint: "Run 'annals rebuild \(projection)'.",
                context: .init(projection: projection))
        }
        return state
    }

    func notBuilt(_ projection: String) -> AnnalsError {
        AnnalsError(
            .invalid, "PROJECTION_NOT_BUILT", "The projection '\(projection)' is not built yet.",
            hint: "Run 'annals migrate --projection \(projection)'.",
            context: .init(projection: projection))
    }

    /// What any part below threw, as the store's error.
    func storeError(_ error: any Error, projection: String? = nil) -> AnnalsError {
        guard var error = error as? AnnalsError else {
            return AnnalsError(
                .unavailable, "STORE_FAILED", "The store failed: \(error).",
                context: .init(projection: projection))
        }
        if error.context.projection == nil { error.context.projection = projection }
        return error
    }
}
