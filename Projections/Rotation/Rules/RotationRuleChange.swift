/// What is to change about a rule; what is not set stays.
public struct RotationRuleChange: Sendable {
    /// The new name.
    public var name: String?
    /// The new description; `.some(nil)` for none.
    public var description: String??
    /// The new priority.
    public var priority: Int?
    /// The new conditions, whole.
    public var conditions: [RuleCondition]?
    /// How they are joined.
    public var conditionLogic: ConditionLogic?
    /// The new acts, whole.
    public var actions: [RuleAction]?
    /// Whether rules behind it are left out when it matches.
    public var stopOnMatch: Bool?
    /// Whether it is in use.
    public var enabled: Bool?

    /// Changes nothing yet.
    public init() {}

    /// What changes, as the event says it, once it is found to be right.
    func changed() throws(RotationError) -> [String: JSONValue] {
        if let name { try ProxyLimits.check(name: name) }
        var changed: [String: JSONValue] = [:]
        changed["name"] = name.map(JSONValue.string)
        changed["description"] = description.map { $0.map(JSONValue.string) ?? .null }
        changed["priority"] = priority.map { .integer(Int64($0)) }
        changed["conditions"] = conditions.map { .array($0.map(\.json)) }
        changed["condition_logic"] = conditionLogic.map { .string($0.rawValue) }
        changed["actions"] = actions.map { .array($0.map(\.json)) }
        changed["stop_on_match"] = stopOnMatch.map(JSONValue.bool)
        changed["enabled"] = enabled.map(JSONValue.bool)
        return changed
    }
}
