public import EventModel
public import ProjectionEngine

/// The projection `usage`: hook events of coding agents, usage configuration and snapshots.
public enum Usage {
    /// The manifest's bytes.
    package static let manifest = PackageResources.projection_yaml

    /// The migrations' file names and bytes, as the folder has them.
    package static let files: [(name: String, bytes: [UInt8])] = [
        ("001_hook_events.sql", PackageResources._01_hook_events_sql),
        ("002_usage_tracking.sql", PackageResources._02_usage_tracking_sql),
    ]

    /// The definition, read from what is embedded in the program.
    /// - Throws: what is wrong with it, with file, line and column.
    public static func definition() throws(AnnalsError) -> ProjectionDefinition {
        try ProjectionDefinition.load(
            manifest: ("Usage/projection.yaml", manifest), files: files)
    }
}
