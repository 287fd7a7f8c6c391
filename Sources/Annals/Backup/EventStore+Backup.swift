public import EventModel
internal import Foundation
internal import LogStorage
internal import Logging

/// What a backup wrote.
public struct BackupResult: Sendable, Equatable {
    /// The backup's folder.
    public let path: String
    /// What the backup says about itself.
    public let manifest: BackupManifest
    /// The sizes of its files together, without the manifest.
    public let bytes: UInt64
    /// The position of the event `store.backed_up`; `nil` when the store was opened to read only, or
    /// could not take it.
    public let event: Position?
    /// How long it took, in milliseconds.
    public let durationMs: Double
}

extension EventStore {
    /// Copies the store into a folder of its own, while others append and build, and verifies the copy.
    ///
    /// The folder appears when it is complete, verified and on disk; otherwise nothing is left. It holds
    /// every event that was acknowledged before the call, and for each projection a snapshot at or
    /// before the copied head. A projection whose file is of no use is left out and named in the
    /// manifest. Then the event `store.backed_up` is appended to this store; the backup does not hold
    /// it. A backup can be opened like a store, to read only.
    /// - Parameters:
    ///   - path: A folder that does not exist or is empty.
    ///   - logOnly: Leave the projections out; a restore builds them.
    ///   - includesDataKeys: Take the data keys along. Without them a restored store cannot open its
    ///     credentials; with them the backup keeps those alive that are deleted later.
    ///   - tool: The program's name and version, for the manifest.
    /// - Throws: `FOLDER_NOT_EMPTY`, `FILE_INSIDE_STORE`, `LOG_DAMAGED`, `BACKUP_DAMAGED` when the copy does not verify,
    ///   `DISK_FULL`, `INTERRUPTED`, `STORE_BUSY`.
    public func backup(
        to path: String, logOnly: Bool = false, includesDataKeys: Bool = true,
        tool: String = "annals",
        progress: @escaping (BackupProgress) -> Void = { _ in }
    ) throws(AnnalsError) -> BackupResult {
        let start = options.clock()
        let place = try Self.freePlace(path)
        try checkOutside(place)
        let work = try WorkFolder(for: place)
        let copy = BackupCopy(
            store: self, folder: work.path, includesDataKeys: includesDataKeys, progress: progress)
        let manifest = try copy.make(logOnly: logOnly, tool: tool, createdAt: start)
        Failpoint.reach("backup.complete")
        try work.publish()
        Failpoint.reach("backup.published")
        return BackupResult(
            path: place, manifest: manifest, bytes: manifest.files.reduce(0) { $0 + $1.bytes },
            event: note(manifest, place),
            durationMs: Double(options.clock().milliseconds - start.milliseconds))
    }

    /// Whether a migration to the target would apply anything; changes nothing.
    /// - Throws: what refuses the migration beforehand, `MIGRATION_DRIFT` and `TARGET_…` among it.
    public func needsMigration(
        _ projection: String, to target: MigrationTarget = .next,
        options: MigrateOptions = MigrateOptions()
    ) throws(AnnalsError) -> Bool {
        let state = try checkedState(projection)
        let definition = try handle(projection).definition
        return try !MigrationSelection(target, options, state, definition).numbers.isEmpty
    }

    /// Checks everything in a backup, and changes nothing.
    ///
    /// That is the hashes, every record and index of the log, and the digest of every projection.
    /// - Returns: what the backup says about itself.
    /// - Throws: `BACKUP_MISSING`, `FORMAT_NEWER`, `BACKUP_DAMAGED` with the file.
    public static func verifyBackup(
        at path: String, progress: (BackupProgress) -> Void = { _ in }
    ) throws(AnnalsError) -> BackupManifest {
        let manifest = try BackupManifest.read(fromFolder: path)
        try BackupCheck(path: path, manifest: manifest).all(progress)
        return manifest
    }

    /// Whether something is in a folder.
    static func holdsSomething(_ path: String) -> Bool {
        FileManager.default.enumerator(atPath: path)?.nextObject() != nil
    }

    /// A path at which a folder may appear, links in it resolved.
    static func freePlace(_ path: String) throws(AnnalsError) -> String {
        let place = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
        let isThere = FileManager.default.fileExists(atPath: place)
        guard !isThere || FileManager.default.fileExists(atPath: "\(place)/.") else {
            throw AnnalsError(
                .invalid, "FILE_EXISTS", "\(path) is a file.", hint: "Name a new folder.")
        }
        guard !holdsSomething(place) else {
            throw AnnalsError(
                .invalid, "FOLDER_NOT_EMPTY", "\(path) is not empty.",
                hint: "Name a folder that does not exist yet.")
        }
        return place
    }

    /// Notes the backup in this store.
    ///
    /// The backup is complete whatever comes of it.
    private func note(_ manifest: BackupManifest, _ place: String) -> Position? {
        guard options.access == .readWrite else { return nil }
        do throws(AnnalsError) {
            return try appendAdmin(
                "store.backed_up",
                [
                    "path_label": URL(fileURLWithPath: place).lastPathComponent,
                    "log_position": Int(manifest.head), "digest": manifest.check,
                ])
        } catch {
            options.logger.warning(
                "The backup is complete, but not noted in the log: \(error.message)")
            return nil
        }
    }
}
