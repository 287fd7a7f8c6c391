internal import EventModel
internal import ProjectionEngine

/// A change of what a projection has on record as applied, with what it leads to.
struct RecordChange {
    /// What is on record from then on, in the order of application.
    let applied: [ProjectionState.Applied]
    /// What the log is told.
    let note: ProjectionState.Outgoing
    /// Why the file that is there does not follow from it, a sentence; `nil` when it does.
    let reason: String?
}

extension EventStore {
    /// Records a change, under the lock.
    ///
    /// Where it leaves no drift, a generation is built from the definition first, and record and
    /// generation change in one step: what cannot be built is not recorded. While other drift is left,
    /// nothing can be built; the change is recorded alone and the file is not believed any more.
    /// - Returns: what still blocks, and the generation, if one was built.
    func record(
        _ change: RecordChange, of projection: String, _ before: ProjectionState,
        progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> (remaining: [Drift], built: BuiltGeneration?) {
        let definition = try handle(projection).definition
        var after = before
        after.applied = change.applied
        let remaining = definition.drift(from: after.applied).filter(\.isBlocking)
        guard let reason = change.reason, before.current != nil, remaining.isEmpty else {
            let distrust = before.current == nil ? nil : change.reason
            try updateState(of: projection) { state in
                state.applied = change.applied
                state.distrust = distrust ?? state.distrust
                state.outgoing.append(change.note)
            }
            try deliver(projection)
            return (remaining, nil)
        }
        do throws(AnnalsError) {
            after.distrust = reason
            let built = try reach(after.versions, of: projection, from: after, progress: progress)
            _ = try switchTo(
                projection, built.generation, built.database, quarantines: before.quarantines
            ) { state in
                state.applied = change.applied
                // A file of other texts or numbers is no version to go back to.
                state.retained.removeAll { $0.fingerprint != definition.fingerprint($0.versions) }
                state.outgoing.append(change.note)
            }
            try settle(projection)
            return ([], built)
        } catch {
            noteFailure(projection, error.context.migration, "repair", error)
            throw error
        }
    }
}
