internal import EventModel
internal import Foundation
internal import LogStorage
internal import Logging

extension EventStore {
    /// Mends what a crash, or a hand that deleted derived files, left behind.
    func heal(_ manifest: StoreManifest, isManifestMissing: Bool) throws(AnnalsError) {
        try StoreFiles.createFolder(files.generations)
        try healFiles(manifest, isManifestMissing: isManifestMissing)
        for projection in projections {
            guard let state = try state(of: projection) else { continue }
            try deliver(projection)
            // Behind the log after a crash between two commits, or after unchecked appends.
            if state.current != nil, try isHealthy(projection) {
                do {
                    _ = try catchUp(projection)
                } catch  where error.code == "LINEAGE" {
                    // Its rows may be of events that the log no longer has. Noted before an append
                    // can bring the head to where the file believes to be.
                    let reason = error.message
                    // What is retained may be ahead of the log as well.
                    try updateState(of: projection) {
                        $0.distrust = reason
                        $0.retained = []
                    }
                    options.logger.warning("\(error.message) Run 'annals rebuild \(projection)'.")
                } catch {
                    // Halted, damaged or of another log: what is derived never keeps the log from
                    // being opened, and whoever uses the projection gets this error.
                    options.logger.warning("\(error.message)")
                }
            }
        }
    }

    /// Mends manifest and links, and removes what an abandoned build left.
    ///
    /// One process at a time does it. Whoever holds the lock now has mended these files at its own
    /// opening, or is doing so.
    private func healFiles(
        _ manifest: StoreManifest, isManifestMissing: Bool
    ) throws(AnnalsError) {
        let lock: StoreLock
        do {
            lock = try StoreLock(files, timeoutSeconds: 0, now: options.clock())
        } catch  where error.code == "LOCKED" {
            return
        }
        try withExtendedLifetime(lock) { () throws(AnnalsError) in
            // A `create` that was killed behind its last step.
            try StoreFiles.removeIfPresent(files.unfinished)
            if isManifestMissing {
                try StoreFiles.write(try manifest.encoded(), to: files.manifest)
            }
            try removeAbandoned()
            try noteAbandoned()
            for projection in projections {
                if let state = try state(of: projection) { try showLink(projection, state) }
            }
        }
    }

    /// Whether a projection's files are there and its definition is the one that was applied.
    func isHealthy(_ projection: String) throws(AnnalsError) -> Bool {
        guard let definition = handles[projection]?.definition,
            let state = try state(of: projection), let current = state.current
        else { return false }
        return !definition.drift(from: state.applied).contains(where: \.isBlocking)
            && FileManager.default.fileExists(atPath: files.generation(current.file))
    }

    /// Removes what ended builds left in `generations`; under the lock, so that nobody is building.
    private func removeAbandoned() throws(AnnalsError) {
        for name in try leftoverFiles().abandoned {
            try StoreFiles.removeIfPresent(files.generation(name))
        }
    }

    /// Every projection the store has a state of, those without a definition included.
    func knownProjections() throws(AnnalsError) -> [String] { try Self.knownProjections(log) }

    static func knownProjections(_ log: EventLog) throws(AnnalsError) -> [String] {
        try log.stateKeys(prefix: ProjectionState.key("")).map {
            String($0.dropFirst(ProjectionState.key("").count))
        }
    }

    /// Points the link for people at the current generation, if it does not already.
    func showLink(_ projection: String, _ state: ProjectionState) throws(AnnalsError) {
        guard let current = state.current else { return }
        let target = "generations/\(current.file)"
        let path = files.link(projection)
        do {
            if try FileManager.default.destinationOfSymbolicLink(atPath: path) == target { return }
        } catch {
            // No link, or something else of that name: it is replaced below.
        }
        try StoreFiles.link(path, to: target)
    }
}
