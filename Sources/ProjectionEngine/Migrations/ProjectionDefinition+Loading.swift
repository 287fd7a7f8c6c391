public import EventModel

extension ProjectionDefinition {
    /// Migrations of one projection, at most.
    public static let migrationsMax = 10_000

    /// Reads a projection from the texts that it consists of, and checks that they fit together.
    ///
    /// What only SQLite can tell, `check()` tells.
    /// - Parameters:
    ///   - manifest: The manifest's name, as errors show it, and its bytes.
    ///   - files: The migrations' file names, without a folder, and their bytes; in any order.
    ///   - isChecked: whether to check that the migrations fit together too. A store does that later:
    ///     what it has applied is compared first.
    /// - Throws: `invalid` with file, line and column.
    public static func load(
        manifest: (name: String, bytes: [UInt8]), files: [(name: String, bytes: [UInt8])],
        origin: Origin = .builtIn, isChecked: Bool = true
    ) throws(AnnalsError) -> ProjectionDefinition {
        let text = try SourceText.decode(file: manifest.name, bytes: manifest.bytes)
        let content = try Manifest(text)
        do throws(AnnalsError) {
            guard files.count <= migrationsMax else {
                throw .inFile(
                    "MIGRATION_COUNT", manifest.name, 1, 1,
                    "\(files.count) migrations are more than \(migrationsMax).",
                    hint: "Split the projection.")
            }
            var migrations: [Migration] = []
            for file in files {
                migrations.append(try Migration.parse(file: file.name, bytes: file.bytes))
            }
            migrations.sort { ($0.number, $0.file) < ($1.number, $1.file) }
            let definition = ProjectionDefinition(
                name: content.name, description: content.description,
                dialect: content.dialect, updated: content.updated, modules: content.modules,
                migrations: migrations, origin: origin)
            try definition.checkClaims()
            if isChecked { try definition.checkConsistency() }
            return definition
        } catch {
            var located = error
            located.context.projection = content.name
            throw located
        }
    }
}
