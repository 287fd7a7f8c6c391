public import EventModel
internal import Foundation
public import ProjectionEngine

extension ProjectionDefinition {
    /// Reads the projection in a folder: `projection.yaml` and `Migrations/*.sql`.
    ///
    /// Other files are passed over; a `.sql` file in `Migrations` must be a migration.
    /// - Throws: `invalid` with file, line and column; `unavailable`, `FILE_UNREADABLE`.
    public static func load(folder: String) throws(AnnalsError) -> ProjectionDefinition {
        try load(folder: folder, isChecked: true)
    }

    fileprivate static func load(
        folder: String, isChecked: Bool
    ) throws(AnnalsError) -> ProjectionDefinition {
        let folder = try ProjectionFolder(path: folder)
        return try load(
            manifest: try folder.manifest(), files: try folder.migrations(),
            origin: .folder(folder.path), isChecked: isChecked)
    }

    /// Reads the projections in the folders of a folder, `DIR/*/projection.yaml`, sorted by name.
    /// - Throws: as `load(folder:)`; `invalid`, `PROJECTION_DUPLICATE`, when two have one name.
    public static func loadAll(in directory: String) throws(AnnalsError) -> [ProjectionDefinition] {
        let loaded = try LoadedProjections(folder: directory, isChecked: true)
        if let first = loaded.failures.min(by: { $0.key < $1.key }) { throw first.value }
        return loaded.definitions
    }
}

/// The projections that a folder holds, each read on its own: what is wrong with one does not concern
/// the others.
struct LoadedProjections {
    /// Those that can be used, sorted by name.
    private(set) var definitions: [ProjectionDefinition] = []
    /// What is wrong with the others, by the projection's name; by the folder's where a manifest does
    /// not tell it.
    private(set) var failures: [String: AnnalsError] = [:]

    /// Takes definitions that are there already.
    init(_ definitions: [ProjectionDefinition]) { self.definitions = definitions }

    /// Reads `DIR/*/projection.yaml` and the migrations beside each.
    /// - Parameter isChecked: as in `ProjectionDefinition.load`.
    /// - Throws: `unavailable`, `FILE_UNREADABLE`, when the folder itself cannot be read.
    init(folder path: String, isChecked: Bool) throws(AnnalsError) {
        let directory = try ProjectionFolder(path: path)
        var folders: [String: String] = [:]
        for name in try directory.projections() {
            do throws(AnnalsError) {
                try directory.checkInside(name)
                let definition = try ProjectionDefinition.load(
                    folder: "\(directory.path)/\(name)", isChecked: isChecked)
                if let other = folders.updateValue(name, forKey: definition.name) {
                    throw Self.duplicate(definition.name, other, name)
                }
                definitions.append(definition)
            } catch {
                let key = error.context.projection ?? name
                failures[key] = failures[key] ?? error
            }
        }
        // Of two folders with one name neither is believed.
        definitions.removeAll { failures[$0.name] != nil }
        definitions.sort { $0.name < $1.name }
    }

    private static func duplicate(
        _ projection: String, _ first: String, _ second: String
    ) -> AnnalsError {
        AnnalsError(
            .invalid, "PROJECTION_DUPLICATE",
            "The folders \(first) and \(second) both hold a projection named \(projection).",
            hint: "Change `name:` in one of the manifests.",
            context: .init(projection: projection, file: "\(second)/projection.yaml"))
    }
}

/// A folder whose files are read, and nothing outside of it.
struct ProjectionFolder {
    /// The real path, without links.
    let path: String
    /// The last part of the path as it was given.
    let name: String

    init(path: String) throws(AnnalsError) {
        let url = URL(filePath: path).standardizedFileURL
        name = url.lastPathComponent
        self.path = Self.withoutSlash(url.resolvingSymlinksInPath().path)
        var isFolder = false
        guard FileManager.default.fileExists(atPath: self.path, isDirectory: &isFolder), isFolder
        else { throw Self.unreadable(path, "there is no such folder") }
    }

    /// The manifest's name, as errors show it, and its bytes.
    func manifest() throws(AnnalsError) -> (name: String, bytes: [UInt8]) {
        ("\(name)/projection.yaml", try read("projection.yaml"))
    }

    /// The migrations' names, sorted, and their bytes.
    func migrations() throws(AnnalsError) -> [(name: String, bytes: [UInt8])] {
        var files: [(name: String, bytes: [UInt8])] = []
        for name in try names(in: "Migrations") where name.lowercased().hasSuffix(".sql") {
            files.append((name, try read("Migrations/\(name)")))
        }
        return files
    }

    /// Whether it is a projection's folder.
    var isProjection: Bool { FileManager.default.fileExists(atPath: "\(path)/projection.yaml") }

    /// The folder itself when it is a projection's, else those inside that are, sorted by name.
    /// - Throws: `FILE_UNREADABLE`, `FILE_OUTSIDE`; `PROJECTION_MISSING` when there is none.
    static func all(in path: String) throws(AnnalsError) -> [ProjectionFolder] {
        let folder = try ProjectionFolder(path: path)
        if folder.isProjection { return [folder] }
        var found: [ProjectionFolder] = []
        for name in try folder.projections() {
            try folder.checkInside(name)
            found.append(try ProjectionFolder(path: "\(folder.path)/\(name)"))
        }
        guard !found.isEmpty else {
            throw AnnalsError(
                .invalid, "PROJECTION_MISSING", "\(path) holds no projection.",
                hint: "Name a folder with projection.yaml, or one whose folders have that.",
                context: .init(file: path))
        }
        return found
    }

    /// The names of the folders inside that are projections', sorted.
    func projections() throws(AnnalsError) -> [String] {
        var found: [String] = []
        for name in try names(in: "")
        where FileManager.default.fileExists(atPath: "\(path)/\(name)/projection.yaml") {
            found.append(name)
        }
        return found
    }

    /// The visible names in a folder inside, sorted; none when it does not exist.
    func names(in inner: String) throws(AnnalsError) -> [String] {
        let full = "\(path)/\(inner)"
        guard FileManager.default.fileExists(atPath: full) else { return [] }
        try checkInside(inner)
        do {
            return try FileManager.default.contentsOfDirectory(atPath: full)
                .filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw Self.unreadable(full, "\(error)")
        }
    }

    /// The bytes of a file inside.
    func read(_ inner: String) throws(AnnalsError) -> [UInt8] {
        let full = "\(path)/\(inner)"
        guard FileManager.default.fileExists(atPath: full) else {
            throw Self.unreadable(full, "there is no such file")
        }
        try checkInside(inner)
        do {
            let real = URL(filePath: full).resolvingSymlinksInPath()
            let attributes = try FileManager.default.attributesOfItem(atPath: real.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw Self.unreadable(full, "it is not a file")
            }
            guard let size = attributes[.size] as? Int, size <= SourceText.bytesMax else {
                throw AnnalsError(
                    .invalid, "FILE_TOO_LARGE",
                    "\(name)/\(inner) has more than \(SourceText.bytesMax) bytes.",
                    hint: "Rows belong into events, not into migrations.",
                    context: .init(file: "\(name)/\(inner)"))
            }
            return Array(try Data(contentsOf: real))
        } catch let error as AnnalsError {
            throw error
        } catch {
            throw Self.unreadable(full, "\(error)")
        }
    }

    /// Refuses a link that leads out of the folder.
    func checkInside(_ inner: String) throws(AnnalsError) {
        let real = Self.withoutSlash(
            URL(filePath: "\(path)/\(inner)").resolvingSymlinksInPath().path)
        guard real == path || real.hasPrefix(path + "/") else {
            throw AnnalsError(
                .invalid, "FILE_OUTSIDE",
                "\(name)/\(inner) is a link to \(real), outside of \(path).",
                hint: "Copy the file into the folder.", context: .init(file: "\(name)/\(inner)"))
        }
    }

    private static func withoutSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private static func unreadable(_ path: String, _ reason: String) -> AnnalsError {
        AnnalsError(
            .unavailable, "FILE_UNREADABLE", "\(path) cannot be read: \(reason).",
            hint: "Check the path and its permissions.", context: .init(file: path))
    }
}
