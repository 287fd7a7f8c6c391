internal import EventModel

/// A rule to make.
public struct RotationRuleInput: Sendable {
    /// Its name, 1 to 255 characters.
    public var name: String
    /// What must hold.
    public var conditions: [RuleCondition]
    /// What is done then.
    public var actions: [RuleAction]
    /// What it is for.
    public var description: String?
    /// Higher ones come first.
    public var priority: Int
    /// How the conditions are joined.
    public var conditionLogic: ConditionLogic
    /// Whether rules behind it are left out when it matches.
    public var stopOnMatch: Bool
    /// Whether it is in use.
    public var enabled: Bool

    /// Makes an input; name, conditions and actions are needed.
    public init(
        name: String, conditions: [RuleCondition], actions: [RuleAction],
        description: String? = nil, priority: Int = 0, conditionLogic: ConditionLogic = .and,
        stopOnMatch: Bool = true, enabled: Bool = true
    ) {
        self.name = name
        self.conditions = conditions
        self.actions = actions
        self.description = description
        self.priority = priority
        self.conditionLogic = conditionLogic
        self.stopOnMatch = stopOnMatch
        self.enabled = enabled
    }

    /// The event that makes it.
    func created(
        id: String, configID: String?, copiedFrom: String? = nil, at: Timestamp
    ) throws(RotationError) -> RotationRuleCreated {
        try ProxyLimits.check(name: name)
        return RotationRuleCreated(
            ruleID: id, configID: configID, name: name, description: description,
            priority: priority, conditions: conditions.map(\.json), conditionLogic: conditionLogic,
            actions: actions.map(\.json), stopOnMatch: stopOnMatch, enabled: enabled,
            copiedFrom: copiedFrom, at: at)
    }
}

extension RuleCondition {
    /// The condition as the log and the projection have it.
    var json: JSONValue {
        var object: [String: JSONValue] = [
            "field": .string(field.rawValue), "operator": .string(`operator`.rawValue),
            "value": value,
        ]
        object["caseSensitive"] = caseSensitive.map(JSONValue.bool)
        return .object(object)
    }
}

extension RuleAction {
    /// The act as the log and the projection have it.
    var json: JSONValue { ["action": .string(action.rawValue), "params": .object(params)] }
}
