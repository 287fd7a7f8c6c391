public import EventModel
internal import Foundation
internal import LogStorage

/// Something in a store that is not as it should be, and what to do about it.
public struct StoreFinding: Sendable, Equatable {
    /// A stable upper-case name.
    public let code: String
    /// What was found.
    public let message: String
    /// The command that mends it, or what else to do.
    public let remedy: String
    /// The projection that it is about, if it is about one.
    public let projection: String?

    /// Makes a finding.
    public init(code: String, message: String, remedy: String, projection: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.projection = projection
    }

    init(_ error: AnnalsError, _ projection: String?) {
        self.init(
            code: error.code, message: error.message, remedy: error.hint, projection: projection)
    }
}

extension EventStore {
    /// What mends derived files: a writable opening.
    private static var heal: String { "annals doctor --heal" }

    /// Looks for derived files that are missing, wrong or left over; reads only.
    public func diagnoseFiles() throws(AnnalsError) -> [StoreFinding] {
        var findings = try manifestFindings()
        for path in [files.root, files.log, "\(files.log)/data.mdb", files.generations]
        where FileManager.default.fileExists(atPath: path)
            && !FileManager.default.isWritableFile(atPath: path)
        {
            findings.append(
                StoreFinding(
                    code: "NOT_WRITABLE", message: "\(path) cannot be written by this user.",
                    remedy: "Give its owner the permission, if this user is to append."))
        }
        for projection in try knownProjections() {
            guard let state = try state(of: projection) else { continue }
            findings += linkFindings(projection, state)
            if handles[projection] == nil, loadFailures[projection] == nil {
                findings.append(
                    StoreFinding(
                        code: "PROJECTION_UNKNOWN",
                        message: "The store has '\(projection)', this program does not know it.",
                        remedy: "Use the program or the projections folder that has it.",
                        projection: projection))
            }
        }
        for (projection, failure) in loadFailures.sorted(by: { $0.key < $1.key }) {
            findings.append(StoreFinding(failure, projection))
        }
        if let folderFailure, loadFailures.isEmpty {
            findings.append(StoreFinding(folderFailure, nil))
        }
        return try findings + dataKeyFindings() + leftoverFindings()
    }

    private func manifestFindings() throws(AnnalsError) -> [StoreFinding] {
        guard let manifest = try StoreManifest.read(files.manifest) else {
            let isThere = FileManager.default.fileExists(atPath: files.manifest)
            return [
                StoreFinding(
                    code: isThere ? "MANIFEST_DAMAGED" : "MANIFEST_MISSING",
                    message: "store.json \(isThere ? "cannot be understood" : "is not there").",
                    remedy: Self.heal)
            ]
        }
        guard manifest.id != log.id else { return [] }
        return [
            StoreFinding(
                code: "MANIFEST_FOREIGN",
                message: "store.json belongs to the store \(manifest.id), the log to \(log.id).",
                remedy: "Remove store.json, then run '\(Self.heal)', which makes it from the log.")
        ]
    }

    private func linkFindings(_ projection: String, _ state: ProjectionState) -> [StoreFinding] {
        guard let current = state.current else { return [] }
        let target = "generations/\(current.file)"
        do {
            let found = try FileManager.default.destinationOfSymbolicLink(
                atPath: files.link(projection))
            if found == target { return [] }
            return [
                StoreFinding(
                    code: "LINK_WRONG",
                    message: "\(projection).sqlite leads to \(found), not to \(target).",
                    remedy: Self.heal, projection: projection)
            ]
        } catch {
            return [
                StoreFinding(
                    code: "LINK_MISSING", message: "\(projection).sqlite is no link.",
                    remedy: Self.heal, projection: projection)
            ]
        }
    }

    /// Files that no projection names; while somebody builds, they may be the build's.
    private func leftoverFindings() throws(AnnalsError) -> [StoreFinding] {
        guard StoreLock.holder(files) == nil else { return [] }
        guard FileManager.default.fileExists(atPath: files.generations) else {
            return [
                StoreFinding(
                    code: "GENERATIONS_MISSING",
                    message: "The folder generations is not there.", remedy: Self.heal)
            ]
        }
        let leftover = try leftoverFiles()
        return leftover.abandoned.map {
            StoreFinding(
                code: "GENERATION_ABANDONED",
                message: "generations/\($0) belongs to no projection: a build was ended early.",
                remedy: Self.heal)
        }
            + leftover.foreign.map {
                StoreFinding(
                    code: "GENERATION_FOREIGN",
                    message: "generations/\($0) was not made by this store, which leaves it alone.",
                    remedy: "Move it to another folder.")
            }
    }
}
