public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

extension EventStore {
    /// Adopts any SQLite file as a projection of its own, which is written for it: `DIR/NAME` gets a
    /// manifest and a migration with the file's schema and handlers of its rows' events.
    ///
    /// The store is made, with the folder as its projections folder, if there is none; one that is there
    /// must use the folder. Without a usable key a table gets one, `adopted_row`: the row's place in the
    /// file. What stands in the way leaves neither folder nor store behind.
    /// - Parameters:
    ///   - name: the projection's name.
    ///   - directory: the projections folder; made if it is not there.
    ///   - path: the store's folder.
    /// - Throws: as `adopt(_:as:)`; `ADOPT_FOLDER` when the folder is another store's or `DIR/NAME` holds
    ///   something else; `ADOPT_NAME`, `ADOPT_EMPTY`; `SQL_…` for a schema that no projection can have.
    public static func adopt(
        _ file: String, asNew name: String, in directory: String, at path: String,
        options: Options = Options(), lockTimeoutSeconds: Double = 60,
        progress: (AdoptProgress) -> Void = { _ in }
    ) throws(AnnalsError) -> AdoptResult {
        let directory = URL(fileURLWithPath: directory).standardizedFileURL.path
        let isStoreThere = StoreFiles(root: path).exists
        if isStoreThere { try checkFolder(of: path, is: directory, options) }
        // Once without a store: what cannot become a projection is refused before anything is made.
        let scaffold = try ProjectionScaffold(name, for: try AdoptionSource(path: file))
        let folder = ScaffoldFolder(path: "\(directory)/\(name)", files: scaffold.files)
        let made = try folder.write()
        let isFolderThere = FileManager.default.fileExists(atPath: path)
        do {
            let store =
                isStoreThere
                ? try EventStore(at: path, options: options)
                : try EventStore.create(at: path, projectionsFolder: directory, options: options)
            return try store.adopt(
                file, as: name, lockTimeoutSeconds: lockTimeoutSeconds, progress: progress
            ) { source throws(AnnalsError) in
                let found = try ProjectionScaffold(name, for: source)
                guard found.files.elementsEqual(scaffold.files, by: ==) else {
                    throw AnnalsError(
                        .conflict, "FILE_CHANGED", "\(file) was changed while it was read.",
                        hint: "Stop the program that writes it, then repeat.",
                        context: .init(file: file))
                }
                return found.plan
            }
        } catch {
            // Once rows are being appended the adoption is decided: its repetition needs all of it.
            guard try !isDecided(name, at: path, options) else { throw error }
            if !isStoreThere, StoreFiles(root: path).exists {
                try removeStore(path, keepsFolder: isFolderThere)
            }
            try folder.remove(made)
            throw error
        }
    }

    private static func checkFolder(
        of path: String, is directory: String, _ options: Options
    ) throws(AnnalsError) {
        var reading = options
        reading.access = .readOnly
        reading.migrates = false
        let folder = try EventStore(at: path, options: reading).projectionsFolder
        guard folder.map({ real($0) == real(directory) }) == true else {
            throw AnnalsError(
                .invalid, "ADOPT_FOLDER",
                "The store in \(path) uses \(folder ?? "the built-in projections"), not "
                    + "\(directory).",
                hint: folder.map { "Give --into \($0), or another --store." }
                    ?? "Name a store that does not exist yet with --store.")
        }
    }

    private static func real(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// Whether rows of an adoption may be in the log already.
    private static func isDecided(
        _ projection: String, at path: String, _ options: Options
    ) throws(AnnalsError) -> Bool {
        guard StoreFiles(root: path).exists else { return false }
        var reading = options
        reading.access = .readOnly
        reading.migrates = false
        do throws(AnnalsError) {
            let state = try EventStore(at: path, options: reading).state(of: projection)
            return state?.adoption != nil || state?.current != nil
        } catch {
            // What cannot be told is kept.
            return true
        }
    }

    private static func removeStore(_ path: String, keepsFolder: Bool) throws(AnnalsError) {
        guard keepsFolder else { return try StoreFiles.removeIfPresent(path) }
        let files = StoreFiles(root: path)
        for part in [files.log, files.generations, files.manifest, files.lock] {
            try StoreFiles.removeIfPresent(part)
        }
    }
}

/// The folder of a projection that is written for a file.
private struct ScaffoldFolder {
    let path: String
    let files: [(path: String, text: String)]

    /// What `write` has made, to be taken back.
    enum Made { case nothing, folder, folderAndParent }

    /// Writes the texts, whole or not at all; a folder that holds just them is left as it is.
    /// - Throws: `ADOPT_FOLDER` when it holds something else.
    func write() throws(AnnalsError) -> Made {
        if FileManager.default.fileExists(atPath: path) {
            guard holdsFiles else {
                throw AnnalsError(
                    .invalid, "ADOPT_FOLDER", "\(path) exists and holds another projection.",
                    hint: "Give --new another name.", context: .init(file: path))
            }
            return .nothing
        }
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let hasParent = FileManager.default.fileExists(atPath: parent)
        // Hidden until it is complete: a folder of projections is read as a whole.
        let temporary = "\(parent)/.\(UUID().uuidString)"
        do {
            for file in files {
                let target = URL(fileURLWithPath: "\(temporary)/\(file.path)")
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.text.utf8).write(to: target)
            }
            try FileManager.default.moveItem(atPath: temporary, toPath: path)
        } catch {
            try StoreFiles.removeIfPresent(hasParent ? temporary : parent)
            throw StoreFiles.fileError("writing", path, error)
        }
        return hasParent ? .folder : .folderAndParent
    }

    /// Takes back what was made.
    func remove(_ made: Made) throws(AnnalsError) {
        switch made {
        case .nothing: return
        case .folder: try StoreFiles.removeIfPresent(path)
        case .folderAndParent:
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try StoreFiles.removeIfPresent(parent)
        }
    }

    private var holdsFiles: Bool {
        files.allSatisfy {
            FileManager.default.contents(atPath: "\(path)/\($0.path)") == Data($0.text.utf8)
        }
    }
}
