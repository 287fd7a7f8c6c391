let embedded =
    PackageResources.projection_yaml.count
    + PackageResources._01_proxies_sql.count
    + PackageResources._02_usage_statistics_sql.count
    + PackageResources._03_rotation_configs_sql.count
    + PackageResources._04_rotation_events_sql.count
    + PackageResources._05_proxy_weights_sql.count
    + PackageResources._20_daily_statistics_sql.count
