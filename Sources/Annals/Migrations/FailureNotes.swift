internal import EventModel
internal import LogStorage
internal import Logging
internal import ProjectionEngine

extension EventStore {
    /// The event that tells of work that had begun and came to nothing, or not to its end.
    ///
    /// - Parameter step: The migration that failed, if one did.
    func failureNote(
        _ projection: String, _ step: Int?, _ act: String, _ error: AnnalsError
    ) -> ProjectionState.Outgoing {
        let migration = step.flatMap { handles[projection]?.definition.migration($0) }
        var data: [String: any Sendable] = [
            "act": act, "code": error.code, "error": error.message,
        ]
        data["module"] = migration?.module
        data["version"] = migration?.number
        data["name"] = migration?.name
        data["event_position"] = error.context.position.map { Int($0.value) }
        let type = error.code == "INTERRUPTED" ? "migration.aborted" : "migration.failed"
        return adminEvent(type, projection, data)
    }

    /// Appends that event; where even this fails, the failure itself is what the caller must hear of.
    func noteFailure(_ projection: String, _ step: Int?, _ act: String, _ error: AnnalsError) {
        let note = failureNote(projection, step, act, error)
        do {
            try updateState(of: projection) { state in
                state.building = nil
                state.outgoing.append(note)
            }
            try deliver(projection)
        } catch {
            options.logger.warning("The failure is not in the log: \(error.message)")
        }
    }

    /// A build has failed, and its caller knows; what cannot be noted now is told at the next opening.
    func forgetBuild(of projection: String) {
        do {
            try updateState(of: projection) { $0.building = nil }
        } catch {
            options.logger.warning("The end of a build is not noted: \(error.message)")
        }
    }

    /// Tells of builds whose process was ended; under the lock, so that nobody is building.
    func noteAbandoned() throws(AnnalsError) {
        for projection in try knownProjections() {
            guard let building = try state(of: projection)?.building else { continue }
            let note = adminEvent(
                "migration.aborted", projection,
                [
                    "act": "build", "code": "ENDED", "since": building.since,
                    "versions": building.versions,
                    "error": "The program ended while it built a new generation.",
                ])
            try updateState(of: projection) { state in
                state.building = nil
                state.outgoing.append(note)
            }
            try deliver(projection)
        }
    }
}
