public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// How far a proof is.
public enum ProofProgress: Sendable {
    /// Files are read into a log of their own: bytes of a file.
    case reading(file: String, bytes: Int, total: Int?)
    /// Versions of a projection are replayed: events of all of them together.
    case replaying(projection: String, done: UInt64, total: UInt64)
}

extension EventStore {
    /// Proves the Downs of projections' migrations on a history: for each migration N, that Down from N
    /// equals a replay at N-1, and that Up and Down from N-1 lead back there; and tells whether Up from N-1
    /// equals a replay at N.
    ///
    /// Compared are schema in normal form and every row. Each migration is tried on the empty log too.
    /// Everything happens in scratch files: the store is only read. A proof holds for the history that it was made on,
    /// not for events to come. When the task is cancelled it throws `INTERRUPTED`.
    /// - Parameters:
    ///   - projections: the names; empty for all.
    ///   - allModules: take disabled optional modules in.
    ///   - files: event files, CloudEvents 1.0 JSON lines, that take the place of the store's own history.
    /// - Throws: what is wrong with a definition or an event file; `DISK_FULL`. A migration that cannot
    ///   be proven is no error but part of the result.
    public func prove(
        _ projections: [String] = [], allModules: Bool = false, history files: [String] = [],
        progress: @escaping @Sendable (ProofProgress) -> Void = { _ in }
    ) async throws(AnnalsError) -> [ProjectionProof] {
        let names = projections.isEmpty ? self.projections : projections
        var lines: [(definition: ProjectionDefinition, versions: [Int], policy: PoisonPolicy)] = []
        for name in names {
            let definition = try handle(name).definition
            let state = try stateOrNew(of: name)
            try definition.checkConsistency(recorded: state.recorded)
            try definition.check()
            let modules = allModules ? definition.modules.map(\.name) : state.modules
            lines.append(
                (
                    definition, definition.versionSet(enabledModules: Set(modules)),
                    state.quarantines ? .quarantine : .stop
                ))
        }
        do {
            let seeds = lines.flatMap { $0.definition.seeds(in: $0.versions) }.map { Event($0) }
            let given =
                files.isEmpty ? nil : try await history(of: files, after: seeds, progress: progress)
            var proofs: [ProjectionProof] = []
            for line in lines {
                let own = line.definition.seeds(in: line.versions).map { Event($0) }
                let now = options.clock()
                let history =
                    try given
                    ?? ProofHistory(
                        "the store's own", log, through: try log.head(), seeds: own, now: now)
                let empty = try ProofHistory("the empty log", log, through: .start, now: now)
                proofs.append(
                    try await prove(
                        line.definition, line.versions, line.policy, [history, empty], progress))
            }
            return proofs
        } catch {
            throw storeError(error)
        }
    }

    /// Proves one projection on histories, of which the first is the one that is reported on.
    private func prove(
        _ definition: ProjectionDefinition, _ versions: [Int], _ policy: PoisonPolicy,
        _ histories: [ProofHistory], _ progress: @escaping @Sendable (ProofProgress) -> Void
    ) async throws -> ProjectionProof {
        var proofs = definition.migrations(in: versions).map {
            MigrationProof(number: $0.number, name: $0.name, module: $0.module)
        }
        let now = options.clock()
        for history in histories {
            let total = UInt64(versions.count) * history.head.value
            let replays = try ProofReplays(
                definition, versions: versions, on: history, policy, now: now
            ) { done in
                guard total > 0 else { return }
                progress(.replaying(projection: definition.name, done: done, total: total))
            }
            let outcomes = try await replays.forEachMigration { migration, before, at in
                try MigrationOutcome(
                    migration, definition, versions: versions, before: before, at: at, now: now)
            }
            for (index, outcome) in outcomes.enumerated() {
                proofs[index].record(outcome, on: history.name)
                guard history === histories.first else { continue }
                proofs[index].rows = outcome.rows.values.reduce(0, +)
                proofs[index].tablesWithoutRows =
                    outcome.rows.filter { $0.value == 0 }.map(\.key).sorted()
            }
        }
        let types = try histories.first?.types() ?? [:]
        for index in proofs.indices {
            let handled = Set(
                definition.handlers(in: Array(versions.prefix(index + 1))).map(\.eventType))
            proofs[index].events = handled.reduce(0) { $0 + (types[$1] ?? 0) }
        }
        return ProjectionProof(
            projection: definition.name, history: histories.first?.name ?? "",
            events: histories.first?.head.value ?? 0, migrations: proofs)
    }

    /// Reads event files into a log of their own, behind the seeds.
    private func history(
        of files: [String], after seeds: [Event],
        progress: @escaping @Sendable (ProofProgress) -> Void
    ) async throws -> ProofHistory {
        let scratch = try ScratchFolder()
        var options = Options()
        options.clock = self.options.clock
        let store = try EventStore.create(at: "\(scratch.path)/history", options: options)
        if !seeds.isEmpty { _ = try await store.append(seeds) }
        for file in files {
            _ = try await store.importEvents(from: file) { step in
                guard step.step == .appending else { return }
                progress(.reading(file: file, bytes: step.bytes, total: step.bytesTotal))
            }
        }
        return try ProofHistory(
            files.joined(separator: ", "), store.log, through: try store.log.head(),
            now: options.clock(), scratch: scratch)
    }
}

extension MigrationProof {
    /// Takes note of what came of the checks on a history.
    fileprivate mutating func record(_ outcome: MigrationOutcome, on history: String) {
        for finding in outcome.findings {
            let difference =
                finding.verdict == .differs
                ? ProofDifference(
                    check: finding.check, history: history, content: finding.content,
                    refusal: finding.refusal) : nil
            record(finding.verdict, difference, of: finding.check)
        }
    }
}
