public import EventModel
internal import GRDB

/// How a group of proxies is rotated.
public struct RotationConfig: Sendable, Equatable, Identifiable {
    /// Its id.
    public let id: String
    /// Its name.
    public let name: String
    /// What it is for.
    public let description: String?
    /// How it chooses.
    public let strategy: RotationStrategy
    /// Whether it is the active one of its group.
    public let isActive: Bool
    /// The settings that all strategies have.
    public let commonConfig: [String: JSONValue]
    /// The settings of the strategy.
    public let strategyConfig: [String: JSONValue]
    /// The group that it is for; `nil` for no group, which is a group of its own.
    public let targetGroup: String?
    /// Higher ones come first.
    public let priority: Int
    /// Whether it is in use.
    public let enabled: Bool
    /// When it was made.
    public let createdAt: Timestamp
    /// When it last changed.
    public let updatedAt: Timestamp
    /// Who made it.
    public let createdBy: String?

    /// Its settings in one value, as a choice needs them.
    public var runtime: RuntimeConfig {
        RuntimeConfig(
            strategy: strategy, commonConfig: commonConfig, strategyConfig: strategyConfig)
    }
}

extension RotationConfig {
    /// The columns, in the order in which `init(row:)` reads them.
    static let columns = """
        id, name, description, strategy, coalesce(is_active, 0), common_config, strategy_config,
        target_group, coalesce(priority, 0), coalesce(enabled, 1), coalesce(created_at, 0),
        coalesce(updated_at, created_at, 0), created_by
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        id = row[0]
        name = row[1]
        description = row[2]
        strategy = try row.word(3)
        isActive = row[4]
        commonConfig = try row.json(5)?.object ?? [:]
        strategyConfig = try row.json(6)?.object ?? [:]
        targetGroup = row[7]
        priority = row[8]
        enabled = row[9]
        createdAt = Timestamp(milliseconds: row[10])
        updatedAt = Timestamp(milliseconds: row[11])
        createdBy = row[12]
    }
}
