public import EventModel

/// E2.24: a configuration was made; it is not active.
public struct RotationConfigCreated: RotationEvent {
    /// `rotation_config.created`.
    public static let type = "rotation_config.created"
    /// The configuration.
    public var configID: String
    /// Its name.
    public var name: String
    /// What it is for.
    public var description: String?
    /// How it chooses.
    public var strategy: RotationStrategy
    /// The settings that all strategies have.
    public var commonConfig: [String: JSONValue]
    /// The settings of the strategy.
    public var strategyConfig: [String: JSONValue]
    /// The group that it is for; absent for no group.
    public var targetGroup: String?
    /// Higher ones come first.
    public var priority: Int
    /// Whether it is in use.
    public var enabled: Bool
    /// Who made it.
    public var createdBy: String?
    /// The configuration that it is a copy of.
    public var copiedFrom: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_config/\(configID)" }

    /// Makes the event from its parts.
    public init(
        configID: String, name: String, description: String? = nil, strategy: RotationStrategy,
        commonConfig: [String: JSONValue], strategyConfig: [String: JSONValue],
        targetGroup: String? = nil, priority: Int, enabled: Bool, createdBy: String? = nil,
        copiedFrom: String? = nil, at: Timestamp
    ) {
        self.configID = configID
        self.name = name
        self.description = description
        self.strategy = strategy
        self.commonConfig = commonConfig
        self.strategyConfig = strategyConfig
        self.targetGroup = targetGroup
        self.priority = priority
        self.enabled = enabled
        self.createdBy = createdBy
        self.copiedFrom = copiedFrom
        self.at = at
    }
}

/// E2.25: a configuration changed.
public struct RotationConfigUpdated: RotationEvent {
    /// `rotation_config.updated`.
    public static let type = "rotation_config.updated"
    /// The configuration.
    public var configID: String
    /// What changed, by name, with the new value; null takes a value away.
    public var changed: [String: JSONValue]
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_config/\(configID)" }

    /// Makes the event from its parts.
    public init(configID: String, changed: [String: JSONValue], at: Timestamp) {
        self.configID = configID
        self.changed = changed
        self.at = at
    }
}

/// E2.26: a configuration became the active one of its group.
public struct RotationConfigActivated: RotationEvent {
    /// `rotation_config.activated`.
    public static let type = "rotation_config.activated"
    /// The configuration.
    public var configID: String
    /// Its group.
    public var targetGroup: String?
    /// Those that stepped down.
    public var deactivatedIDs: [String]
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_config/\(configID)" }

    /// Makes the event from its parts.
    public init(
        configID: String, targetGroup: String? = nil, deactivatedIDs: [String], at: Timestamp
    ) {
        self.configID = configID
        self.targetGroup = targetGroup
        self.deactivatedIDs = deactivatedIDs
        self.at = at
    }
}

/// E2.27: a configuration stepped down.
public struct RotationConfigDeactivated: RotationEvent {
    /// `rotation_config.deactivated`.
    public static let type = "rotation_config.deactivated"
    /// The configuration.
    public var configID: String
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_config/\(configID)" }

    /// Makes the event from its parts.
    public init(configID: String, at: Timestamp) {
        self.configID = configID
        self.at = at
    }
}

/// E2.28: a configuration is gone, and with it its rules and mappings.
public struct RotationConfigDeleted: RotationEvent {
    /// `rotation_config.deleted`.
    public static let type = "rotation_config.deleted"
    /// The configuration.
    public var configID: String

    /// The entity that it happened to.
    public var stream: String { "rotation_config/\(configID)" }

    /// Makes the event from its parts.
    public init(configID: String) {
        self.configID = configID
    }
}

/// E3.1: the one configuration of programs that know no others changed.
public struct RotationDefaultChanged: RotationEvent {
    /// `rotation_config.default_changed`.
    public static let type = "rotation_config.default_changed"
    /// The new strategy.
    public var strategy: RotationStrategy?
    /// Milliseconds between rotations.
    public var intervalMs: Int?
    /// Requests before the next proxy.
    public var maxRequestsPerProxy: Int?
    /// Failures before the next proxy.
    public var failureThreshold: Int?
    /// The new settings of the strategy.
    public var config: [String: JSONValue]?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_config/default" }

    /// Makes the event from its parts.
    public init(
        strategy: RotationStrategy? = nil, intervalMs: Int? = nil, maxRequestsPerProxy: Int? = nil,
        failureThreshold: Int? = nil, config: [String: JSONValue]? = nil, at: Timestamp
    ) {
        self.strategy = strategy
        self.intervalMs = intervalMs
        self.maxRequestsPerProxy = maxRequestsPerProxy
        self.failureThreshold = failureThreshold
        self.config = config
        self.at = at
    }
}
