package import EventModel
internal import LogStorage
package import ProjectionEngine

extension EventStore {
    /// Appends the seeds of a version set that are not in the log yet, before its generation becomes
    /// the current one: nobody meets its tables without them.
    ///
    /// They are appended like any checked append, with the new generation as the one that is asked. A
    /// seed that it refuses is not in the log then, where its id would have that content for ever.
    /// - Throws: `CONSTRAINT_…` or `EVENT_REFUSED` for a seed that its handler refuses.
    func seed(
        _ projection: String, _ built: BuiltGeneration, quarantines: Bool
    ) throws(AnnalsError) {
        var missing: [Event] = []
        for seed in try handle(projection).definition.seeds(in: built.generation.versions)
        where try log.position(ofID: seed.id) == nil {
            missing.append(Event(seed))
        }
        guard !missing.isEmpty else { return }
        let append = try PreparedAppend(missing)
        let policy: PoisonPolicy = quarantines ? .quarantine : .stop
        do {
            while try !self.append(append, asking: built.database, policy) {}
        } catch {
            throw storeError(error, projection: projection)
        }
    }

    /// One try; `false` when another process moved the head meanwhile.
    private func append(
        _ append: PreparedAppend, asking database: ProjectionDatabase, _ policy: PoisonPolicy
    ) throws -> Bool {
        try database.beginImmediate()
        do {
            let isAppended = try log.withTurn { turn in
                try database.catchUp(from: log, through: turn.baseHead, policy: policy)
                let mark = turn.mark
                _ = try turn.stage(append)
                try turn.forEachStaged(since: mark) { (event) throws(AnnalsError) in
                    try database.applyCandidate(event)
                }
                return try turn.commit()
            }
            if isAppended { try database.commit() } else { try database.rollback() }
            return isAppended
        } catch {
            try database.rollback()
            throw error
        }
    }
}

extension Event {
    /// The event that a seed declares.
    ///
    /// It happened at no time of its own: with the same `occurred` everywhere it is the same event in
    /// every store, so that the export of one can be imported into another.
    package init(_ seed: Seed) {
        self.init(
            type: seed.type, stream: seed.stream, data: seed.data, id: seed.id,
            occurred: Timestamp(milliseconds: 0))
    }
}
