internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals migrate`: applies pending migrations.
struct MigrateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Build projections at a later version and switch to them.",
        discussion: """
            Without --projection every projection is migrated. The earlier generation stays in \
            service until the new one is complete. When a migration fails, those before it are \
            applied; with --grouped nothing is.
            """,
        aliases: ["up"])

    @Option(help: "Up to this migration: a number or a name.")
    var to: MigrationNumber?

    @Option(help: "Only this projection.")
    var projection: String?

    @Option(help: "Only the migrations of this module.")
    var module: String?

    @Flag(help: "Apply a number below one that its module has applied, or above a hole.")
    var allowOutOfOrder = false

    @Option(help: "Why that is allowed; it is recorded.")
    var reason = ""

    @Flag(help: "Apply all of it or nothing.")
    var grouped = false

    @Flag(help: "Rehearse it on the whole history in a scratch folder, and change nothing.")
    var dryRun = false

    @Flag(help: "Begin although the new file may not fit on the disk.")
    var ignoreFreeSpace = false

    @Option(help: "Back the store up to this folder first, if anything is pending.")
    var backup: String?

    @Option(help: "How long to wait for another migration, rollback or rebuild, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = dryRun ? try session.openForReading() : try session.openForWriting()
        let names = try session.projectionsToMigrate(
            projection, isPart: to != nil || module != nil, in: store)
        if dryRun {
            return try MigrateDryRun(
                store: store, session: session,
                targets: try names.map { ($0, try target($0, store)) }, options: options
            ).run()
        }
        session.stopAtSafePoints()
        let backup = try backUp(names, store, session)
        var results: [MigrateResult] = []
        for name in names {
            do {
                let result = try migrate(name, store, session)
                results.append(result)
                if let failure = result.failure { throw failure }
            } catch {
                var failure = CommandError.of(error)
                failure.done.append(.init(name: "applied", value: Self.applied(results)))
                failure.done.append(.init(name: "backupCreated", value: .bool(backup != nil)))
                try tellApplied(results, session)
                throw failure
            }
        }
        try session.catchUpAll(store)
        try tell(results, backup, session)
        return .done
    }

    private func target(_ name: String, _ store: EventStore) throws -> MigrationTarget {
        guard let to else { return .next }
        return .version(try to.number(in: try store.definition(of: name)))
    }

    private var options: MigrateOptions {
        var options = MigrateOptions()
        options.module = module
        options.allowsOutOfOrder = allowOutOfOrder
        options.reason = reason
        options.isGrouped = grouped
        options.ignoresFreeSpace = ignoreFreeSpace
        return options
    }

    private func migrate(
        _ name: String, _ store: EventStore, _ session: Session
    ) throws -> MigrateResult {
        let meter = ProgressMeter("migrating \(name)", on: session.console)
        defer { meter.end() }
        return try store.attemptMigration(
            name, to: try target(name, store), options: options, lockTimeoutSeconds: lockTimeout
        ) { meter.update(done: $0.value, total: $1.value) }
    }

    /// Backs the store up before the first change; `nil` when it is not asked for, or nothing is
    /// pending.
    private func backUp(
        _ names: [String], _ store: EventStore, _ session: Session
    ) throws -> BackupResult? {
        guard let backup else { return nil }
        let isPending = try names.contains {
            try store.needsMigration($0, to: try target($0, store), options: options)
        }
        guard isPending else { return nil }
        return try BackupCommand.backUp(store, to: backup, logOnly: false, session)
    }

    // MARK: What is told

    private static func applied(_ results: [MigrateResult]) -> JSON {
        .array(
            results.flatMap { result in
                result.applied.map { migration in
                    JSON.object(
                        migrationDocument(result.projection, migration.number, migration.name)
                            + [.init(name: "durationMs", value: JSON(result.durationMs))])
                }
            })
    }

    /// The last applied goes first, so behind a late lower number only steps lead back.
    private func back(_ result: MigrateResult, _ session: Session) -> String {
        let isAbove = result.applied.allSatisfy { $0.number > result.from }
        let way =
            isAbove ? ["--to", String(result.from)] : ["--steps", String(result.applied.count)]
        return session.command(["rollback", "--projection", result.projection] + way)
    }

    private func tell(
        _ results: [MigrateResult], _ backup: BackupResult?, _ session: Session
    ) throws {
        let changed = results.filter { !$0.applied.isEmpty }
        try session.console.emit([
            "schema": "annals.migrate/1", "applied": Self.applied(results),
            "message": changed.isEmpty ? "nothing to do" : "migrated",
            "projections": .array(
                results.map {
                    [
                        "name": .string($0.projection), "from": JSON($0.from), "to": JSON($0.to),
                        "way": JSON($0.way?.rawValue),
                        "events": JSON($0.events), "durationMs": JSON($0.durationMs),
                        "switchMs": JSON($0.switchMs),
                    ]
                }),
            "backupCreated": .bool(backup != nil), "backup": JSON(backup?.path),
            "back": .array(changed.map { .string(back($0, session)) }),
        ])
        if let backup { try session.console.print("backed up to \(backup.path)") }
        if changed.isEmpty { try session.console.print("nothing to do") }
        try tellApplied(results, session)
    }

    private func tellApplied(_ results: [MigrateResult], _ session: Session) throws {
        for result in results where !result.applied.isEmpty {
            try session.console.print(
                "\(result.projection): \(result.from) → \(result.to), by "
                    + "\((result.way ?? .rebuild).words) with "
                    + "\(DisplayText.count(result.events, "event")) in "
                    + ProgressMeter.time(result.durationMs / 1000))
            for migration in result.applied {
                try session.console.print(
                    "  applied \(MigrationName.full(migration.number, migration.name))")
            }
            try session.console.print("back: \(back(result, session))")
        }
    }
}
