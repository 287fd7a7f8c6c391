internal import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// One backup on its way: fills a folder with a copy of a store.
struct BackupCopy {
    let store: EventStore
    /// An empty folder.
    let folder: String
    let includesDataKeys: Bool
    let progress: (BackupProgress) -> Void

    /// How often all is begun again because a generation was switched at the moment of the copy.
    private static let attemptsMax = 20

    private var files: StoreFiles { StoreFiles(root: folder) }

    /// The snapshots of the current generations at one moment.
    private struct Pins {
        /// By the projections' names.
        var projections: [String: PinnedProjection] = [:]
        var generations: [String: ProjectionState.Generation] = [:]
        var leftOut: [String: String] = [:]
    }

    /// Makes the copy, and its manifest, and verifies it.
    func make(
        logOnly: Bool, tool: String, createdAt: Timestamp
    ) throws(AnnalsError) -> BackupManifest {
        let manifest = try fill(logOnly: logOnly, tool: tool, createdAt: createdAt)
        Failpoint.reach("backup.filled")
        try BackupCheck(path: folder, manifest: manifest).contents(progress)
        return manifest
    }

    private func fill(
        logOnly: Bool, tool: String, createdAt: Timestamp
    ) throws(AnnalsError) -> BackupManifest {
        // LMDB copies pages as they are, or ends the process on one that it cannot read.
        try store.log.checkPages()
        try files.createFolders()
        Failpoint.reach("backup.begun")
        var (pins, dataKeys) = try copyLogAndKeys(logOnly: logOnly)
        Failpoint.reach("backup.log-copied")
        let log = try EventLog(
            folder: files.log, access: .readOnly, isStill: true, clock: store.options.clock)
        let head = try log.head()
        var projections: [BackupManifest.Projection] = []
        for name in pins.projections.keys.sorted() {
            guard let pin = pins.projections[name], let generation = pins.generations[name] else {
                continue
            }
            do {
                projections.append(try copy(pin, generation, head))
            } catch {
                guard error.kind != .unavailable else { throw error }
                // What is derived never keeps the log from being saved.
                try StoreFiles.removeIfPresent(files.generation(generation.file))
                try StoreFiles.removeIfPresent(files.link(name))
                pins.leftOut[name] = error.message
            }
            pins.projections[name] = nil
            Failpoint.reach("backup.projection-copied")
        }
        return try describe(
            log, head, projections, pins.leftOut, dataKeys, logOnly: logOnly, tool: tool,
            createdAt: createdAt)
    }

    /// Copies the log and, if they are wanted, the data keys that belong to it.
    ///
    /// Nobody makes or destroys a key meanwhile: one made later could be missing, or one destroyed
    /// later, of what the copied log holds.
    private func copyLogAndKeys(
        logOnly: Bool
    ) throws(AnnalsError) -> (Pins, BackupManifest.DataKeys?) {
        let keys = store.dataKeys
        let hold = try keys.hold()
        defer { withExtendedLifetime(hold) {} }
        let pins = try copyLog(logOnly: logOnly)
        guard hold != nil else { return (pins, nil) }
        let count = try keys.contents().ids.count
        if includesDataKeys {
            _ = try FileCopy.read(keys.path, copyingTo: files.dataKeys) { _ in }
        }
        return (pins, .init(included: includesDataKeys, count: count))
    }

    /// Copies the log, and pins the generations that are current in the copy.
    ///
    /// The pins come first: what they show was acknowledged before the log is copied (INV-6), so no
    /// projection is ahead. A switch between the two shows in the copied log.
    private func copyLog(logOnly: Bool) throws(AnnalsError) -> Pins {
        for _ in 0..<Self.attemptsMax {
            try checkCancelled()
            let pins = logOnly ? Pins() : try pin()
            try store.log.copy(toFolder: files.log) {
                progress(.init(.copyingLog, done: $0, total: $1))
            }
            if logOnly { return pins }
            if try isCurrent(pins) { return pins }
            try StoreFiles.removeIfPresent("\(files.log)/data.mdb")
        }
        throw AnnalsError(
            .unavailable, "STORE_BUSY",
            "Generations were switched \(Self.attemptsMax) times while the backup began.",
            hint: "Repeat when fewer migrations or rebuilds run.")
    }

    /// Pins every current generation that is of use.
    private func pin() throws(AnnalsError) -> Pins {
        var pins = Pins()
        for name in try store.knownProjections() {
            guard let state = try store.state(of: name), let current = state.current else {
                continue
            }
            pins.generations[name] = current
            if let distrust = state.distrust {
                pins.leftOut[name] = distrust
                continue
            }
            do {
                pins.projections[name] = try pin(name, current)
            } catch {
                // Another process may have switched, and taken the old file away: seen in the copy.
                guard error.kind != .unavailable || !exists(current) else { throw error }
                pins.leftOut[name] = error.message
            }
        }
        return pins
    }

    private func pin(
        _ name: String, _ generation: ProjectionState.Generation
    ) throws(AnnalsError) -> PinnedProjection {
        let pin = try PinnedProjection(
            path: store.files.generation(generation.file), projection: name)
        guard pin.logID == store.logIdentity else { throw store.foreign(name, generation) }
        let head = try store.log.head()
        guard pin.checkpoint <= head else {
            throw AnnalsError(
                .corrupt, "LINEAGE",
                "The file is at position \(pin.checkpoint), but the log ends at \(head).")
        }
        return pin
    }

    private func exists(_ generation: ProjectionState.Generation) -> Bool {
        FileManager.default.fileExists(atPath: store.files.generation(generation.file))
    }

    /// Whether the pinned generations are the current ones in the copied log.
    private func isCurrent(_ pins: Pins) throws(AnnalsError) -> Bool {
        let log = try EventLog(
            folder: files.log, access: .readOnly, isStill: true, clock: store.options.clock)
        var current: [String: ProjectionState.Generation] = [:]
        let prefix = ProjectionState.key("")
        for key in try log.stateKeys(prefix: prefix) {
            let name = String(key.dropFirst(prefix.count))
            guard let bytes = try log.state(key) else { continue }
            current[name] = try ProjectionState.decode(bytes, of: name).current
        }
        return current == pins.generations
    }

    /// Copies one projection and makes sure that the copy is sound.
    private func copy(
        _ pin: PinnedProjection, _ generation: ProjectionState.Generation, _ head: Position
    ) throws(AnnalsError) -> BackupManifest.Projection {
        try checkCancelled()
        let path = files.generation(generation.file)
        try pin.copy(to: path) { done, total throws(AnnalsError) in
            try checkCancelled()
            progress(.init(.copyingProjection, pin.name, done: done, total: total))
        }
        let check = try ProjectionFileCheck.read(
            path: path, projection: pin.name, isStill: true)
        if let problem = check.problems.first {
            throw AnnalsError(.corrupt, "ROWS_INVALID", "\(generation.file): \(problem)")
        }
        guard check.applied.map(\.number) == generation.versions else {
            throw AnnalsError(
                .corrupt, "VERSION_SET", "\(generation.file) is made of other migrations.")
        }
        try StoreFiles.link(files.link(pin.name), to: "generations/\(generation.file)")
        return BackupManifest.Projection(
            name: pin.name, file: "generations/\(generation.file)",
            versions: generation.versions, checkpoint: pin.checkpoint.value,
            digest: try pin.contentDigest())
    }

    /// Writes what is left, and the manifest; everything is synced then.
    private func describe(
        _ log: EventLog, _ head: Position, _ projections: [BackupManifest.Projection],
        _ leftOut: [String: String], _ dataKeys: BackupManifest.DataKeys?, logOnly: Bool,
        tool: String, createdAt: Timestamp
    ) throws(AnnalsError) -> BackupManifest {
        let storeManifest = StoreManifest(
            format: EventLog.formatVersion, id: log.id, epoch: log.epoch,
            projections: store.projectionsFolder)
        try StoreFiles.write(try storeManifest.encoded(), to: files.manifest)
        let keys = dataKeys?.included == true ? [DataKeyFile.fileName] : []
        let names = (["log/data.mdb", "store.json"] + keys + projections.map(\.file)).sorted()
        var found: [BackupManifest.File] = []
        var done: UInt64 = 0
        var total: UInt64 = 0
        for name in names { total += try StoreFiles.bytes(of: "\(folder)/\(name)") }
        for name in names {
            let file = try FileCopy.read("\(folder)/\(name)") { bytes in
                done += bytes
                progress(.init(.hashing, done: done, total: total))
            }
            found.append(.init(name: name, bytes: file.bytes, sha256: file.sha256))
        }
        let manifest = try BackupManifest(
            store: log.id, epoch: log.epoch, branch: log.branch, head: head.value,
            headHash: log.leaf(at: head), logOnly: logOnly, projections: projections,
            leftOut: leftOut.map { .init(name: $0.key, reason: $0.value) }
                .sorted { $0.name < $1.name },
            dataKeys: dataKeys, files: found, createdAt: createdAt.rfc3339 ?? "", tool: tool
        ).sealed()
        try StoreFiles.write(try manifest.encoded(), to: files.backupManifest)
        for folder in [files.log, files.generations, folder] {
            try StoreFiles.sync(folder: folder)
        }
        return manifest
    }

    private func checkCancelled() throws(AnnalsError) {
        guard !Task.isCancelled else { throw EventStore.interrupted("nothing is left") }
    }
}
