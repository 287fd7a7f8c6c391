internal import EventModel
internal import GRDB

extension StickySessions {
    /// The mapping that speaks for a domain: the exact one, else the longest pattern that matches, the
    /// newest among equals; mappings that are over do not count.
    ///
    /// Looking is no use.
    ///
    /// With a configuration only its mappings are asked. Without one, those of none come first, then
    /// those of active configurations, then of any, by priority.
    public func findMapping(
        forDomain domain: String, configID: String? = nil
    ) throws(RotationError) -> StickySession? {
        let name = TargetAddress(domain).domain
        for mappings in try levels(configID) {
            if let best = Self.best(for: name, of: mappings, at: base.now) { return best }
        }
        return nil
    }

    /// The mapping that speaks for a domain, of those that are not over.
    static func best(
        for name: String, of mappings: [StickySession], at now: Timestamp
    ) -> StickySession? {
        let alive = mappings.filter { !$0.isExpired(at: now) }
        func newest(_ mappings: [StickySession]) -> StickySession? {
            mappings.max {
                ($0.domain.utf8.count, $0.createdAt, $0.id)
                    < ($1.domain.utf8.count, $1.createdAt, $1.id)
            }
        }
        return newest(alive.filter { !$0.isWildcard && $0.domain.lowercased() == name })
            ?? newest(alive.filter { $0.isWildcard && DomainPattern($0.domain).matches(name) })
    }

    /// The mappings in the order in which they are asked.
    private func levels(_ configID: String?) throws(RotationError) -> [[StickySession]] {
        if let configID { return [try find(configID: configID)] }
        return try base.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(StickySession.columns)
                    FROM sticky_session_mappings
                    LEFT JOIN (
                        SELECT id AS owner, is_active, priority FROM rotation_configs
                    ) ON owner = config_id
                    ORDER BY config_id IS NOT NULL, is_active DESC, priority DESC, config_id
                    """)
            var levels: [(key: String, mappings: [StickySession])] = []
            for row in rows {
                let mapping = try StickySession(row: row)
                let key = mapping.configID ?? ""
                if levels.last?.key == key {
                    levels[levels.count - 1].mappings.append(mapping)
                } else {
                    levels.append((key, [mapping]))
                }
            }
            return levels.map(\.mappings)
        }
    }
}
