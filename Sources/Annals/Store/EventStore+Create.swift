public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// Makes a store in a folder that does not exist or is empty, and opens it.
    ///
    /// The log appears in the folder in one step, complete: what a killed attempt left behind is no
    /// store, and the next attempt removes it.
    /// - Parameters:
    ///   - path: The store's folder.
    ///   - projectionsFolder: The folder with the user's projections; `nil` for the built-in ones.
    /// - Throws: `STORE_EXISTS`, `FOLDER_NOT_EMPTY`, what is wrong with a definition, or what the
    ///   system refuses. Then nothing is left behind.
    public static func create(
        at path: String, projectionsFolder: String? = nil, options: Options = Options()
    ) throws(AnnalsError) -> EventStore {
        let files = StoreFiles(root: path)
        guard !files.exists else {
            throw AnnalsError(
                .invalid, "STORE_EXISTS", "There is a store in \(path) already.",
                hint: "Use it, or name another folder.")
        }
        let isThere = FileManager.default.fileExists(atPath: path)
        if let name = try files.firstForeignName() {
            throw AnnalsError(
                .invalid, "FOLDER_NOT_EMPTY", "\(path) is not empty: it holds \(name).",
                hint: "Name a folder that does not exist yet.")
        }
        let folder = projectionsFolder.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        let definitions: [ProjectionDefinition]
        if let folder {
            definitions = try ProjectionDefinition.loadAll(in: folder)
        } else {
            definitions = options.builtIn
        }
        for definition in definitions { try definition.check() }
        try StoreFiles.createFolder(files.root)
        do throws(AnnalsError) {
            try makeLog(files, projections: folder, options)
            // Opening makes what is derived from the log, and what a killed attempt lacks as well.
            return try EventStore(at: path, options: options)
        } catch  where error.code == "STORE_EXISTS" {
            // It is another process's.
            throw error
        } catch {
            // A store is made whole or not at all.
            let parts = [
                files.log, files.generations, files.manifest, files.unfinished, files.lock,
            ]
            for part in isThere ? parts : [path] { try StoreFiles.removeIfPresent(part) }
            throw error
        }
    }

    /// Makes the log beside its place, and moves it there when it is complete.
    ///
    /// Of several processes that do so at once, one does.
    private static func makeLog(
        _ files: StoreFiles, projections: String?, _ options: Options
    ) throws(AnnalsError) {
        let lock = try files.lockForCreation(now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        try StoreFiles.removeIfPresent(files.unfinished)
        let folder = "\(files.unfinished)/log"
        try StoreFiles.createFolder(folder)
        let id = (0..<2).map { _ in hexadecimal(UInt64.random(in: .min ... .max)) }.joined()
        try EventLog.create(folder: folder, id: id, clock: options.clock)
        Failpoint.reach("create.log-made")
        let manifest = StoreManifest(
            format: EventLog.formatVersion, id: id, epoch: 1, projections: projections)
        let text = try manifest.encoded()
        do {
            let log = try EventLog(folder: folder, access: .readWrite, clock: options.clock)
            try log.updateState(StoreManifest.stateKey) { _ in Array(text) }
        }
        Failpoint.reach("create.before-move")
        try StoreFiles.rename(folder, over: files.log)
        try StoreFiles.sync(folder: files.root)
        Failpoint.reach("create.after-move")
        try StoreFiles.removeIfPresent(files.unfinished)
        try StoreFiles.write(text, to: files.manifest)
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
