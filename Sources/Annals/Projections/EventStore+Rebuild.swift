public import EventModel
internal import Foundation
internal import ProjectionEngine

/// What a rebuild did.
public struct RebuildResult: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The version that it has, before and after.
    public let version: Int
    /// Events replayed.
    public let events: Int
    /// Events put aside, with `quarantine` on.
    public let quarantined: Int
    /// The content digest of the new generation at `position`.
    public let digest: String
    /// The checkpoint that the digest belongs to.
    public let position: Position
    /// How long it took, in milliseconds.
    public let durationMs: Double
    /// How long writers waited for the switch, in milliseconds.
    public let switchMs: Double
}

extension EventStore {
    /// Builds a projection anew from the first event, beside the live one, and switches to it.
    ///
    /// - Parameter quarantines: put events that a handler refuses aside and go on, from now on also while
    ///   catching up; without it such an event stops the rebuild, and the live one stays.
    /// - Throws: `LOCKED`, `MIGRATION_DRIFT`, `PROJECTION_NOT_BUILT`, `EVENT_REFUSED`.
    public func rebuild(
        _ projection: String, quarantines: Bool = false, lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> RebuildResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        return try rebuildLocked(projection, quarantines: quarantines, progress: progress)
    }

    /// Rebuilds several projections, each on a thread of its own, under one lock.
    public func rebuild(
        all projections: [String], quarantines: Bool = false, lockTimeoutSeconds: Double = 60,
        progress:
            @escaping @Sendable (_ projection: String, _ done: Position, _ head: Position) -> Void
    ) async throws(AnnalsError) -> [RebuildResult] {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        do {
            return try await withThrowingTaskGroup(of: RebuildResult.self) { group in
                for projection in projections {
                    group.addTask {
                        try self.rebuildLocked(projection, quarantines: quarantines) {
                            progress(projection, $0, $1)
                        }
                    }
                }
                var results: [RebuildResult] = []
                for try await result in group { results.append(result) }
                return results.sorted { $0.projection < $1.projection }
            }
        } catch {
            throw storeError(error)
        }
    }

    private func rebuildLocked(
        _ projection: String, quarantines: Bool,
        progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> RebuildResult {
        let start = options.clock()
        let state = try checkedState(projection)
        guard try self.state(of: projection) != nil else { throw notBuilt(projection) }
        let built = try build(
            projection, versions: state.versions, quarantines: quarantines, progress: progress)
        let switchMs = try switchTo(
            projection, built.generation, built.database, quarantines: quarantines
        ) { [versions = state.versions] state in
            // The same version twice is no step to go back to: only the newer file is kept.
            state.retained.removeAll { $0.versions == versions }
        }
        let snapshot = try digest(of: projection)
        let note = adminEvent(
            "projection.rebuilt", projection,
            [
                "version": state.version, "events_applied": built.events,
                "digest": snapshot.digest, "log_position": Int(snapshot.position.value),
            ])
        try updateState(of: projection) { $0.outgoing.append(note) }
        try settle(projection)
        return RebuildResult(
            projection: projection, version: state.version, events: built.events,
            quarantined: snapshot.quarantined, digest: snapshot.digest,
            position: snapshot.position,
            durationMs: Double(options.clock().milliseconds - start.milliseconds),
            switchMs: switchMs)
    }
}
