internal import EventModel
internal import GRDB

/// All that a choice depends on, as one snapshot of the projection shows it.
struct RotationView {
    /// The position that the snapshot shows.
    let position: Position
    /// `nil` when no configuration is active.
    let configID: String?
    let config: RuntimeConfig
    /// Active proxies, the oldest first.
    let candidates: [Proxy]
    /// What `custom` asks; empty for other strategies.
    let rules: [RotationRule]
    /// The mapping that speaks for the domain, if the strategy asks for one.
    let mapping: StickySession?
    /// The id of a mapping of exactly the domain, over or not: a new one takes its place.
    let ownMappingID: String?
    let state: SelectionState

    /// Reads what a request needs.
    /// - Throws: `notFound` for a configuration that is named and not there.
    init(_ db: Database, _ request: RotationRequest, _ context: SelectionContext) throws {
        position = Position(
            try UInt64.fetchOne(db, sql: "SELECT position FROM checkpoint") ?? 0)
        let found = try Self.config(db, request)
        configID = found?.id
        config = found?.runtime ?? RuntimeConfig(.roundRobin)
        let group = found == nil ? request.targetGroup : found?.targetGroup
        candidates = try Row.fetchAll(
            db,
            sql: """
                SELECT \(Proxy.columns) FROM proxies
                WHERE status = 'active' AND (?1 IS NULL OR rotation_group = ?1)
                ORDER BY created_at, id
                """, arguments: [group]
        ).map(Proxy.init(row:))
        let isCustom = config.strategy == .custom || config.strategy == .customRules
        rules = isCustom ? try RotationRules.runtime(db, configID: configID) : []
        var state = try Self.state(db, configID: configID ?? "")
        var mapping: StickySession?
        var own: StickySession?
        if config.strategy == .stickySession, let domain = context.domain, !domain.isEmpty {
            let all = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(StickySession.columns) FROM sticky_session_mappings
                    WHERE config_id IS ? AND (is_wildcard = 1 OR lower(domain) = ?)
                    """, arguments: [configID, domain]
            ).map(StickySession.init(row:))
            mapping = StickySessions.best(for: domain, of: all, at: context.time)
            own = all.first { $0.domain == domain }
        }
        if let mapping {
            // Whether it is over, its own end says; to the strategy it is as good as new.
            let key = mapping.isWildcard ? mapping.domain : context.domain ?? mapping.domain
            state.sticky[key] = .init(proxyID: mapping.proxyID, lastUsed: context.time)
        }
        self.mapping = mapping
        ownMappingID = own?.id
        self.state = state
    }

    private static func config(
        _ db: Database, _ request: RotationRequest
    ) throws -> RotationConfig? {
        let sql = "SELECT \(RotationConfig.columns) FROM rotation_configs WHERE "
        guard let id = request.configID else {
            return try Row.fetchOne(
                db,
                sql: sql
                    + "is_active = 1 AND enabled = 1 AND coalesce(target_group, '') = coalesce(?, '')",
                arguments: [request.targetGroup]
            ).map(RotationConfig.init(row:))
        }
        guard let row = try Row.fetchOne(db, sql: sql + "id = ?", arguments: [id]) else {
            throw RotationError(.notFound(id), "There is no configuration with the id '\(id)'.")
        }
        return try RotationConfig(row: row)
    }

    /// Where a configuration stands; without one the id is empty.
    private static func state(_ db: Database, configID: String) throws -> SelectionState {
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT proxy_id, rotated_at, next_interval_ms FROM rotation_states
                WHERE config_id = ?
                """, arguments: [configID])
        let turns = try Row.fetchAll(
            db, sql: "SELECT country, turns FROM rotation_turns WHERE config_id = ?",
            arguments: [configID])
        let uses = try Row.fetchAll(
            db, sql: "SELECT proxy_id, uses FROM rotation_uses WHERE config_id = ?",
            arguments: [configID])
        var state = SelectionState()
        for row in uses { state.uses[row[0]] = row[1] }
        for row in turns { state.turnsByCountry[row[0]] = row[1] }
        state.turns = state.turnsByCountry[""] ?? 0
        guard let last else { return state }
        state.current = last[0]
        state.nextInterval = last[2]
        state.note(.init(proxyID: last[0] ?? "", at: Timestamp(milliseconds: last[1])))
        return state
    }
}
