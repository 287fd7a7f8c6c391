internal import EventModel
internal import GRDB

/// The rules: of one configuration each, or global.
public struct RotationRules: Sendable {
    let base: RotationStore

    /// Makes a rule; without a configuration it is a global one.
    /// - Throws: `missingReference` for a configuration that does not exist.
    public func create(
        _ input: RotationRuleInput, configID: String? = nil
    ) async throws(RotationError) -> RotationRule {
        let id = base.options.makeID()
        try await base.append([try input.created(id: id, configID: configID, at: base.now)])
        return try made(id)
    }

    /// The rule with an id, `nil` when there is none.
    public func find(id: String) throws(RotationError) -> RotationRule? {
        try select("WHERE id = ?", [id]).first
    }

    /// The rules of a configuration, or the global ones; the highest priority first.
    public func find(
        configID: String?, enabledOnly: Bool = false
    ) throws(RotationError) -> [RotationRule] {
        try select(
            """
            WHERE config_id IS ? AND (enabled = 1 OR NOT ?)
            ORDER BY priority DESC, created_at, id
            """, [configID, enabledOnly])
    }

    /// What is asked for a configuration: its enabled rules and the global ones, the highest priority
    /// first; without a configuration the global ones.
    public func runtimeRules(configID: String?) throws(RotationError) -> [RotationRule] {
        try base.read { try Self.runtime($0, configID: configID) }
    }

    /// The same from a snapshot.
    static func runtime(_ db: Database, configID: String?) throws -> [RotationRule] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT \(RotationRule.columns) FROM proxy_rotation_rules
                WHERE (config_id = ? OR config_id IS NULL) AND enabled = 1
                ORDER BY priority DESC, created_at, id
                """, arguments: [configID]
        ).map(RotationRule.init(row:))
    }

    /// How many rules a configuration has.
    public func count(configID: String?) throws(RotationError) -> Int {
        try find(configID: configID).count
    }

    /// Changes a rule; its configuration stays.
    /// - Returns: the rule as it is then, `nil` when there is none with this id.
    public func update(
        id: String, _ change: RotationRuleChange
    ) async throws(RotationError) -> RotationRule? {
        guard let old = try find(id: id) else { return nil }
        let changed = try change.changed()
        guard !changed.isEmpty else { return old }
        try await base.append([RotationRuleUpdated(ruleID: id, changed: changed, at: base.now)])
        return try find(id: id)
    }

    /// Switches a rule on or off.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func setEnabled(id: String, _ enabled: Bool) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([
            RotationRuleEnabledChanged(ruleID: id, enabled: enabled, at: base.now)
        ])
        return true
    }

    /// Gives a rule a priority.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func setPriority(id: String, _ priority: Int) async throws(RotationError) -> Bool {
        var change = RotationRuleChange()
        change.priority = priority
        return try await update(id: id, change) != nil
    }

    /// Puts rules of a configuration into an order, the first with the highest priority; ids of others
    /// are passed over.
    public func reorder(configID: String?, ids: [String]) async throws(RotationError) {
        let own = Set(try find(configID: configID).map(\.id))
        let priorities = ids.enumerated().filter { own.contains($1) }
            .map { RotationRulesReordered.Priority(ruleID: $1, priority: ids.count - $0) }
        guard !priorities.isEmpty else { return }
        try await base.append([
            RotationRulesReordered(configID: configID, priorities: priorities, at: base.now)
        ])
    }

    /// Removes a rule.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func delete(id: String) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([RotationRuleDeleted(ruleIDs: [id])])
        return true
    }

    /// Removes the rules of a configuration.
    /// - Returns: how many.
    @discardableResult
    public func delete(configID: String?) async throws(RotationError) -> Int {
        let ids = try find(configID: configID).map(\.id)
        guard !ids.isEmpty else { return 0 }
        try await base.append([RotationRuleDeleted(ruleIDs: ids)])
        return ids.count
    }

    /// Copies a rule, into its own configuration or another; the copy is not enabled.
    /// - Returns: the copy, `nil` when there is none with this id.
    public func duplicate(
        id: String, targetConfigID: String? = nil, newName: String? = nil
    ) async throws(RotationError) -> RotationRule? {
        guard let old = try find(id: id) else { return nil }
        let input = RotationRuleInput(
            name: newName ?? old.name + " (Copy)", conditions: old.conditions,
            actions: old.actions, description: old.description, priority: old.priority,
            conditionLogic: old.conditionLogic, stopOnMatch: old.stopOnMatch, enabled: false)
        let copy = base.options.makeID()
        try await base.append([
            try input.created(
                id: copy, configID: targetConfigID ?? old.configID, copiedFrom: id, at: base.now)
        ])
        return try made(copy)
    }

    private func made(_ id: String) throws(RotationError) -> RotationRule {
        guard let rule = try find(id: id) else {
            throw RotationError(.notFound(id), "The rule was made and is gone already.")
        }
        return rule
    }

    private func select(
        _ clause: String, _ arguments: StatementArguments
    ) throws(RotationError) -> [RotationRule] {
        try base.read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(RotationRule.columns) FROM proxy_rotation_rules \(clause)",
                arguments: arguments
            ).map(RotationRule.init(row:))
        }
    }
}

extension RotationStore {
    /// The rules.
    public var rotationRules: RotationRules { RotationRules(base: self) }
}
