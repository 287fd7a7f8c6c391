internal import EventModel
internal import GRDB

extension Proxies {
    /// The key of proxies without a group.
    public static let ungrouped = "_ungrouped"

    /// Puts a proxy into a group, or into none.
    /// - Returns: `false` when there is no such proxy.
    @discardableResult
    public func updateRotationGroup(
        id: String, _ group: String?
    ) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await batchUpdateRotationGroups([(id, group)])
        return true
    }

    /// Puts several proxies into groups, all or none; unknown ids are passed over.
    public func batchUpdateRotationGroups(
        _ assignments: [(id: String, group: String?)]
    ) async throws(RotationError) {
        for assignment in assignments { try ProxyLimits.check(group: assignment.group) }
        guard !assignments.isEmpty else { return }
        try await base.append([
            ProxyRotationGroupsChanged(
                assignments: assignments.map { .init(proxyID: $0.id, group: $0.group) },
                at: base.now)
        ])
    }

    /// The active proxies of a group, the heaviest first, then the best.
    public func find(rotationGroup group: String) throws(RotationError) -> [Proxy] {
        try find(rotationGroups: [group])
    }

    /// The active proxies of several groups, the heaviest first, then the best.
    public func find(rotationGroups groups: [String]) throws(RotationError) -> [Proxy] {
        guard !groups.isEmpty else { return [] }
        let list = try RotationError.encoding {
            try JSONValue.array(groups.map(JSONValue.string)).text()
        }
        return try select(
            """
            WHERE status = 'active' AND rotation_group IN (SELECT value FROM json_each(?))
            ORDER BY weight DESC, success_rate DESC, id
            """, [list])
    }

    /// The names of the groups that any proxy is in, sorted.
    public func rotationGroups() throws(RotationError) -> [String] {
        try base.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT rotation_group FROM proxies
                    WHERE rotation_group IS NOT NULL ORDER BY rotation_group
                    """)
        }
    }

    /// The active proxies by group; `ungrouped` is always there.
    public func groupedByRotationGroup() throws(RotationError) -> [String: [Proxy]] {
        let active = try select(
            "WHERE status = 'active' ORDER BY weight DESC, success_rate DESC, id")
        var grouped = Dictionary(grouping: active) { $0.rotationGroup ?? Self.ungrouped }
        grouped[Self.ungrouped, default: []] += []
        return grouped
    }

    /// How many active proxies each group has; `ungrouped` is always there.
    public func countByRotationGroup() throws(RotationError) -> [String: Int] {
        try groupedByRotationGroup().mapValues(\.count)
    }
}
