internal import EventModel
internal import LogStorage

extension EventStore {
    /// Remembers how fast a build was, for the next plan; a short one tells nothing.
    func keepRate(
        of projection: String, events: Int, since start: ContinuousClock.Instant
    ) throws(AnnalsError) {
        guard events >= ProjectionState.Measured.eventsMin else { return }
        let measured = ProjectionState.Measured(
            events: events, durationMs: (ContinuousClock.now - start) / .milliseconds(1))
        try updateState(of: projection) { $0.measured = measured }
    }

    /// Runs a catch-up, which tells the rate as long as no build has: after an import, for example.
    func measuring(
        _ projection: String, _ state: ProjectionState, _ catchUp: () throws -> Int
    ) throws {
        let start = ContinuousClock.now
        let events = try catchUp()
        if state.measured == nil { try keepRate(of: projection, events: events, since: start) }
    }
}
