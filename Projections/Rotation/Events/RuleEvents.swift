public import EventModel

/// E2.29, E3.2: a rule was made, of a configuration or of all.
public struct RotationRuleCreated: RotationEvent {
    /// `rotation_rule.created`.
    public static let type = "rotation_rule.created"
    /// The rule.
    public var ruleID: String
    /// The configuration; absent for a global rule.
    public var configID: String?
    /// Its name.
    public var name: String
    /// What it is for.
    public var description: String?
    /// Higher ones come first.
    public var priority: Int
    /// What must hold.
    public var conditions: [JSONValue]
    /// How the conditions are joined.
    public var conditionLogic: ConditionLogic
    /// What is done then.
    public var actions: [JSONValue]
    /// Whether rules behind it are left out when it matches.
    public var stopOnMatch: Bool
    /// Whether it is in use.
    public var enabled: Bool
    /// The rule that it is a copy of.
    public var copiedFrom: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_rule/\(ruleID)" }

    /// Makes the event from its parts.
    public init(
        ruleID: String, configID: String? = nil, name: String, description: String? = nil,
        priority: Int, conditions: [JSONValue], conditionLogic: ConditionLogic,
        actions: [JSONValue], stopOnMatch: Bool, enabled: Bool, copiedFrom: String? = nil,
        at: Timestamp
    ) {
        self.ruleID = ruleID
        self.configID = configID
        self.name = name
        self.description = description
        self.priority = priority
        self.conditions = conditions
        self.conditionLogic = conditionLogic
        self.actions = actions
        self.stopOnMatch = stopOnMatch
        self.enabled = enabled
        self.copiedFrom = copiedFrom
        self.at = at
    }
}

/// E2.30: a rule changed.
public struct RotationRuleUpdated: RotationEvent {
    /// `rotation_rule.updated`.
    public static let type = "rotation_rule.updated"
    /// The rule.
    public var ruleID: String
    /// What changed, by name, with the new value; null takes a value away.
    public var changed: [String: JSONValue]
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_rule/\(ruleID)" }

    /// Makes the event from its parts.
    public init(ruleID: String, changed: [String: JSONValue], at: Timestamp) {
        self.ruleID = ruleID
        self.changed = changed
        self.at = at
    }
}

/// E2.31: a rule was switched on or off.
public struct RotationRuleEnabledChanged: RotationEvent {
    /// `rotation_rule.enabled_changed`.
    public static let type = "rotation_rule.enabled_changed"
    /// The rule.
    public var ruleID: String
    /// Whether it is in use.
    public var enabled: Bool
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_rule/\(ruleID)" }

    /// Makes the event from its parts.
    public init(ruleID: String, enabled: Bool, at: Timestamp) {
        self.ruleID = ruleID
        self.enabled = enabled
        self.at = at
    }
}

/// E2.32: the rules of a configuration have another order.
public struct RotationRulesReordered: RotationEvent {
    /// `rotation_rules.reordered`.
    public static let type = "rotation_rules.reordered"
    /// The configuration; absent for the global rules.
    public var configID: String?
    /// The rules and their new priorities.
    public var priorities: [Priority]
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation_rules/\(configID ?? "global")" }

    /// Makes the event from its parts.
    public init(configID: String? = nil, priorities: [Priority], at: Timestamp) {
        self.configID = configID
        self.priorities = priorities
        self.at = at
    }
}

/// E2.33: rules are gone.
public struct RotationRuleDeleted: RotationEvent {
    /// `rotation_rule.deleted`.
    public static let type = "rotation_rule.deleted"
    /// The rules.
    public var ruleIDs: [String]

    /// The entity that it happened to.
    public var stream: String { "rotation_rule/\(ruleIDs.first ?? "none")" }

    /// Makes the event from its parts.
    public init(ruleIDs: [String]) {
        self.ruleIDs = ruleIDs
    }
}

extension RotationRulesReordered {
    /// A rule and its new priority.
    public struct Priority: Encodable, Sendable, Equatable {
        /// The rule.
        public var ruleID: String
        /// Higher ones come first.
        public var priority: Int

        /// Makes the pair.
        public init(ruleID: String, priority: Int) {
            self.ruleID = ruleID
            self.priority = priority
        }
    }
}
