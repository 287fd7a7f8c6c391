public import EventModel
public import ProjectionEngine

extension EventStore {
    /// The schema of a projection as SQL text: of the live file, or at a version.
    ///
    /// - Parameter version: the schema that the migrations of the enabled modules up to this number make
    ///   in a new file; `nil` for what the live file has.
    /// - Throws: `PROJECTION_UNKNOWN`, `PROJECTION_NOT_BUILT`, `TARGET_UNKNOWN`, or what is wrong with
    ///   the files.
    public func schemaDump(
        of projection: String, atVersion version: Int? = nil
    ) throws(AnnalsError) -> SchemaDump {
        let definition = try handle(projection).definition
        guard let version else {
            return try onCurrentFile(projection) { _, current throws(AnnalsError) in
                try SchemaDump.read(
                    path: files.generation(current.file), projection: projection)
            }
        }
        return try SchemaDump(
            of: definition, versions: try versions(of: projection, AsOf(version: version)))
    }

    /// A page about a projection in Markdown: its tables, who writes them, its modules and versions.
    ///
    /// - Parameter version: up to this number; `nil` for what is applied.
    /// - Throws: as `schemaDump`; a version that was not built is described as well.
    public func projectionPage(
        of projection: String, atVersion version: Int? = nil
    ) throws(AnnalsError) -> ProjectionPage {
        let definition = try handle(projection).definition
        return try ProjectionPage(
            of: definition, versions: try versions(of: projection, AsOf(version: version)))
    }
}
