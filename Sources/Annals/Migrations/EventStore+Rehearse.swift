public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// Does what a migration would do, on the whole history, in a scratch folder (`TMPDIR`); nothing of
    /// the store changes.
    ///
    /// The projection is built from the first event on, whatever way the migration would take: what is
    /// shown is what each event does to the new version. Seeds that the log lacks are tried too. After a
    /// refusal the steps before the one that fails are tried alone, as a migration does.
    /// - Throws: as `planMigration`; `INTERRUPTED`; `DISK_FULL` where the scratch folder lies. An event
    ///   that is refused is no error here but a result.
    public func rehearseMigration(
        _ projection: String, to target: MigrationTarget = .next,
        options: MigrateOptions = MigrateOptions(),
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> Rehearsal {
        let plan = try planMigration(projection, to: target, options: options)
        var rehearsal = Rehearsal(plan: plan)
        guard !plan.steps.isEmpty else { return rehearsal }
        let start = ContinuousClock.now
        let state = try stateOrNew(of: projection)
        let scratch = try ScratchFolder()
        defer { withExtendedLifetime(scratch) {} }
        do {
            var steps = plan.steps.map(\.number)[...]
            rehearsal = try rehearse(Array(steps), plan, state, in: scratch.path, progress)
            var refusal = rehearsal.refusal
            // As a migration does: what comes before the one that fails is tried alone.
            while let found = refusal {
                steps = MigrationSelection.healthyPrefix(of: steps, found, options, state)
                if steps.isEmpty { break }
                refusal = try rehearse(Array(steps), plan, state, in: scratch.path, progress)
                    .refusal
            }
            rehearsal.healthy = plan.steps.filter { steps.contains($0.number) }
        } catch {
            throw storeError(error, projection: projection)
        }
        rehearsal.durationMs = (ContinuousClock.now - start) / .milliseconds(1)
        return rehearsal
    }

    /// Builds the version set with some steps in a scratch folder.
    private func rehearse(
        _ steps: [Int], _ plan: MigrationPlan, _ state: ProjectionState, in folder: String,
        _ progress: (_ done: Position, _ head: Position) -> Void
    ) throws -> Rehearsal {
        var rehearsal = Rehearsal(plan: plan)
        let definition = try handle(plan.projection).definition
        let versions = (state.versions + steps).sorted()
        let path = "\(folder)/\(UUID().uuidString).sqlite"
        let head = try log.head()
        let database = try ProjectionDatabase.create(
            path: path, definition: definition, versions: versions,
            appliedAt: options.clock(), logID: logIdentity, headAtCreation: head)
        database.startMeasuring()
        do {
            _ = try database.apply(
                from: logForReplay, through: head, batchEvents: Self.catchUpBatch,
                policy: state.quarantines ? .quarantine : .stop,
                progress: { progress($0, head) })
            try rehearseSeeds(definition.seeds(in: versions), on: database)
        } catch  where isRefusal(error) {
            rehearsal.refusal = storeError(error, projection: plan.projection)
        }
        rehearsal.events = Int(min(database.checkpoint, head).value)
        rehearsal.slowest = Array(database.handlerTimes.prefix(Rehearsal.slowestMax))
        guard rehearsal.refusal == nil else { return rehearsal }
        try database.finishCopy()
        rehearsal.tables = try database.rowCounts().map {
            Rehearsal.TableRows(table: $0.table, rows: $0.rows)
        }
        rehearsal.quarantined = try database.quarantineCount()
        rehearsal.digest = try database.contentDigest()
        return rehearsal
    }

    private func isRefusal(_ error: any Error) -> Bool {
        guard let error = error as? AnnalsError else { return false }
        return error.code == "EVENT_REFUSED" || error.code.hasPrefix("CONSTRAINT_")
    }

    /// Applies the seeds that the log lacks under the positions that they would get.
    private func rehearseSeeds(_ seeds: [Seed], on database: ProjectionDatabase) throws {
        var missing: [Event] = []
        for seed in seeds where try log.position(ofID: seed.id) == nil {
            missing.append(Event(seed))
        }
        guard !missing.isEmpty else { return }
        // What an append checks is checked here too.
        _ = try PreparedAppend(missing)
        try database.beginImmediate()
        var revisions: [String: UInt64] = [:]
        for event in missing {
            let last = try revisions[event.stream] ?? log.lastRevision(of: event.stream).value
            revisions[event.stream] = last + 1
            try apply(event, Revision(last + 1), to: database)
        }
        try database.commit()
    }

    private func apply(
        _ event: Event, _ revision: Revision, to database: ProjectionDatabase
    ) throws(AnnalsError) {
        let (type, stream) = (Array(event.type.utf8), Array(event.stream.utf8))
        let id = Array((event.id ?? "").utf8)
        let (data, none) = (event.data, [UInt8]())
        let now = options.clock()
        let view = EventView(
            position: database.checkpoint.next, revision: revision, recorded: now,
            occurred: event.occurred ?? now, schemaVersion: event.schemaVersion, type: type.span,
            stream: stream.span, id: id.span, tagCount: 0, tags: none.span, metadata: none.span,
            data: data.span)
        try database.applyCandidate(view)
    }
}
