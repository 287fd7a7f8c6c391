public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// How a store stands at one moment.
public struct StoreStatus: Sendable {
    /// Who is changing the store.
    public struct Lock: Sendable, Equatable {
        /// The process.
        public let pid: Int
        /// Since when, RFC 3339.
        public let since: String
    }

    /// The position of the last event.
    public let head: Position
    /// Who holds the lock of migrations and rebuilds; `nil` when nobody does.
    public let lock: Lock?
    /// The projections in the order of their names.
    public let projections: [ProjectionStatus]
    /// Why the projections folder cannot be read.
    public let error: AnnalsError?

    /// The command to run next; empty when there is nothing to do.
    public var next: String {
        let worst = ProjectionStatus.State.allCases.reversed().lazy.compactMap { state in
            projections.first { $0.state == state }
        }.first
        guard let worst else { return "" }
        switch worst.state {
        case .drift: return "annals validate"
        case .pending where worst.error != nil: return "annals validate \(worst.name)"
        case .missing: return "annals rebuild \(worst.name)"
        case .halted: return "annals rebuild \(worst.name) --quarantine"
        case .pending: return "annals migrate --projection \(worst.name)"
        case .current:
            return projections.contains { $0.lag > 0 } ? "annals doctor --heal" : ""
        }
    }
}

/// How one projection stands.
public struct ProjectionStatus: Sendable {
    /// The states, the worst last.
    public enum State: String, Sendable, CaseIterable {
        /// Everything is applied.
        case current
        /// Migrations wait to be applied.
        case pending
        /// Catch-up stopped at an event that a handler refuses.
        case halted
        /// The file of the current generation is not there, is damaged, or follows another log.
        case missing
        /// What was applied is not what the definition says, or nobody can tell.
        case drift
    }

    /// One applied migration.
    public struct Applied: Sendable {
        /// Its number.
        public let number: Int
        /// Its name.
        public let name: String
        /// Its module.
        public let module: String
        /// When it was applied.
        public let appliedAt: Timestamp
        /// Why the store does without it; `nil` for one that is in force.
        public let waived: String?
    }

    /// The projection's name.
    public let name: String
    /// The greatest applied number, 0 if none.
    public let version: Int
    /// The position up to which it has applied the log.
    public let checkpoint: Position
    /// Events that it has not applied.
    public let lag: UInt64
    /// The content digest; `nil` when it was not asked for, or there is no file.
    public let digest: String?
    /// In order of application.
    public let applied: [Applied]
    /// Number and name of what waits, ascending.
    public let pending: [(number: Int, name: String)]
    /// How it stands.
    public let state: State
    /// What differs from what was applied, cosmetic differences included.
    public let drift: [Drift]
    /// Where and why it halted.
    public let halt: String?
    /// The generations that a rollback can use at once, by version.
    public let retained: [Int]
    /// What is wrong with the projection's files; then the state is `drift` when nothing of them can
    /// be used, and `pending` when only what waits is wrong.
    public let error: AnnalsError?
}

extension EventStore {
    /// How the store stands; reads only.
    ///
    /// - Parameter digests: compute the content digests too, which reads every row.
    public func status(digests: Bool = false) throws(AnnalsError) -> StoreStatus {
        let head = try log.head()
        let names = Set(projections).union(try knownProjections()).sorted()
        var statuses: [ProjectionStatus] = []
        for name in names { statuses.append(try status(of: name, head: head, digests: digests)) }
        let holder = StoreLock.holder(files)
        return StoreStatus(
            head: head, lock: holder.map { .init(pid: $0.pid, since: $0.since) },
            projections: statuses, error: folderFailure)
    }

    private func status(
        of name: String, head: Position, digests: Bool
    ) throws(AnnalsError) -> ProjectionStatus {
        let (state, snapshot) = try snapshot(of: name, digests: digests)
        let applied = state?.applied ?? []
        // A file ahead of the log holds rows of events that the log has lost: it counts as no file.
        let isAhead = try (snapshot?.checkpoint ?? .start) > log.head()
        let isMissing =
            isAhead || state?.distrust != nil
            || snapshot == nil && (state?.current != nil || !applied.isEmpty)
        let definition = handles[name]?.definition
        let checkpoint = snapshot?.checkpoint ?? .start
        let digest = digests ? snapshot?.digest : nil
        let failure = loadFailures[name]
        // Without a definition every applied migration is missing.
        let drift =
            definition?.drift(from: applied) ?? (failure == nil ? applied.map(Drift.missing) : [])
        let pending = try definition.map { (definition) throws(AnnalsError) in
            definition.migrations(in: try stateOrNew(of: name).pending(in: definition))
        }
        let verdict: ProjectionStatus.State =
            if failure != nil || drift.contains(where: \.isBlocking) { .drift } else if isMissing {
                .missing
            } else if state?.halt != nil { .halted } else if pending?.isEmpty == false {
                .pending
            } else {
                .current
            }
        return ProjectionStatus(
            name: name, version: state?.version ?? 0, checkpoint: checkpoint,
            lag: head.value - min(checkpoint.value, head.value), digest: digest,
            applied: applied.map {
                .init(
                    number: $0.number, name: $0.name, module: $0.module,
                    appliedAt: Timestamp(milliseconds: $0.appliedAt), waived: $0.waiver?.reason)
            },
            pending: (pending ?? []).map { ($0.number, $0.name) }, state: verdict, drift: drift,
            halt: state?.halt.map { "position \($0.position): \($0.message)" },
            retained: (state?.retained ?? []).map { $0.versions.last ?? 0 },
            error: failure ?? (verdict == .pending ? inconsistency(of: name, state) : nil))
    }

    /// Why what waits cannot be applied.
    func inconsistency(of projection: String, _ state: ProjectionState?) -> AnnalsError? {
        do {
            try handles[projection]?.definition.checkConsistency(recorded: state?.recorded ?? [])
            return nil
        } catch {
            return error
        }
    }

    /// A projection's state, and what its file holds; `nil` for a file that is of no use.
    private func snapshot(
        of name: String, digests: Bool
    ) throws(AnnalsError) -> (ProjectionState?, ProjectionSnapshot?) {
        guard try state(of: name)?.current != nil else { return (try state(of: name), nil) }
        return try onCurrentFile(name) { state, current throws(AnnalsError) in
            let path = files.generation(current.file)
            guard FileManager.default.fileExists(atPath: path) else { return (state, nil) }
            do throws(AnnalsError) {
                let snapshot = try ProjectionSnapshot.read(
                    path: path, projection: name, digests: digests)
                return (state, snapshot.logID == logIdentity ? snapshot : nil)
            } catch {
                guard error.kind == .corrupt || error.kind == .invalid else { throw error }
                return (state, nil)
            }
        }
    }
}
