internal import EventModel
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// The choice between a change of the present file's copy and a rebuild; the former only where it
    /// is proved to give the same.
    func inPlace(
        _ versions: [Int], of projection: String, _ state: ProjectionState
    ) throws(AnnalsError) -> BuildChoice {
        let definition = try handle(projection).definition
        guard let current = state.current else {
            return .rebuild(because: "there is no file of an earlier version")
        }
        guard !state.quarantines else {
            return .rebuild(because: "refused events are put aside")
        }
        guard current.versions == state.versions,
            current.fingerprint == definition.fingerprint(current.versions),
            let snapshot = try usable(current, of: projection, state)
        else { return .rebuild(because: "the present file is not what the migrations say") }
        switch try definition.inPlace(from: current.versions, to: versions) {
        case .unproven(let reason): return .rebuild(because: reason)
        case .equal(let change):
            return BuildChoice(
                way: .inPlace,
                because:
                    "only new tables and their handlers come or go, and nothing else sees them",
                base: current, checkpoint: snapshot.checkpoint, change: change)
        }
    }

    /// Copies the present generation, runs Ups and the new handlers, or Downs, on the copy, and catches
    /// it up with all handlers; nothing is switched yet.
    func buildInPlace(
        _ change: InPlaceChange, _ base: ProjectionState.Generation, of projection: String,
        _ progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> BuiltGeneration {
        try generation(
            of: projection, change.to, .inPlace, quarantines: false, progress
        ) { path, definition in
            let database = try ProjectionDatabase.create(
                path: path, copying: files.generation(base.file), by: change,
                definition: definition, appliedAt: options.clock(),
                headAtCreation: try log.head(), pause: { try checkNotInterrupted(projection) })
            Failpoint.reach("build.created")
            return (database, try replay(change, into: database, of: projection, progress))
        }
    }

    /// Feeds the added handlers with what the file has applied; returns the number of their events.
    private func replay(
        _ change: InPlaceChange, into database: ProjectionDatabase, of projection: String,
        _ progress: (_ done: Position, _ head: Position) -> Void
    ) throws -> Int {
        guard !change.eventTypes.isEmpty else { return 0 }
        let query = EventQuery(types: change.eventTypes)
        let end = database.checkpoint
        var handlers = try AddedHandlers(change, on: database)
        var done = Position.start
        var events = 0
        while done < end {
            try checkNotInterrupted(projection)
            try database.beginImmediate()
            done = try log.read(
                query, after: done, through: end, limit: Self.catchUpBatch, verifies: true
            ) { event in
                try handlers.apply(event)
                events += 1
            }
            try database.commit()
            progress(done, end)
        }
        return events
    }

    private func checkNotInterrupted(_ projection: String) throws(AnnalsError) {
        guard Task.isCancelled else { return }
        throw Self.interrupted(
            "'\(projection)' was not switched, its earlier file stays in service")
    }
}
