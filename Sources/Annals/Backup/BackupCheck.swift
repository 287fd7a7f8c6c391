internal import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// Looks whether a backup is what its manifest says; changes nothing in it.
struct BackupCheck {
    /// The backup's folder.
    let path: String
    /// What it says about itself.
    let manifest: BackupManifest

    /// Checks everything: every file's hash, every record and index of the log, and the digest,
    /// integrity and lineage of every projection.
    /// - Throws: `BACKUP_DAMAGED` with the file.
    func all(_ progress: (BackupProgress) -> Void) throws(AnnalsError) {
        try names()
        try hashes(progress)
        try contents(progress)
    }

    /// Checks that the manifest names just the files of a backup, none of them outside.
    private func names() throws(AnnalsError) {
        let keys = manifest.dataKeys?.included == true ? [DataKeyFile.fileName] : []
        let expected = ["log/data.mdb", "store.json"] + keys + manifest.projections.map(\.file)
        let inGenerations = manifest.projections.allSatisfy { projection in
            let parts = projection.file.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0] == "generations" && !parts[1].hasPrefix(".")
        }
        guard inGenerations, manifest.files.map(\.name).sorted() == expected.sorted() else {
            throw Self.damaged(
                "\(path)/\(BackupManifest.fileName)", "it does not name the files of a backup")
        }
    }

    private func hashes(_ progress: (BackupProgress) -> Void) throws(AnnalsError) {
        let total = manifest.files.reduce(0) { $0 + $1.bytes }
        var done: UInt64 = 0
        for file in manifest.files {
            let full = "\(path)/\(file.name)"
            guard FileManager.default.fileExists(atPath: full) else {
                throw Self.damaged(full, "it is not there")
            }
            let found = try FileCopy.read(full) { bytes in
                done += bytes
                progress(.init(.hashing, done: done, total: total))
            }
            guard found.bytes == file.bytes else {
                throw Self.damaged(full, "it has \(found.bytes) bytes, not \(file.bytes)")
            }
            guard found.sha256 == file.sha256 else {
                throw Self.damaged(full, "its SHA-256 is \(found.sha256), not \(file.sha256)")
            }
        }
    }

    /// Checks what the files hold.
    func contents(_ progress: (BackupProgress) -> Void) throws(AnnalsError) {
        let file = "\(path)/log/data.mdb"
        let log: EventLog
        do {
            log = try EventLog(
                folder: "\(path)/log", access: .readOnly, isStill: true, checksPages: true,
                clock: EventStore.systemClock)
        } catch {
            throw error.kind == .corrupt ? Self.damaged(file, error.message) : error
        }
        let report = try log.verify { done, head in
            progress(.init(.verifyingLog, done: done.value, total: head.value))
        }
        guard !Task.isCancelled else { throw EventStore.interrupted("nothing is left") }
        if let problem = report.problems.first {
            throw Self.damaged(file, "\(report.problemCount) problems; \(problem.message)")
        }
        let leaf = try log.leaf(at: report.head)
        guard log.id == manifest.store, log.epoch == manifest.epoch, log.branch == manifest.branch,
            report.head.value == manifest.head, leaf == manifest.headHash
        else {
            throw Self.damaged(
                file,
                "it is the log \(log.id), epoch \(log.epoch), with \(report.head) events, not "
                    + "\(manifest.store), epoch \(manifest.epoch), with \(manifest.head)")
        }
        try checkKeys()
        for projection in manifest.projections { try check(projection, log) }
    }

    private func checkKeys() throws(AnnalsError) {
        guard let said = manifest.dataKeys, said.included else { return }
        let file = DataKeyFile(
            path: "\(path)/\(DataKeyFile.fileName)", store: manifest.store, isReadOnly: true)
        let count: Int
        do {
            count = try file.contents().ids.count
        } catch {
            throw error.kind == .unavailable ? error : Self.damaged(file.path, error.message)
        }
        guard count == said.count else {
            throw Self.damaged(file.path, "it has \(count) keys, not \(said.count)")
        }
    }

    private func check(
        _ projection: BackupManifest.Projection, _ log: EventLog
    ) throws(AnnalsError) {
        guard !Task.isCancelled else { throw EventStore.interrupted("nothing is left") }
        let file = "\(path)/\(projection.file)"
        let snapshot: ProjectionSnapshot
        let problems: [String]
        let versions: [Int]
        do {
            snapshot = try ProjectionSnapshot.read(
                path: file, projection: projection.name, digests: true)
            let check = try ProjectionFileCheck.read(
                path: file, projection: projection.name, isStill: true)
            (problems, versions) = (check.problems, check.applied.map(\.number))
        } catch {
            throw error.kind == .corrupt ? Self.damaged(file, error.message) : error
        }
        if let problem = problems.first { throw Self.damaged(file, problem) }
        guard snapshot.digest == projection.digest else {
            throw Self.damaged(
                file, "its digest is \(snapshot.digest), not \(projection.digest)")
        }
        guard snapshot.logID == EventStore.identity(of: log),
            snapshot.checkpoint.value == projection.checkpoint,
            projection.checkpoint <= manifest.head, versions == projection.versions
        else {
            throw Self.damaged(
                file, "it is not of this log, or not at position \(projection.checkpoint)")
        }
    }

    /// The error of a backup that is not what was written.
    static func damaged(_ file: String, _ what: String) -> AnnalsError {
        AnnalsError(
            .corrupt, "BACKUP_DAMAGED", "The backup's file \(file) is damaged: \(what).",
            hint: "Use another backup.", context: .init(file: file))
    }
}
