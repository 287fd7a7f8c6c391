internal import ProjectionEngine

/// How people read a migration's number and name.
enum MigrationName {
    /// `002_add_weight`; only the number when the name is not known.
    static func full(_ number: Int, _ name: String) -> String {
        name.isEmpty ? Migration.padded(number) : Migration.fullName(number, name)
    }
}
