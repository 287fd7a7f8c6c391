let embedded = PackageResources.projection_yaml.count + PackageResources._01_base_sql.count
