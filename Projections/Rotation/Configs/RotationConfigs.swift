internal import EventModel
internal import GRDB

/// The configurations: many, and at most one active for each group.
public struct RotationConfigs: Sendable {
    let base: RotationStore

    /// Makes a configuration with its rules, all or nothing; it is not active.
    /// - Throws: `invalid` with the field's name.
    public func create(
        _ input: RotationConfigInput, rules: [RotationRuleInput] = []
    ) async throws(RotationError) -> RotationConfig {
        let id = base.options.makeID()
        let now = base.now
        var events: [any RotationEvent] = [try input.created(id: id, at: now)]
        for rule in rules {
            events.append(try rule.created(id: base.options.makeID(), configID: id, at: now))
        }
        try await base.append(events)
        guard let made = try find(id: id) else {
            throw RotationError(.notFound(id), "The configuration was made and is gone already.")
        }
        return made
    }

    /// The configuration with an id, `nil` when there is none.
    public func find(id: String) throws(RotationError) -> RotationConfig? {
        try select("WHERE id = ?", [id]).first
    }

    /// Configurations, the highest priority first, then the newest.
    public func findAll(
        enabled: Bool? = nil, strategy: RotationStrategy? = nil
    ) throws(RotationError) -> [RotationConfig] {
        try select(
            """
            WHERE (?1 IS NULL OR enabled = ?1) AND (?2 IS NULL OR strategy = ?2)
            ORDER BY priority DESC, created_at DESC, id
            """, [enabled, strategy?.rawValue])
    }

    /// The configurations of a group, the highest priority first.
    public func find(targetGroup group: String?) throws(RotationError) -> [RotationConfig] {
        try select("WHERE target_group IS ? ORDER BY priority DESC, id", [group])
    }

    /// All configurations with what hangs on them, the highest priority first.
    public func findAllWithSummary() throws(RotationError) -> [RotationConfigSummary] {
        try base.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(RotationConfigSummary.columns) FROM v_rotation_configs_summary
                    ORDER BY priority DESC, id
                    """
            ).map(RotationConfigSummary.init(row:))
        }
    }

    /// The active configuration of exactly this group; no group is a group of its own.
    public func findActive(targetGroup group: String? = nil) throws(RotationError)
        -> RotationConfig?
    {
        try select(
            "WHERE is_active = 1 AND coalesce(target_group, '') = coalesce(?, '')", [group]
        ).first
    }

    /// Changes a configuration; it stays active or inactive as it was.
    /// - Returns: the configuration as it is then, `nil` when there is none with this id.
    public func update(
        id: String, _ change: RotationConfigChange
    ) async throws(RotationError) -> RotationConfig? {
        guard let old = try find(id: id) else { return nil }
        let changed = try change.changed()
        guard !changed.isEmpty else { return old }
        if id == Self.defaultID, let group = change.targetGroup, group != nil {
            throw RotationError(
                .invalid(field: "targetGroup"), "The default configuration is of no group.")
        }
        try await base.append([
            RotationConfigUpdated(configID: id, changed: changed, at: base.now)
        ])
        return try find(id: id)
    }

    /// Makes a configuration the active one of its group; the one that was steps down with it.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func setActive(id: String) async throws(RotationError) -> Bool {
        guard let config = try find(id: id) else { return false }
        let others = try find(targetGroup: config.targetGroup).filter { $0.isActive && $0.id != id }
        try await base.append([
            RotationConfigActivated(
                configID: id, targetGroup: config.targetGroup, deactivatedIDs: others.map(\.id),
                at: base.now)
        ])
        return true
    }

    /// Makes a configuration step down.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func deactivate(id: String) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([RotationConfigDeactivated(configID: id, at: base.now)])
        return true
    }

    /// Removes a configuration with its rules and mappings; the audit keeps its rotations.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func delete(id: String) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([RotationConfigDeleted(configID: id)])
        return true
    }

    /// Copies a configuration without its rules; the copy is neither enabled nor active.
    /// - Returns: the copy, `nil` when there is none with this id.
    public func duplicate(
        id: String, newName: String
    ) async throws(RotationError) -> RotationConfig? {
        guard let old = try find(id: id) else { return nil }
        try ProxyLimits.check(name: newName)
        let copy = base.options.makeID()
        try await base.append([
            RotationConfigCreated(
                configID: copy, name: newName, description: old.description,
                strategy: old.strategy, commonConfig: old.commonConfig,
                strategyConfig: old.strategyConfig, targetGroup: old.targetGroup,
                priority: old.priority, enabled: false, copiedFrom: id, at: base.now)
        ])
        return try find(id: copy)
    }

    /// How many configurations each strategy has; those with none are left out.
    public func countByStrategy() throws(RotationError) -> [RotationStrategy: Int] {
        try base.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT strategy, count(*) FROM rotation_configs GROUP BY strategy")
            var counts: [RotationStrategy: Int] = [:]
            for row in rows { counts[try row.word(0)] = row[1] }
            return counts
        }
    }

    func select(
        _ clause: String, _ arguments: StatementArguments
    ) throws(RotationError) -> [RotationConfig] {
        try base.read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(RotationConfig.columns) FROM rotation_configs \(clause)",
                arguments: arguments
            ).map(RotationConfig.init(row:))
        }
    }

    /// The id of the configuration that programs with only one have.
    static let defaultID = "default"
}

extension RotationStore {
    /// The configurations.
    public var rotationConfigs: RotationConfigs { RotationConfigs(base: self) }
}
