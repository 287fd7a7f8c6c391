internal import EventModel

/// A configuration to make.
public struct RotationConfigInput: Sendable {
    /// Its name, 1 to 255 characters.
    public var name: String
    /// How it chooses.
    public var strategy: RotationStrategy
    /// What it is for.
    public var description: String?
    /// The settings that all strategies have: `interval`, `cooldownPeriod` (milliseconds),
    /// `maxRequestsPerProxy`, `failureThreshold`.
    public var commonConfig: [String: JSONValue]
    /// The settings of the strategy.
    public var strategyConfig: [String: JSONValue]
    /// The group that it is for, 1 to 100 characters; `nil` for no group.
    public var targetGroup: String?
    /// Higher ones come first.
    public var priority: Int
    /// Whether it is in use.
    public var enabled: Bool
    /// Who makes it.
    public var createdBy: String?

    /// Makes an input; name and strategy are needed.
    public init(
        name: String, strategy: RotationStrategy, description: String? = nil,
        commonConfig: [String: JSONValue] = [:], strategyConfig: [String: JSONValue] = [:],
        targetGroup: String? = nil, priority: Int = 0, enabled: Bool = true,
        createdBy: String? = nil
    ) {
        self.name = name
        self.strategy = strategy
        self.description = description
        self.commonConfig = commonConfig
        self.strategyConfig = strategyConfig
        self.targetGroup = targetGroup
        self.priority = priority
        self.enabled = enabled
        self.createdBy = createdBy
    }

    /// The event that makes it, once its fields are found to be right.
    func created(id: String, at: Timestamp) throws(RotationError) -> RotationConfigCreated {
        try ProxyLimits.check(name: name)
        try ProxyLimits.check(group: targetGroup)
        try SettingsCheck.check(common: commonConfig)
        try SettingsCheck.check(strategyConfig)
        return RotationConfigCreated(
            configID: id, name: name, description: description, strategy: strategy,
            commonConfig: commonConfig, strategyConfig: strategyConfig, targetGroup: targetGroup,
            priority: priority, enabled: enabled, createdBy: createdBy, at: at)
    }
}

/// What is to change about a configuration; what is not set stays.
public struct RotationConfigChange: Sendable {
    /// The new name.
    public var name: String?
    /// The new strategy.
    public var strategy: RotationStrategy?
    /// The new description; `.some(nil)` for none.
    public var description: String??
    /// The new common settings, whole.
    public var commonConfig: [String: JSONValue]?
    /// The new settings of the strategy, whole.
    public var strategyConfig: [String: JSONValue]?
    /// The new group; `.some(nil)` for none.
    public var targetGroup: String??
    /// The new priority.
    public var priority: Int?
    /// Whether it is in use.
    public var enabled: Bool?

    /// Changes nothing yet.
    public init() {}

    /// What changes, as the event says it, once it is found to be right.
    func changed() throws(RotationError) -> [String: JSONValue] {
        if let name { try ProxyLimits.check(name: name) }
        if let targetGroup { try ProxyLimits.check(group: targetGroup) }
        if let commonConfig { try SettingsCheck.check(common: commonConfig) }
        if let strategyConfig { try SettingsCheck.check(strategyConfig) }
        var changed: [String: JSONValue] = [:]
        changed["name"] = name.map(JSONValue.string)
        changed["strategy"] = strategy.map { .string($0.rawValue) }
        changed["description"] = description.map { $0.map(JSONValue.string) ?? .null }
        changed["common_config"] = commonConfig.map(JSONValue.object)
        changed["strategy_config"] = strategyConfig.map(JSONValue.object)
        changed["target_group"] = targetGroup.map { $0.map(JSONValue.string) ?? .null }
        changed["priority"] = priority.map { .integer(Int64($0)) }
        changed["enabled"] = enabled.map(JSONValue.bool)
        return changed
    }
}
