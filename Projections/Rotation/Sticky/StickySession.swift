public import EventModel
internal import GRDB

/// A domain, or a pattern of domains, that stays with a proxy.
public struct StickySession: Sendable, Equatable, Identifiable {
    /// Its id.
    public let id: String
    /// The domain, or a pattern with `*`.
    public let domain: String
    /// Whether it is a pattern.
    public let isWildcard: Bool
    /// The proxy.
    public let proxyID: String
    /// The configuration; `nil` for none.
    public let configID: String?
    /// How long it lasts, in milliseconds; `nil` for ever.
    public let ttlMs: Int64?
    /// From when that counts.
    public let expiryMode: ExpiryMode
    /// When it ends; `nil` for never.
    public let expiresAt: Timestamp?
    /// How often it was used.
    public let requestCount: Int
    /// When it was last used.
    public let lastUsedAt: Timestamp
    /// When it was made.
    public let createdAt: Timestamp
    /// When it last changed.
    public let updatedAt: Timestamp

    /// How long it lasts, in whole seconds.
    public var ttlSeconds: Int64? { ttlMs.map { $0 / 1_000 } }

    /// Whether it is over at a moment; at the very moment of its end it is not yet.
    public func isExpired(at time: Timestamp) -> Bool { expiresAt.map { $0 < time } ?? false }
}

extension StickySession {
    /// The columns, in the order in which `init(row:)` reads them.
    static let columns = """
        id, domain, coalesce(is_wildcard, 0), proxy_id, config_id, ttl_ms, expiry_mode, expires_at,
        coalesce(request_count, 0), coalesce(last_used_at, created_at, 0), coalesce(created_at, 0),
        coalesce(updated_at, created_at, 0)
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        id = row[0]
        domain = row[1]
        isWildcard = row[2]
        proxyID = row[3]
        configID = row[4]
        ttlMs = row[5]
        expiryMode = try row.word(6)
        expiresAt = row.time(7)
        requestCount = row[8]
        lastUsedAt = Timestamp(milliseconds: row[9])
        createdAt = Timestamp(milliseconds: row[10])
        updatedAt = Timestamp(milliseconds: row[11])
    }
}

/// How many mappings there are.
public struct StickyStats: Sendable, Equatable {
    /// All.
    public let total: Int
    /// Those that are over.
    public let expired: Int
    /// Those that are patterns.
    public let wildcard: Int

    /// Those that are not over.
    public var active: Int { total - expired }
}
