extension RotationRules {
    /// Adds a condition at the end.
    /// - Returns: `false` when there is no such rule.
    @discardableResult
    public func addCondition(
        id: String, _ condition: RuleCondition
    ) async throws(RotationError) -> Bool {
        try await change(id) { rule in
            rule.conditions.append(condition)
            return true
        }
    }

    /// Takes a condition away.
    /// - Returns: `false` when there is no such rule, or no condition at the index.
    @discardableResult
    public func removeCondition(id: String, at index: Int) async throws(RotationError) -> Bool {
        try await change(id) { rule in
            guard rule.conditions.indices.contains(index) else { return false }
            rule.conditions.remove(at: index)
            return true
        }
    }

    /// Adds an act at the end.
    /// - Returns: `false` when there is no such rule.
    @discardableResult
    public func addAction(id: String, _ action: RuleAction) async throws(RotationError) -> Bool {
        try await change(id) { rule in
            rule.actions.append(action)
            return true
        }
    }

    /// Takes an act away.
    /// - Returns: `false` when there is no such rule, or no act at the index.
    @discardableResult
    public func removeAction(id: String, at index: Int) async throws(RotationError) -> Bool {
        try await change(id) { rule in
            guard rule.actions.indices.contains(index) else { return false }
            rule.actions.remove(at: index)
            return true
        }
    }

    private func change(
        _ id: String, _ body: (inout RotationRule) -> Bool
    ) async throws(RotationError) -> Bool {
        guard var rule = try find(id: id), body(&rule) else { return false }
        var change = RotationRuleChange()
        change.conditions = rule.conditions
        change.actions = rule.actions
        return try await update(id: id, change) != nil
    }
}
