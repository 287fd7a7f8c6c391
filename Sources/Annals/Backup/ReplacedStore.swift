internal import EventModel
internal import Foundation
internal import LogStorage

/// A store in whose place another one is to appear.
struct ReplacedStore {
    /// Its folder, links in the path resolved.
    let place: String
    /// Its epoch; 0 when its log cannot be read.
    let epoch: UInt64
    private let options: EventStore.Options

    /// Looks for what is in the way; `nil` when nothing is.
    /// - Throws: `FOLDER_NOT_EMPTY` for a folder that may not be replaced, or is no store.
    init?(
        at path: String, isAllowed: Bool, _ options: EventStore.Options
    ) throws(AnnalsError) {
        place = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
        self.options = options
        let files = StoreFiles(root: place)
        guard EventStore.holdsSomething(place) else { return nil }
        guard files.exists, !files.isBackup else {
            throw AnnalsError(
                .invalid, "FOLDER_NOT_EMPTY", "\(path) is not empty, and is no store.",
                hint: "Name a folder that does not exist yet.")
        }
        guard isAllowed else {
            throw AnnalsError(
                .invalid, "FOLDER_NOT_EMPTY", "There is a store in \(path).",
                hint: "Name a folder that does not exist yet, or set the store aside with"
                    + " 'annals restore --replace'.")
        }
        epoch = try Self.epoch(of: files, options)
    }

    private static func epoch(
        of files: StoreFiles, _ options: EventStore.Options
    ) throws(AnnalsError) -> UInt64 {
        do {
            let log = try EventLog(folder: files.log, access: .readOnly, clock: options.clock)
            return log.epoch
        } catch {
            // A damaged log is a good reason to restore.
            guard error.kind == .corrupt else { throw error }
            return 0
        }
    }

    /// A name that is free for the store to be set aside to.
    ///
    /// - Throws: `LOCKED` while a migration, rollback or rebuild works in the store.
    func free(now: Timestamp) throws(AnnalsError) -> String {
        let lock = try StoreLock(StoreFiles(root: place), timeoutSeconds: 0, now: now)
        defer { withExtendedLifetime(lock) {} }
        let time = (now.rfc3339 ?? "").prefix(19).filter { $0.isNumber || $0 == "T" }
        let base = "\(place).replaced-\(time)"
        var name = base
        var number = 1
        while FileManager.default.fileExists(atPath: name) {
            number += 1
            name = "\(base)-\(number)"
        }
        return name
    }
}
