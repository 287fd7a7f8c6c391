public import EventModel
public import ProjectionEngine

/// The projection `rotation`: proxies, how they rotate and what they carried.
public enum Rotation {
    /// The manifest's bytes.
    package static let manifest = PackageResources.projection_yaml

    /// The migrations' file names and bytes, as the folder has them.
    package static let files: [(name: String, bytes: [UInt8])] = [
        ("001_proxies.sql", PackageResources._01_proxies_sql),
        ("002_usage_statistics.sql", PackageResources._02_usage_statistics_sql),
        ("003_rotation_configs.sql", PackageResources._03_rotation_configs_sql),
        ("004_rotation_events.sql", PackageResources._04_rotation_events_sql),
        ("005_proxy_weights.sql", PackageResources._05_proxy_weights_sql),
        ("006_credentials.sql", PackageResources._06_credentials_sql),
        ("007_sticky_sessions.sql", PackageResources._07_sticky_sessions_sql),
        ("008_rotation_rules.sql", PackageResources._08_rotation_rules_sql),
        ("009_default_config.sql", PackageResources._09_default_config_sql),
        ("010_current_views.sql", PackageResources._10_current_views_sql),
        ("020_daily_statistics.sql", PackageResources._20_daily_statistics_sql),
    ]

    /// The definition, read from what is embedded in the program.
    /// - Throws: what is wrong with it, with file, line and column.
    public static func definition() throws(AnnalsError) -> ProjectionDefinition {
        try ProjectionDefinition.load(
            manifest: ("Rotation/projection.yaml", manifest), files: files)
    }
}
