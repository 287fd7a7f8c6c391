internal import EventModel
internal import Foundation
internal import ProjectionEngine
internal import Synchronization

/// A projection replayed at one version, in a file of its own.
struct ProofReplay: Sendable {
    /// How many of the version line's migrations it has.
    let step: Int
    /// The file; it is not there when something was refused.
    let path: String
    /// Why the history cannot be replayed at this version.
    let refusal: AnnalsError?
}

/// Builds the versions of one projection from one history, several at a time.
struct ProofReplays: Sendable {
    let definition: ProjectionDefinition
    /// The numbers of all migrations, ascending.
    let versions: [Int]
    let history: ProofHistory
    let policy: PoisonPolicy
    let scratch: ScratchFolder
    let now: Timestamp
    /// Called with the events applied so far, of all versions together.
    let progress: @Sendable (UInt64) -> Void
    private let applied = Applied()

    /// Files that exist at once, at most; more versions are built one such group after the other.
    static let filesMax = 8

    /// Events applied, by version.
    private final class Applied: Sendable {
        let byStep = Mutex<[Int: UInt64]>([:])
    }

    init(
        _ definition: ProjectionDefinition, versions: [Int], on history: ProofHistory,
        _ policy: PoisonPolicy, now: Timestamp, progress: @escaping @Sendable (UInt64) -> Void
    ) throws(AnnalsError) {
        self.definition = definition
        self.versions = versions
        self.history = history
        self.policy = policy
        self.now = now
        self.progress = progress
        scratch = try ScratchFolder()
    }

    /// Calls `body` for each migration with the replays before and at it, ascending.
    func forEachMigration(
        _ body:
            @escaping @Sendable (Migration, _ before: ProofReplay, _ at: ProofReplay) throws ->
            MigrationOutcome
    ) async throws -> [MigrationOutcome] {
        let migrations = definition.migrations(in: versions)
        var outcomes: [MigrationOutcome] = []
        var before = try build(0)
        for start in stride(from: 1, through: versions.count, by: Self.filesMax) {
            let steps = Array(start..<min(start + Self.filesMax, versions.count + 1))
            // The widest first: two that run to the end together take the least time.
            var group = try await concurrently(steps.reversed()) { try build($0) }
            group.sort { $0.step < $1.step }
            let pairs = Array(zip([before] + group, group))
            outcomes += try await concurrently(pairs) { before, at in
                try body(migrations[at.step - 1], before, at)
            }
            for replay in ([before] + group).dropLast() {
                try StoreFiles.removeIfPresent(replay.path)
            }
            before = group.last ?? before
        }
        return outcomes
    }

    /// Replays the history at a version.
    private func build(_ step: Int) throws(AnnalsError) -> ProofReplay {
        let path = "\(scratch.path)/at-\(step).sqlite"
        let versions = Array(versions.prefix(step))
        do {
            let database = try ProjectionDatabase.create(
                path: path, definition: definition, versions: versions, appliedAt: now)
            if !definition.handlers(in: versions).isEmpty {
                // Every event's data is verified once, by the build of the newest version.
                let reader = history.reader(isVerified: step == self.versions.count)
                _ = try database.apply(
                    from: reader, through: history.head, batchEvents: EventStore.catchUpBatch,
                    policy: policy, progress: { report(step, $0) })
            }
            report(step, history.head)
            try database.finishScratch()
            return ProofReplay(step: step, path: path, refusal: nil)
        } catch {
            guard error.kind == .invalid else { throw error }
            for suffix in ["", "-journal", "-wal", "-shm"] {
                try StoreFiles.removeIfPresent(path + suffix)
            }
            report(step, history.head)
            return ProofReplay(step: step, path: path, refusal: error)
        }
    }

    private func report(_ step: Int, _ position: Position) {
        guard step > 0 else { return }
        let sum = applied.byStep.withLock { byStep in
            byStep[step] = position.value
            return byStep.values.reduce(0, +)
        }
        progress(sum)
    }
}

/// Does something with each of several things, as many at once as the machine has cores; the results
/// come in the order of the things.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Result
) async throws -> [Result] {
    let atOnce = max(1, ProcessInfo.processInfo.activeProcessorCount)
    return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        var results: [Int: Result] = [:]
        for (index, item) in items.enumerated() {
            if index >= atOnce, let (done, result) = try await group.next() {
                results[done] = result
            }
            group.addTask { (index, try body(item)) }
        }
        for try await (done, result) in group { results[done] = result }
        return items.indices.compactMap { results[$0] }
    }
}
