public import EventModel
internal import LogStorage
internal import ProjectionEngine

/// What a reassignment did.
public struct ReassignResult: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The number that was on record.
    public let old: Int
    /// The number that is on record now, which the file has.
    public let new: Int
    /// The migration's name.
    public let name: String
    /// What still blocks; empty when the projection can be used again.
    public let remaining: [Drift]
    /// Events replayed.
    public let events: Int
}

extension EventStore {
    /// Gives an applied migration the number that its file was given.
    ///
    /// A migration is the same by module, name and content; the number is only its place. Lines
    /// `-- Depends:` of other applied migrations that followed the new number are accepted with it. Once
    /// nothing blocks any more, a generation is built in the new order and switched to.
    /// - Throws: `LOCKED`, `MIGRATION_NOT_APPLIED`, `MIGRATION_UNKNOWN` when no file has the new number,
    ///   `MIGRATION_DUPLICATE` when another one is on record with it, `REASSIGN_DIFFERS` when the file is
    ///   another migration; `EVENT_REFUSED` and others when it cannot be built.
    public func reassign(
        _ projection: String, _ old: Int, to new: Int, lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> ReassignResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let before = try stateOrNew(of: projection)
        let definition = try handle(projection).definition
        guard let index = before.applied.firstIndex(where: { $0.number == old }) else {
            throw notApplied(old, projection, before)
        }
        let entry = before.applied[index]
        if let other = before.applied.first(where: { $0.number == new }) {
            throw AnnalsError(
                .invalid, "MIGRATION_DUPLICATE",
                "\(Migration.padded(new)) is on record as \(Migration.fullName(new, other.name)).",
                hint: "Reassign that one first.",
                context: .init(projection: projection, migration: new))
        }
        let migration = try same(as: entry, at: new, definition)
        var applied = before.applied
        applied[index].number = new
        applied[index].checksums = migration.checksums.rendering
        for other in applied.indices where other != index {
            accept(&applied[other], definition, references: new, insteadOf: old)
        }
        let note = adminEvent(
            "module.reassigned", projection,
            ["module": entry.module, "name": entry.name, "from": old, "to": new])
        let title = Migration.fullName(old, entry.name)
        let (remaining, built) = try record(
            RecordChange(
                applied: applied, note: note,
                reason: "\(title) got the number \(Migration.padded(new)) after the file was built."
            ),
            of: projection, before, progress: progress)
        return ReassignResult(
            projection: projection, old: old, new: new, name: entry.name, remaining: remaining,
            events: built?.events ?? 0)
    }

    /// The migration of a number, which must be what was applied.
    private func same(
        as entry: ProjectionState.Applied, at number: Int, _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> Migration {
        let context = AnnalsError.Context(projection: definition.name, migration: number)
        guard let migration = definition.migration(number) else {
            throw AnnalsError(
                .invalid, "MIGRATION_UNKNOWN", "There is no migration \(Migration.padded(number)).",
                hint: "Renumber the file first: its name, and its line `-- Migration:`.",
                context: context)
        }
        let title = Migration.fullName(entry.number, entry.name)
        let isSame =
            migration.name == entry.name && migration.module == entry.module
            && Checksums(rendering: entry.checksums).map(migration.checksums.hasContent) == true
        guard isSame else {
            throw AnnalsError(
                .invalid, "REASSIGN_DIFFERS",
                "\(migration.fullName) is not what was applied as \(title).",
                hint: "Module, name and content must be the same; only the number may differ.",
                context: context)
        }
        // The number that it leaves must not hold it as well.
        if let here = definition.migration(entry.number), here.name == entry.name,
            here.checksums.hasContent(of: migration.checksums)
        {
            throw AnnalsError(
                .invalid, "REASSIGN_DIFFERS",
                "\(title) is there under its old number as well.",
                hint: "Remove one of the two files.", context: context)
        }
        return migration
    }

    /// Takes over the header of an applied migration in which only that number was replaced.
    private func accept(
        _ entry: inout ProjectionState.Applied, _ definition: ProjectionDefinition,
        references new: Int, insteadOf old: Int
    ) {
        guard let migration = definition.migration(entry.number),
            migration.depends.contains(new), let was = Checksums(rendering: entry.checksums),
            migration.checksums.hasContent(of: was)
        else { return }
        let depends = migration.depends.map { $0 == new ? old : $0 }.sorted()
        guard
            Checksums.headerTokens(module: migration.module, depends: depends)
                == was.part("header")?.tokens
        else { return }
        entry.checksums = migration.checksums.rendering
    }
}
