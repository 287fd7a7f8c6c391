let embedded =
    PackageResources.projection_yaml.count
    + PackageResources._01_hook_events_sql.count
    + PackageResources._02_usage_tracking_sql.count
