internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals restore`: makes a store of a backup.
struct RestoreCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Verify a backup completely, and make a store of it.",
        discussion: """
            The store begins a new epoch: files and positions of the store that the backup was made of \
            are not believed in it.
            """)

    @Argument(help: "The backup's folder.")
    var backup: String

    @Option(help: "The new store's folder; the same as --store.")
    var to: String?

    @Option(help: "The folder with your own projections, if it is elsewhere now.")
    var projections: String?

    @Flag(help: "Set a store that is there aside, to FOLDER.replaced-TIME.")
    var replace = false

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard to == nil || common.store == nil else {
            throw ValidationError("Name the folder once: with --to or with --store.")
        }
        guard to != "" else { throw ValidationError("The folder's name is empty.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let path = to ?? session.storePath
        if replace, !yes { try ask(path, session) }
        session.stopAtSafePoints()
        let meter = BackupMeter(on: session.console)
        defer { meter.end() }
        let result = try EventStore.restore(
            from: backup, to: path, replaces: replace, projectionsFolder: projections,
            options: try session.options()
        ) { meter.update($0) }
        meter.end()
        try tell(result, session)
        return .done
    }

    private func ask(_ path: String, _ session: Session) throws {
        guard session.console.canAsk else {
            throw CommandError.usage(
                "CONSENT_NEEDED", "Replacing the store in \(path) wants consent.",
                hint: "Stop the programs that use it, then give --yes. It is set aside, not"
                    + " removed.")
        }
        guard session.console.confirms("Set the store in \(path) aside?") else {
            throw CommandError(AnnalsError(.invalid, "NOT_CONFIRMED", "Nothing was changed."))
        }
    }

    private func tell(_ result: RestoreResult, _ session: Session) throws {
        let console = session.console
        let aside = result.setAside
        let back =
            aside.map { "mv \(Session.quoted($0)) \(Session.quoted(result.path))" }
        try console.emit([
            "schema": "annals.restore/1", "path": .string(result.path),
            "store": .string(result.manifest.store), "fromEpoch": JSON(result.manifest.epoch),
            "epoch": JSON(result.epoch), "backupHead": JSON(result.manifest.head),
            "head": JSON(result.head), "verified": true,
            "projections": .array(
                result.projections.map {
                    [
                        "name": .string($0.name), "checkpoint": JSON($0.checkpoint),
                        "digest": JSON($0.digest), "rebuilt": .bool($0.isRebuilt),
                        "problem": JSON($0.problem),
                    ]
                }),
            "dataKeys": BackupCommand.document(result.manifest.dataKeys),
            "setAside": JSON(aside), "durationMs": JSON(result.durationMs),
            "back": .array(back.map { [.string($0)] } ?? []),
        ])
        for projection in result.projections {
            guard let problem = projection.problem else { continue }
            console.warn("\(projection.name) is not built: \(DisplayText.escaped(problem))")
        }
        if let keys = result.manifest.dataKeys, !keys.included, keys.count > 0 {
            console.warn(
                "the backup was made without its \(DisplayText.count(keys.count, "data key")): no"
                    + " credential can be opened")
        }
        try console.print(
            "restored \(result.path): "
                + "\(DisplayText.count(Int(result.manifest.head), "event")) of the backup, "
                + "epoch \(result.manifest.epoch) → \(result.epoch)")
        if let aside { try console.print("the earlier store is in \(aside)") }
        try console.print(
            "back: "
                + (back.map { "remove \(result.path), then \($0)" }
                    ?? "remove the folder; the backup is as it was"))
    }
}
