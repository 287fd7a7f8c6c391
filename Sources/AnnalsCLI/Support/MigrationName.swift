internal import ProjectionEngine

/// How people read a migration's number and name.
enum MigrationName {
    /// `002_add_weight`; only the number when the name is not known.
    static func full(_ number: Int, _ name: String) -> String {
        name.isEmpty ? Migration.padded(number) : Migration.fullName(number, name)
    }

    /// `V2__add_weight`, as Flyway and Refinery write it; `V2` when the name is not known.
    static func versioned(_ number: Int, _ name: String) -> String {
        name.isEmpty ? "V\(number)" : "V\(number)__\(name)"
    }
}
