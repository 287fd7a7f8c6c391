internal import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// One restore on its way: makes a store of a verified backup in an empty folder.
struct Restoration {
    let backup: String
    let manifest: BackupManifest
    /// An empty folder.
    let folder: String
    /// The epoch that begins.
    let epoch: UInt64
    /// The folder with the user's projections; `nil` for that of the backed-up store.
    let projectionsFolder: String?
    let options: EventStore.Options
    let progress: (BackupProgress) -> Void

    private var files: StoreFiles { StoreFiles(root: folder) }

    /// Makes the store and closes it.
    /// - Returns: its projections and its head.
    func make() throws(AnnalsError) -> ([RestoreResult.Projection], Position) {
        let projections = try definitionsFolder()
        try files.createFolders()
        try copyFiles()
        Failpoint.reach("restore.copied")
        let known = try beginEpoch(projections)
        Failpoint.reach("restore.epoch-begun")
        let store = try EventStore(at: folder, options: options)
        try store.appendAdmin(
            "store.restored",
            [
                "from_epoch": Int(manifest.epoch), "epoch": Int(epoch),
                "log_position": Int(manifest.head), "digest": manifest.check,
            ])
        var problems: [String: String] = [:]
        for name in known { problems[name] = try bring(name, in: store) }
        // Each of them left a note in the log, which the others have not seen yet.
        for name in known where problems[name] == nil {
            problems[name] = try problem { () throws(AnnalsError) in
                if try store.state(of: name)?.current != nil { _ = try store.catchUp(name) }
            }
        }
        var restored: [RestoreResult.Projection] = []
        for name in known { restored.append(try describe(name, problems[name], in: store)) }
        for folder in [files.log, files.generations] { try StoreFiles.sync(folder: folder) }
        return (restored, try store.log.head())
    }

    /// The folder that the new store takes its definitions from; they are read before anything is made.
    private func definitionsFolder() throws(AnnalsError) -> String? {
        let found = try StoreManifest.read("\(backup)/store.json")?.projections
        guard let path = projectionsFolder ?? found else { return nil }
        do {
            _ = try ProjectionDefinition.loadAll(in: path)
            return path
        } catch {
            guard projectionsFolder == nil else { throw error }
            throw AnnalsError(
                error.kind, error.code, "The projections of the backed-up store: \(error.message)",
                hint: "Give the folder that they are in now with --projections.",
                context: error.context)
        }
    }

    /// Copies the files; a copy that is not what the manifest says is none.
    private func copyFiles() throws(AnnalsError) {
        let copied = manifest.files.filter { $0.name != "store.json" }
        let total = copied.reduce(0) { $0 + $1.bytes }
        var done: UInt64 = 0
        for file in copied {
            let source = "\(backup)/\(file.name)"
            let found = try FileCopy.read(source, copyingTo: "\(folder)/\(file.name)") { bytes in
                done += bytes
                progress(.init(.copyingFiles, done: done, total: total))
            }
            guard found.sha256 == file.sha256 else {
                throw BackupCheck.damaged(source, "it changed while it was copied")
            }
        }
    }

    /// Gives the log its new epoch and lets the copied projections follow it.
    /// - Returns: the projections that the log knows.
    private func beginEpoch(_ projections: String?) throws(AnnalsError) -> [String] {
        try declareEpoch(projections)
        // The identity is read when a log is opened.
        let log = try EventLog(folder: files.log, access: .readWrite, clock: options.clock)
        let identity = EventStore.identity(of: log)
        for projection in manifest.projections {
            try ProjectionDatabase.follow(
                path: "\(folder)/\(projection.file)", projection: projection.name, log: identity)
        }
        let prefix = ProjectionState.key("")
        let names = try log.stateKeys(prefix: prefix).map { String($0.dropFirst(prefix.count)) }
        let files = Set(manifest.projections.map(\.file))
        for name in names {
            try log.updateState(ProjectionState.key(name)) { bytes in
                guard let bytes else { return nil }
                var state = try ProjectionState.decode(bytes, of: name)
                // Earlier generations are in no backup.
                state.retained = []
                if let current = state.current, !files.contains("generations/\(current.file)") {
                    state.current = nil
                    state.distrust = nil
                }
                return try state.encoded()
            }
        }
        return names
    }

    private func declareEpoch(_ projections: String?) throws(AnnalsError) {
        let log = try EventLog(folder: files.log, access: .readWrite, clock: options.clock)
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let branch = String(repeating: "0", count: 16 - digits.count) + digits
        try log.begin(epoch: epoch, branch: branch)
        let text = try StoreManifest(
            format: EventLog.formatVersion, id: log.id, epoch: epoch, projections: projections
        ).encoded()
        try log.updateState(StoreManifest.stateKey) { _ in Array(text) }
        try StoreFiles.write(text, to: files.manifest)
    }

    /// Builds a projection that was applied and is not in the backup.
    /// - Returns: why it could not be; `nil` when it is there.
    private func bring(_ name: String, in store: EventStore) throws(AnnalsError) -> String? {
        guard let state = try store.state(of: name), state.current == nil, !state.applied.isEmpty
        else { return nil }
        return try problem { () throws(AnnalsError) in
            _ = try store.rebuild(name, quarantines: state.quarantines) {
                progress(.init(.rebuilding, name, done: $0.value, total: $1.value))
            }
        }
    }

    /// What is derived never keeps the log from coming back; what the system refuses does.
    private func problem(
        _ body: () throws(AnnalsError) -> Void
    ) throws(AnnalsError) -> String? {
        do {
            try body()
            return nil
        } catch {
            guard error.kind != .unavailable else { throw error }
            return error.message
        }
    }

    private func describe(
        _ name: String, _ problem: String?, in store: EventStore
    ) throws(AnnalsError) -> RestoreResult.Projection {
        guard problem == nil, try store.state(of: name)?.current != nil else {
            return .init(
                name: name, checkpoint: .start, digest: nil, isRebuilt: false, problem: problem)
        }
        let content = try store.digest(of: name)
        return .init(
            name: name, checkpoint: content.position, digest: content.digest,
            isRebuilt: !manifest.projections.contains { $0.name == name }, problem: nil)
    }
}
