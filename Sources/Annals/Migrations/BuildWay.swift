internal import EventModel
internal import Foundation
internal import LogStorage
internal import Logging
internal import ProjectionEngine

/// How a projection gets to another version set.
public enum BuildWay: String, Sendable, Codable {
    /// An earlier generation of exactly these migrations is there and is caught up.
    case retained
    /// A copy of the present file takes the new tables, and only their events are replayed; or drops them.
    case inPlace = "in-place"
    /// A new generation is built from the first event on.
    case rebuild
}

/// The way to a version set, chosen without changing anything.
struct BuildChoice {
    let way: BuildWay
    /// Why it is this one, a part of a sentence.
    let because: String
    /// The generation that it starts from; `nil` for a rebuild.
    let base: ProjectionState.Generation?
    /// What the base has applied; 0 for a rebuild.
    let checkpoint: Position
    /// What a copy of the base takes, when it is changed in place.
    var change: InPlaceChange?

    static func rebuild(because: String) -> BuildChoice {
        BuildChoice(way: .rebuild, because: because, base: nil, checkpoint: .start)
    }
}

extension EventStore {
    /// Chooses the quickest way that leads to the same content as a replay.
    func way(
        to versions: [Int], of projection: String, from state: ProjectionState
    ) throws(AnnalsError) -> BuildChoice {
        // Rows of events that the log has lost may be in any file.
        guard state.distrust == nil else {
            return .rebuild(because: "the present file is not believed")
        }
        if let retained = try retained(versions, of: projection, state) { return retained }
        return try inPlace(versions, of: projection, state)
    }

    /// Goes the way to a version set; nothing is switched yet.
    ///
    /// What is there already is a convenience: where it turns out to be of no use, the log is replayed.
    func reach(
        _ versions: [Int], of projection: String, from state: ProjectionState,
        progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> BuiltGeneration {
        let choice = try way(to: versions, of: projection, from: state)
        if let base = choice.base {
            do throws(AnnalsError) {
                if let change = choice.change {
                    return try buildInPlace(change, base, of: projection, progress)
                }
                return try catchUpRetained(base, of: projection, state, progress)
            } catch {
                // What would stop a replay too is no matter of the file.
                let isFinal = ["EVENT_REFUSED", "INTERRUPTED", "DISK_FULL"].contains(error.code)
                if isFinal && choice.way == .inPlace { throw error }
                options.logger.warning("\(base.file) is not used: \(error.message)")
            }
        }
        return try build(
            projection, versions: versions, quarantines: state.quarantines, progress: progress)
    }

    /// The retained generation of exactly these migrations, if it is of use.
    private func retained(
        _ versions: [Int], of projection: String, _ state: ProjectionState
    ) throws(AnnalsError) -> BuildChoice? {
        let fingerprint = try handle(projection).definition.fingerprint(versions)
        for generation in state.retained
        where generation.versions == versions && generation.fingerprint == fingerprint {
            guard let snapshot = try usable(generation, of: projection, state) else { continue }
            return BuildChoice(
                way: .retained, because: "the file of these migrations is retained",
                base: generation, checkpoint: snapshot.checkpoint)
        }
        return nil
    }

    /// What a generation's file holds; `nil` for one that no other may be made from: it is gone or
    /// damaged, follows another log or is ahead of this one, or leaves out events that count now.
    func usable(
        _ generation: ProjectionState.Generation, of projection: String, _ state: ProjectionState
    ) throws(AnnalsError) -> ProjectionSnapshot? {
        let path = files.generation(generation.file)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let snapshot: ProjectionSnapshot
        do throws(AnnalsError) {
            snapshot = try ProjectionSnapshot.read(
                path: path, projection: projection, digests: false)
        } catch {
            options.logger.warning("\(generation.file) is not used: \(error.message)")
            return nil
        }
        let head = try log.head()
        let isOurs = snapshot.logID == logIdentity && snapshot.checkpoint <= head
        return isOurs && (state.quarantines || snapshot.quarantined == 0) ? snapshot : nil
    }

    private func catchUpRetained(
        _ retained: ProjectionState.Generation, of projection: String, _ state: ProjectionState,
        _ progress: (Position, Position) -> Void
    ) throws(AnnalsError) -> BuiltGeneration {
        do {
            let database = try ProjectionDatabase.open(
                path: files.generation(retained.file),
                definition: try handle(projection).definition, versions: retained.versions,
                log: logIdentity)
            let head = try log.head()
            let events = try database.apply(
                from: logForCatchUp(projection), through: head, batchEvents: Self.catchUpBatch,
                policy: state.quarantines ? .quarantine : .stop,
                progress: { progress($0, head) })
            return BuiltGeneration(
                generation: retained, database: database, events: events, way: .retained)
        } catch {
            throw storeError(error, projection: projection)
        }
    }
}
