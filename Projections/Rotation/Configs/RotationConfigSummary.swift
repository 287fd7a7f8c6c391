public import EventModel
internal import GRDB

/// A configuration with what hangs on it.
public struct RotationConfigSummary: Sendable, Equatable {
    /// The configuration's id.
    public let id: String
    /// Its name.
    public let name: String
    /// How it chooses.
    public let strategy: RotationStrategy
    /// Whether it is the active one of its group.
    public let isActive: Bool
    /// Whether it is in use.
    public let enabled: Bool
    /// Its group.
    public let targetGroup: String?
    /// Higher ones come first.
    public let priority: Int
    /// Its rules.
    public let ruleCount: Int
    /// Its sticky mappings.
    public let stickyMappingCount: Int
    /// When it was made.
    public let createdAt: Timestamp
    /// When it last changed.
    public let updatedAt: Timestamp

    /// The columns, in the order in which `init(row:)` reads them.
    static let columns = """
        id, name, strategy, coalesce(is_active, 0), coalesce(enabled, 1), target_group,
        coalesce(priority, 0), rule_count, sticky_mapping_count, coalesce(created_at, 0),
        coalesce(updated_at, created_at, 0)
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        id = row[0]
        name = row[1]
        strategy = try row.word(2)
        isActive = row[3]
        enabled = row[4]
        targetGroup = row[5]
        priority = row[6]
        ruleCount = row[7]
        stickyMappingCount = row[8]
        createdAt = Timestamp(milliseconds: row[9])
        updatedAt = Timestamp(milliseconds: row[10])
    }
}
