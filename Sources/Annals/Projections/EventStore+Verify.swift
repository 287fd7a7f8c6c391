public import EventModel
internal import Foundation
internal import LogStorage
public import ProjectionEngine

/// The content of a projection at one moment.
public struct ProjectionDigest: Sendable, Equatable {
    /// The checkpoint.
    public let position: Position
    /// SHA-256 over schema and rows, lower-case hex; docs/digest.md says how.
    public let digest: String
    /// Events that were put aside.
    public let quarantined: Int
}

/// What the check of one projection found.
public struct ProjectionVerification: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The version it has.
    public let version: Int
    /// The checkpoint at which both digests were taken.
    public let position: Position
    /// The digest of the live file.
    public let digest: String
    /// The digest of a replay from the first event to the same position.
    public let replayDigest: String

    /// The tables and schema objects that the live file has otherwise than the replay; empty too when
    /// the file had gone on or away before they could be compared.
    public var differences: [ContentDifference] = []

    /// Whether the live file is what the log says.
    public var isEqual: Bool { digest == replayDigest }
}

extension EventStore {
    /// The digest of a projection's live file at its checkpoint, in one snapshot.
    /// - Throws: `PROJECTION_NOT_BUILT`, or that the file cannot be read.
    public func digest(of projection: String) throws(AnnalsError) -> ProjectionDigest {
        try currentDigest(of: projection).content
    }

    /// The digest together with the state and generation that it belongs to.
    private func currentDigest(
        of projection: String
    ) throws(AnnalsError) -> (
        content: ProjectionDigest, state: ProjectionState, current: ProjectionState.Generation
    ) {
        try onCurrentFile(projection) { state, current throws(AnnalsError) in
            let snapshot = try ProjectionSnapshot.read(
                path: files.generation(current.file), projection: projection, digests: true)
            let content = ProjectionDigest(
                position: snapshot.checkpoint, digest: snapshot.digest,
                quarantined: snapshot.quarantined)
            return (content, state, current)
        }
    }

    /// Opens the file of the current generation; the next one's, if a switch in another process took
    /// the file away after its name had been read.
    func onCurrentFile<R>(
        _ projection: String,
        _ body: (ProjectionState, ProjectionState.Generation) throws(AnnalsError) -> R
    ) throws(AnnalsError) -> R {
        while true {
            guard let state = try state(of: projection), let current = state.current else {
                throw notBuilt(projection)
            }
            do throws(AnnalsError) {
                return try body(state, current)
            } catch {
                if try self.state(of: projection)?.current == current { throw error }
            }
        }
    }

    /// Compares the live file of a projection with a replay of the log to the same position.
    public func verify(
        _ projection: String,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> ProjectionVerification {
        let (live, state, current) = try currentDigest(of: projection)
        let scratch = try ScratchFolder()
        defer { withExtendedLifetime(scratch) {} }
        let database = try replayed(
            projection, versions: current.versions, through: live.position,
            quarantines: state.quarantines, into: "\(scratch.path)/verify.sqlite",
            progress: progress)
        var verification = ProjectionVerification(
            projection: projection, version: state.version, position: live.position,
            digest: live.digest, replayDigest: try database.contentDigest())
        if !verification.isEqual {
            verification.differences = try differences(
                from: database, files.generation(current.file), state.quarantines)
        }
        return verification
    }

    /// What a live file has otherwise than a replay, which is caught up when the file has gone on.
    private func differences(
        from replay: ProjectionDatabase, _ path: String, _ quarantines: Bool
    ) throws(AnnalsError) -> [ContentDifference] {
        let moved = AnnalsError(.unavailable, "FILE_MOVED_ON", "The file has gone on.")
        for _ in 0..<Self.comparisonsMax where FileManager.default.fileExists(atPath: path) {
            var reached = replay.checkpoint
            do throws(AnnalsError) {
                return try ContentComparison.differences(
                    expected: replay.path, found: path, projection: replay.definition.name
                ) { (expected, found) throws(AnnalsError) in
                    reached = found
                    if expected != found { throw moved }
                }
            } catch {
                guard error == moved else { throw error }
            }
            _ = try replay.apply(
                from: logForReplay, through: reached, policy: quarantines ? .quarantine : .stop)
        }
        return []
    }

    /// How often a file that goes on is compared before that is given up.
    private static var comparisonsMax: Int { 5 }

    /// Replays the log to a position into a new file.
    func replayed(
        _ projection: String, versions: [Int], through position: Position, quarantines: Bool,
        into path: String, progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> ProjectionDatabase {
        do {
            let database = try ProjectionDatabase.create(
                path: path, definition: try handle(projection).definition, versions: versions,
                appliedAt: options.clock(), logID: logIdentity, headAtCreation: position)
            _ = try database.apply(
                from: logForReplay, through: position, batchEvents: Self.catchUpBatch,
                policy: quarantines ? .quarantine : .stop, progress: { progress($0, position) })
            try database.finishCopy()
            return database
        } catch {
            throw storeError(error, projection: projection)
        }
    }
}
