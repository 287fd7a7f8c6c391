public import EventModel
internal import Foundation
internal import ProjectionEngine

/// New files of a projection, to be filled in; nothing that is there is ever overwritten.
public enum Scaffold {
    /// A migration file that was made.
    public struct NewMigration: Sendable, Equatable {
        /// The projection.
        public let projection: String
        /// The module.
        public let module: String
        /// The number that it got.
        public let number: Int
        /// Its name, without the number.
        public let name: String
        /// The projection's folder.
        public let folder: String
        /// The file.
        public let path: String
        /// The numbers that the module has left.
        public let numbersLeft: Int
    }

    /// A projection's folder that was made.
    public struct NewProjection: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its folder.
        public let path: String
        /// Its first migration; `nil` when none was asked for.
        public let migration: NewMigration?
    }

    /// The last number of a new projection's first module.
    public static let lastNumber = 99

    /// Makes the next migration of a module: header, Up, On and Down, to be filled in.
    /// - Parameters:
    ///   - name: in snake_case, without a number.
    ///   - projection: `nil` for the only one.
    ///   - module: `nil` for the only one.
    ///   - folder: the projections' folder, or the projection's own.
    ///   - description: one line; `nil` to make one of the name.
    /// - Throws: `MIGRATION_NAME`, `MIGRATION_NAME_TAKEN`, `MODULE_UNKNOWN`, `MODULE_AMBIGUOUS`,
    ///   `MODULE_RANGE_FULL`, `DESCRIPTION_INVALID`, `PROJECTION_UNKNOWN`, `PROJECTION_AMBIGUOUS`,
    ///   `PROJECTION_MISSING`, `FILE_EXISTS`, `FILE_UNREADABLE`. Then nothing was written.
    public static func migration(
        _ name: String, projection: String? = nil, module: String? = nil, in folder: String,
        description: String? = nil
    ) throws(AnnalsError) -> NewMigration {
        let folder = try self.folder(of: projection, in: folder)
        let draft = try MigrationDraft(
            name: name, module: module, description: description,
            manifest: try folder.manifest(), files: try folder.names(in: "Migrations"))
        try folder.checkInside("Migrations")
        try NewFiles.makeFolder("\(folder.path)/Migrations")
        try NewFiles.write(draft.text, to: "\(folder.path)/Migrations/\(draft.file)")
        return NewMigration(draft, in: folder.path)
    }

    /// Makes a projection's folder with a manifest of one module, and its first migration if one is
    /// named.
    /// - Parameters:
    ///   - name: the projection's and the folder's.
    ///   - module: the name of its module.
    ///   - directory: the projections' folder; made when it does not exist.
    ///   - migration: the first migration's name.
    /// - Throws: `FILE_EXISTS` when the folder is there, `MANIFEST_VALUE` for a wrong name, or as
    ///   `migration`. Then nothing was written.
    public static func projection(
        _ name: String, module: String? = nil, into directory: String, migration: String? = nil,
        description: String? = nil
    ) throws(AnnalsError) -> NewProjection {
        let text = """
            name: \(name)
            modules:
              - { name: \(module ?? "core"), range: [1, \(lastNumber)] }

            """
        let manifest = (name: "\(name)/projection.yaml", bytes: Array(text.utf8))
        let definition = try ProjectionDefinition.load(manifest: manifest, files: [])
        guard definition.name == name, definition.modules.map(\.name) == [module ?? "core"] else {
            throw AnnalsError(
                .invalid, "MANIFEST_VALUE", "`\(name)` is no name of a projection.",
                hint: "Use 1 to 64 lower-case letters, digits, _ and -, a letter first.")
        }
        let draft = try migration.map { (migration) throws(AnnalsError) in
            try MigrationDraft(
                name: migration, module: module, description: description, manifest: manifest,
                files: [])
        }
        try NewFiles.makeFolder(directory)
        let path = "\(URL(filePath: directory).standardizedFileURL.path)/\(name)"
        try NewFiles.makeNewFolder(path)
        do {
            try NewFiles.makeFolder("\(path)/Migrations")
            try NewFiles.write(text, to: "\(path)/projection.yaml")
            if let draft { try NewFiles.write(draft.text, to: "\(path)/Migrations/\(draft.file)") }
        } catch {
            // The folder is new: what was made in it is ours.
            try StoreFiles.removeIfPresent(path)
            throw error
        }
        return NewProjection(
            name: name, path: path,
            migration: draft.map { NewMigration($0, in: path) })
    }

    /// The folder of a projection; the manifest is read, so a wrong migration file is no obstacle.
    private static func folder(
        of projection: String?, in path: String
    ) throws(AnnalsError) -> ProjectionFolder {
        var found: [(name: String, folder: ProjectionFolder)] = []
        var failure: AnnalsError?
        for folder in try ProjectionFolder.all(in: path) {
            do throws(AnnalsError) {
                let definition = try ProjectionDefinition.load(
                    manifest: try folder.manifest(), files: [])
                if projection == nil || definition.name == projection {
                    found.append((definition.name, folder))
                }
            } catch {
                // Another projection's manifest may be wrong.
                failure = failure ?? error
            }
        }
        guard let first = found.first else {
            if let failure { throw failure }
            throw AnnalsError(
                .invalid, "PROJECTION_UNKNOWN",
                "There is no projection '\(projection ?? "")' in \(path).",
                hint: "Make its folder with 'annals new --projection NAME --into DIR'.",
                context: .init(projection: projection))
        }
        guard found.count == 1 else {
            throw AnnalsError(
                .invalid, "PROJECTION_AMBIGUOUS",
                "\(path) has \(found.count) projections that may be meant: name one.",
                hint: "They are: \(found.map(\.name).sorted().joined(separator: ", ")).")
        }
        return first.folder
    }
}

extension Scaffold.NewMigration {
    fileprivate init(_ draft: MigrationDraft, in folder: String) {
        self.init(
            projection: draft.projection, module: draft.module, number: draft.number,
            name: draft.name, folder: folder, path: "\(folder)/Migrations/\(draft.file)",
            numbersLeft: draft.numbersLeft)
    }
}
