public import EventModel
internal import Foundation
internal import LogStorage

/// What a restore made.
public struct RestoreResult: Sendable, Equatable {
    /// One projection of the restored store.
    public struct Projection: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// The position up to which it holds the log.
        public let checkpoint: Position
        /// Its content digest; `nil` when it has no file.
        public let digest: String?
        /// Whether it was built from the log because the backup has it not.
        public let isRebuilt: Bool
        /// Why it has no file; `nil` when it has one.
        public let problem: String?
    }

    /// The store's folder.
    public let path: String
    /// What the backup says about itself.
    public let manifest: BackupManifest
    /// The epoch of the store now.
    public let epoch: UInt64
    /// The position of the last event, the store's own notes included.
    public let head: Position
    /// The projections that the log knows, by name.
    public let projections: [Projection]
    /// Where the store went that was replaced; `nil` when none was.
    public let setAside: String?
    /// How long it took, in milliseconds.
    public let durationMs: Double
}

extension EventStore {
    /// Makes a store of a backup, after everything in the backup was verified.
    ///
    /// The store appears when it is complete and on disk; otherwise nothing is left. It begins a new
    /// epoch, for what happens in it from now on is another history than that of the store which the
    /// backup was made of: files and positions of that one are not believed here. The event
    /// `store.restored` says so. Projections that the backup has not are built from the log.
    /// - Parameters:
    ///   - backup: A backup's folder. It is not changed.
    ///   - path: A folder that does not exist or is empty.
    ///   - replaces: Whether a store in `path` may be set aside, to `PATH.replaced-TIME`. No program may
    ///     be working with it.
    ///   - projectionsFolder: The folder with the user's projections; `nil` for that of the backed-up
    ///     store.
    /// - Throws: `BACKUP_MISSING`, `BACKUP_DAMAGED` with the file, `FORMAT_NEWER`, `FOLDER_NOT_EMPTY`,
    ///   `LOCKED`, what is wrong with a definition, `DISK_FULL`, `INTERRUPTED`.
    public static func restore(
        from backup: String, to path: String, replaces: Bool = false,
        projectionsFolder: String? = nil, options: Options = Options(),
        progress: @escaping (BackupProgress) -> Void = { _ in }
    ) throws(AnnalsError) -> RestoreResult {
        let start = options.clock()
        var options = options
        options.access = .readWrite
        options.migrates = false
        let replaced = try ReplacedStore(at: path, isAllowed: replaces, options)
        let place: String
        if let replaced { place = replaced.place } else { place = try freePlace(path) }
        let manifest = try verifyBackup(at: backup, progress: progress)
        Failpoint.reach("restore.verified")
        let work = try WorkFolder(for: place)
        let restoration = Restoration(
            backup: backup, manifest: manifest, folder: work.path,
            epoch: max(manifest.epoch, replaced?.epoch ?? 0) + 1,
            projectionsFolder: projectionsFolder.map {
                URL(fileURLWithPath: $0).standardizedFileURL.path
            }, options: options, progress: progress)
        let (projections, head) = try restoration.make()
        Failpoint.reach("restore.complete")
        let setAside = try replaced?.free(now: start)
        try work.publish(setAside: setAside)
        return RestoreResult(
            path: place, manifest: manifest, epoch: restoration.epoch, head: head,
            projections: projections, setAside: setAside,
            durationMs: Double(options.clock().milliseconds - start.milliseconds))
    }
}
