public import EventModel
internal import LogStorage
internal import ProjectionEngine

/// What a repair did.
public struct RepairResult: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The number that was waived.
    public let number: Int
    /// The name on record.
    public let name: String
    /// How it differed; `nil` when there was nothing to repair.
    public let kind: Drift.Kind?
    /// What still blocks; empty when the projection can be used again.
    public let remaining: [Drift]
    /// Whether a generation was built from what is on record now.
    public let isRebuilt: Bool
    /// Events replayed.
    public let events: Int
}

extension EventStore {
    /// Waives one difference between what was applied and the definition, and records why.
    ///
    /// An edited migration is accepted as it is now. A missing one stays on record as applied and is
    /// neither pending nor missing; what is built leaves it out. Once nothing blocks any more, a
    /// generation is built and switched to, so that the rows are what the definition says.
    /// - Parameter reason: Why; at least one character that is not a space.
    /// - Throws: `LOCKED`, `REASON_MISSING`, `MIGRATION_NOT_APPLIED`; `MIGRATION_RENUMBERED`, which
    ///   `reassign` is for; `EVENT_REFUSED` and others when what is left cannot be built.
    public func repair(
        _ projection: String, _ number: Int, reason: String, lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> RepairResult {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw AnnalsError(
                .invalid, "REASON_MISSING", "A repair needs a reason, which is recorded.",
                hint: "Say why the difference is right.", context: .init(projection: projection))
        }
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let before = try stateOrNew(of: projection)
        let definition = try handle(projection).definition
        guard let index = before.applied.firstIndex(where: { $0.number == number }) else {
            throw notApplied(number, projection, before)
        }
        let entry = before.applied[index]
        let found = definition.drift(from: before.applied)
        let own = found.filter { $0.number == number }
        guard let drift = own.first(where: \.isBlocking) ?? own.first else {
            return RepairResult(
                projection: projection, number: number, name: entry.name, kind: nil,
                remaining: found.filter(\.isBlocking), isRebuilt: false, events: 0)
        }
        var applied = before.applied
        switch drift.kind {
        case .renumbered: throw renumbered(drift, projection)
        case .missing:
            applied[index].waiver = .init(reason: reason, at: options.clock().milliseconds)
        case .edited, .cosmetic, .renamed:
            guard let migration = definition.migration(number) else { break }
            applied[index].name = migration.name
            applied[index].checksums = migration.checksums.rendering
        }
        let note = repairNote(projection, entry, own, reason)
        let because =
            drift.isBlocking
            ? "\(Migration.fullName(number, entry.name)) was repaired after the file was built."
            : nil
        let (remaining, built) = try record(
            RecordChange(applied: applied, note: note, reason: because), of: projection, before,
            progress: progress)
        return RepairResult(
            projection: projection, number: number, name: entry.name, kind: drift.kind,
            remaining: remaining, isRebuilt: built != nil, events: built?.events ?? 0)
    }

    private func repairNote(
        _ projection: String, _ entry: ProjectionState.Applied, _ drift: [Drift], _ reason: String
    ) -> ProjectionState.Outgoing {
        let parts: [[String: String]] = drift.compactMap { drift in
            drift.part.map { ["part": $0, "was": drift.was ?? "", "now": drift.now ?? ""] }
        }
        return adminEvent(
            "migration.repaired", projection,
            [
                "module": entry.module, "version": entry.number, "name": entry.name,
                "kind": drift.first?.kind.rawValue ?? "", "parts": parts, "reason": reason,
            ])
    }

    func notApplied(
        _ number: Int, _ projection: String, _ state: ProjectionState
    ) -> AnnalsError {
        let numbers = state.applied.map(\.number).sorted().map(Migration.padded)
        return AnnalsError(
            .invalid, "MIGRATION_NOT_APPLIED",
            "The migration \(Migration.padded(number)) is not on record as applied.",
            hint: numbers.isEmpty
                ? "Nothing is." : "On record are: \(numbers.joined(separator: ", ")).",
            context: .init(projection: projection, migration: number))
    }

    private func renumbered(_ drift: Drift, _ projection: String) -> AnnalsError {
        let old = Migration.padded(drift.number)
        let new = drift.movedTo.map(Migration.padded) ?? "NEW"
        return AnnalsError(
            .invalid, "MIGRATION_RENUMBERED", "\(drift.summary).",
            hint: "Run 'annals modules reassign \(old) \(new) --projection \(projection)'.",
            context: .init(projection: projection, migration: drift.number))
    }
}
