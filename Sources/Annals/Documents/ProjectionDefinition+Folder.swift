public import EventModel
public import ProjectionEngine

extension ProjectionDefinition {
    /// Reads the projections of a folder: its own when it has `projection.yaml`, else those in its
    /// folders; sorted by name.
    ///
    /// - Parameter projection: only this one; `nil` for all.
    /// - Throws: `PROJECTION_MISSING` when there is none, `PROJECTION_UNKNOWN` when none has the name, or
    ///   as `load(folder:)`.
    public static func all(
        in path: String, projection: String? = nil
    ) throws(AnnalsError) -> [ProjectionDefinition] {
        var found: [ProjectionDefinition] = []
        for folder in try ProjectionFolder.all(in: path) {
            found.append(try load(folder: folder.path))
        }
        found.sort { $0.name < $1.name }
        guard let projection else { return found }
        guard let one = found.first(where: { $0.name == projection }) else {
            throw AnnalsError(
                .invalid, "PROJECTION_UNKNOWN",
                "There is no projection '\(projection)' in \(path).",
                hint: "There are: \(found.map(\.name).joined(separator: ", ")).",
                context: .init(projection: projection))
        }
        return [one]
    }

    /// The migrations of all modules, optional ones too, up to a number or all.
    /// - Throws: `TARGET_UNKNOWN` when there is no migration of that number.
    public func allVersions(upTo version: Int? = nil) throws(AnnalsError) -> [Int] {
        guard version == nil || version == 0 || migration(version ?? 0) != nil else {
            throw AnnalsError(
                .invalid, "TARGET_UNKNOWN",
                "The projection '\(name)' has no migration \(version ?? 0).",
                hint: "The newest is \(migrations.last?.number ?? 0).",
                context: .init(projection: name))
        }
        return versionSet(upTo: version, enabledModules: Set(modules.map(\.name)))
    }
}
