public import EventModel

/// A rule: when its conditions hold, its actions are done.
public struct RotationRule: Sendable, Equatable, Identifiable {
    /// Its id.
    public let id: String
    /// The configuration that it belongs to; `nil` for a global rule.
    public let configID: String?
    /// Its name.
    public var name: String
    /// What it is for.
    public var description: String?
    /// Higher ones come first.
    public var priority: Int
    /// What must hold.
    public var conditions: [RuleCondition]
    /// How the conditions are joined: AND of none holds, OR of none does not.
    public var conditionLogic: ConditionLogic
    /// What is done then.
    public var actions: [RuleAction]
    /// Whether rules behind it are left out when it matches.
    public var stopOnMatch: Bool
    /// Whether it is in use.
    public var enabled: Bool
    /// When it was made.
    public let createdAt: Timestamp
    /// When it last changed.
    public let updatedAt: Timestamp

    /// Makes a rule from its parts.
    public init(
        id: String, configID: String? = nil, name: String, description: String? = nil,
        priority: Int = 0, conditions: [RuleCondition], conditionLogic: ConditionLogic = .and,
        actions: [RuleAction], stopOnMatch: Bool = true, enabled: Bool = true,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.configID = configID
        self.name = name
        self.description = description
        self.priority = priority
        self.conditions = conditions
        self.conditionLogic = conditionLogic
        self.actions = actions
        self.stopOnMatch = stopOnMatch
        self.enabled = enabled
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The candidates for which its conditions hold.
    ///
    /// Where no condition looks at a candidate, that is all of them or none.
    func candidates(_ candidates: [Proxy], in context: SelectionContext) -> [Proxy]? {
        if conditions.contains(where: \.field.isOfCandidate) {
            let kept = candidates.filter { holds(in: context, for: $0) }
            return kept.isEmpty ? nil : kept
        }
        return holds(in: context, for: nil) ? candidates : nil
    }

    private func holds(in context: SelectionContext, for candidate: Proxy?) -> Bool {
        switch conditionLogic {
        case .and: conditions.allSatisfy { $0.holds(in: context, for: candidate) }
        case .or: conditions.contains { $0.holds(in: context, for: candidate) }
        }
    }
}
