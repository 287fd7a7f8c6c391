internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals backup`: copies a store that is in use, and verifies the copy.
struct BackupCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store while others use it, and verify the copy.",
        discussion: """
            The folder appears when the copy is complete, verified and on disk. It can be read like a \
            store ('annals log --store BACKUP') and made one with 'annals restore'.
            """)

    @Argument(help: "A folder that does not exist or is empty, outside of the store.")
    var path: String

    @Flag(help: "Only the log; a restore builds the projections from it.")
    var logOnly = false

    @Flag(
        help: """
            Leave the data keys out: credentials that are deleted in the store later are then erased \
            here, too, but a store restored from this cannot open any.
            """)
    var withoutDataKeys = false

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForWriting(checksPages: true)
        session.stopAtSafePoints()
        let result = try Self.backUp(
            store, to: path, logOnly: logOnly, includesDataKeys: !withoutDataKeys, session)
        // The note of the backup is an event that the projections have not seen.
        try session.catchUpAll(store)
        try tell(result, session)
        return .done
    }

    /// Makes a backup, telling how far it is and what it had to leave out.
    static func backUp(
        _ store: EventStore, to path: String, logOnly: Bool, includesDataKeys: Bool = true,
        _ session: Session
    ) throws -> BackupResult {
        let meter = BackupMeter(on: session.console)
        defer { meter.end() }
        let result = try store.backup(
            to: path, logOnly: logOnly, includesDataKeys: includesDataKeys,
            tool: "annals \(AnnalsCommand.version)"
        ) { meter.update($0) }
        meter.end()
        for left in result.manifest.leftOut {
            session.console.warn(
                "\(left.name) is not in the backup, a restore builds it: "
                    + DisplayText.escaped(left.reason))
        }
        return result
    }

    private func tell(_ result: BackupResult, _ session: Session) throws {
        let manifest = result.manifest
        let restore =
            "annals restore \(Session.quoted(result.path)) --to "
            + Session.quoted("\(session.storePath).restored")
        try session.console.emit([
            "schema": "annals.backup/1", "path": .string(result.path),
            "store": .string(manifest.store), "epoch": JSON(manifest.epoch),
            "head": JSON(manifest.head), "headHash": .string(manifest.headHash),
            "logOnly": .bool(manifest.logOnly), "verified": true,
            "projections": .array(manifest.projections.map(Self.document)),
            "leftOut": .array(
                manifest.leftOut.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
            "dataKeys": Self.document(manifest.dataKeys),
            "files": JSON(manifest.files.count), "bytes": JSON(result.bytes),
            "digest": .string(manifest.check), "event": JSON(result.event),
            "durationMs": JSON(result.durationMs), "back": .array([.string(restore)]),
        ])
        try session.console.print(
            "backed up to \(result.path): \(DisplayText.count(Int(manifest.head), "event")), "
                + "\(DisplayText.grouped(result.bytes >> 10)) KiB, verified")
        for projection in manifest.projections {
            try session.console.print(
                "  \(projection.name) at position \(projection.checkpoint), digest "
                    + projection.digest)
        }
        if let keys = manifest.dataKeys { try session.console.print("  \(Self.words(keys))") }
        try session.console.print("back: \(restore)")
    }

    /// What became of the data keys, for people.
    static func words(_ keys: BackupManifest.DataKeys) -> String {
        let count = DisplayText.count(keys.count, "data key")
        return keys.included
            ? "\(count) included: what is deleted in the store from now on stays readable in this backup"
            : "\(count) left out: no credential can be opened in what is restored from this backup"
    }

    /// What became of the data keys, as JSON.
    static func document(_ keys: BackupManifest.DataKeys?) -> JSON {
        keys.map { ["included": .bool($0.included), "count": JSON($0.count)] } ?? .null
    }

    /// A projection of a backup as JSON.
    static func document(_ projection: BackupManifest.Projection) -> JSON {
        [
            "name": .string(projection.name), "file": .string(projection.file),
            "versions": .array(projection.versions.map { JSON($0) }),
            "checkpoint": JSON(projection.checkpoint), "digest": .string(projection.digest),
        ]
    }
}
