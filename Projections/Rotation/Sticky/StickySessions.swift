internal import EventModel
internal import GRDB

/// Which domain stays with which proxy.
public struct StickySessions: Sendable {
    let base: RotationStore

    /// Maps a domain to a proxy until a fixed moment; a mapping that is there gets the new proxy and
    /// end, and keeps its id, count and beginning.
    ///
    /// - Parameters:
    ///   - domain: A domain, or a pattern with `*`.
    ///   - ttlSeconds: How long; `nil` or 0 for ever.
    /// - Throws: `missingReference` for a proxy or configuration that does not exist.
    public func upsert(
        domain: String, proxyID: String, configID: String? = nil, ttlSeconds: Int64? = nil
    ) async throws(RotationError) -> StickySession {
        let ttl = try Self.milliseconds(seconds: ttlSeconds)
        return try await map(domain, proxyID, configID, ttl, .fixed, requestCount: nil)
    }

    /// The mapping of exactly this text, over or not; without a configuration only those of none.
    public func find(
        domain: String, configID: String? = nil
    ) throws(RotationError) -> StickySession? {
        try select(
            "WHERE domain = ? AND coalesce(config_id, '') = coalesce(?, '')", [domain, configID]
        ).first
    }

    /// The mapping with an id, `nil` when there is none.
    public func find(id: String) throws(RotationError) -> StickySession? {
        try select("WHERE id = ?", [id]).first
    }

    /// The mappings of a configuration, by domain.
    public func find(configID: String) throws(RotationError) -> [StickySession] {
        try select("WHERE config_id = ? ORDER BY domain, id", [configID])
    }

    /// The mappings to a proxy, by domain.
    public func find(proxyID: String) throws(RotationError) -> [StickySession] {
        try select("WHERE proxy_id = ? ORDER BY domain, id", [proxyID])
    }

    /// All mappings, by domain.
    public func findAll() throws(RotationError) -> [StickySession] {
        try select("ORDER BY domain, id")
    }

    /// The mappings of no configuration, by domain: all that programs without configurations know.
    public func findUnconfigured() throws(RotationError) -> [StickySession] {
        try select("WHERE config_id IS NULL ORDER BY domain, id")
    }

    /// The mappings that are not over, the last used first.
    public func findActive() throws(RotationError) -> [StickySession] {
        try select(
            """
            WHERE expires_at IS NULL OR expires_at >= ?
            ORDER BY last_used_at DESC, id
            """, [base.now.milliseconds])
    }

    /// Counts a use; a sliding mapping ends later by it.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func recordUsage(id: String) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([StickySessionUsed(mappingID: id, at: base.now)])
        return true
    }

    /// Makes a mapping end so long after now.
    ///
    /// - Parameter ttlSeconds: How long; `nil` for as long as the mapping says.
    /// - Returns: `false` when there is none with this id, or none of the two says how long.
    @discardableResult
    public func refreshTTL(
        id: String, ttlSeconds: Int64? = nil
    ) async throws(RotationError) -> Bool {
        let given = try Self.milliseconds(seconds: ttlSeconds)
        guard let mapping = try find(id: id), let ttl = given ?? mapping.ttlMs else { return false }
        let now = base.now
        try await base.append([
            StickySessionTTLRefreshed(mappingID: id, expiresAt: now.advanced(by: ttl), at: now)
        ])
        return true
    }

    /// Gives a mapping another proxy.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func updateProxy(id: String, proxyID: String) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([
            StickySessionProxyReassigned(mappingID: id, proxyID: proxyID, at: base.now)
        ])
        return true
    }

    /// How many mappings there are.
    public func stats() throws(RotationError) -> StickyStats {
        let now = base.now.milliseconds
        return try base.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*), count(*) FILTER (WHERE expires_at < ?),
                        count(*) FILTER (WHERE is_wildcard = 1)
                    FROM sticky_session_mappings
                    """, arguments: [now])
            guard let row else { return StickyStats(total: 0, expired: 0, wildcard: 0) }
            return StickyStats(total: row[0], expired: row[1], wildcard: row[2])
        }
    }

    func select(
        _ clause: String, _ arguments: StatementArguments = []
    ) throws(RotationError) -> [StickySession] {
        try base.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT \(StickySession.columns) FROM sticky_session_mappings \(clause)",
                arguments: arguments
            ).map(StickySession.init(row:))
        }
    }

    func map(
        _ domain: String, _ proxyID: String, _ configID: String?, _ ttl: Int64?,
        _ mode: ExpiryMode, requestCount: Int?
    ) async throws(RotationError) -> StickySession {
        try ProxyLimits.check(domain: domain)
        let now = base.now
        let old = try find(domain: domain, configID: configID)
        try await base.append([
            StickySessionMapped(
                mappingID: old?.id ?? base.options.makeID(), domain: domain,
                isWildcard: domain.contains("*"), proxyID: proxyID, configID: configID,
                ttlMs: ttl.map(Int.init),
                expiryMode: mode, expiresAt: ttl.map(now.advanced(by:)),
                requestCount: requestCount, at: now)
        ])
        guard let made = try find(domain: domain, configID: configID) else {
            throw RotationError(.notFound(domain), "The mapping was made and is gone already.")
        }
        return made
    }

    static func checked(ttl: Int64?) throws(RotationError) -> Int64? {
        guard let ttl, ttl != 0 else { return nil }
        guard (1...SettingsCheck.timeMax).contains(ttl) else {
            throw RotationError(
                .invalid(field: "ttl"), "A mapping lasts up to a hundred years, not \(ttl) ms.")
        }
        return ttl
    }

    private static func milliseconds(seconds: Int64?) throws(RotationError) -> Int64? {
        guard let seconds else { return nil }
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return try checked(ttl: overflow ? .max : milliseconds)
    }
}

extension RotationStore {
    /// Which domain stays with which proxy.
    public var stickySessions: StickySessions { StickySessions(base: self) }
}
