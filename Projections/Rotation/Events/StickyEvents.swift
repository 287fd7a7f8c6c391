public import EventModel

/// E2.34, E3.4: a domain stays with a proxy.
public struct StickySessionMapped: RotationEvent {
    /// `sticky_session.mapped`.
    public static let type = "sticky_session.mapped"
    /// The mapping.
    public var mappingID: String
    /// A domain, or a pattern with `*`.
    public var domain: String
    /// Whether it is a pattern.
    public var isWildcard: Bool
    /// The proxy.
    public var proxyID: String
    /// The configuration; absent for none.
    public var configID: String?
    /// How long, in milliseconds; absent for ever.
    public var ttlMs: Int?
    /// From when that counts.
    public var expiryMode: ExpiryMode
    /// When it ends.
    public var expiresAt: Timestamp?
    /// The count of a new mapping; absent for 0.
    public var requestCount: Int?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "sticky_session/\(mappingID)" }

    /// Makes the event from its parts.
    public init(
        mappingID: String, domain: String, isWildcard: Bool, proxyID: String,
        configID: String? = nil, ttlMs: Int? = nil, expiryMode: ExpiryMode,
        expiresAt: Timestamp? = nil, requestCount: Int? = nil, at: Timestamp
    ) {
        self.mappingID = mappingID
        self.domain = domain
        self.isWildcard = isWildcard
        self.proxyID = proxyID
        self.configID = configID
        self.ttlMs = ttlMs
        self.expiryMode = expiryMode
        self.expiresAt = expiresAt
        self.requestCount = requestCount
        self.at = at
    }
}

/// E2.35: a mapping was used.
public struct StickySessionUsed: RotationEvent {
    /// `sticky_session.used`.
    public static let type = "sticky_session.used"
    /// The mapping.
    public var mappingID: String
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "sticky_session/\(mappingID)" }

    /// Makes the event from its parts.
    public init(mappingID: String, at: Timestamp) {
        self.mappingID = mappingID
        self.at = at
    }
}

/// E2.36: a mapping ends later.
public struct StickySessionTTLRefreshed: RotationEvent {
    /// `sticky_session.ttl_refreshed`.
    public static let type = "sticky_session.ttl_refreshed"
    /// The mapping.
    public var mappingID: String
    /// When it ends now.
    public var expiresAt: Timestamp
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "sticky_session/\(mappingID)" }

    /// Makes the event from its parts.
    public init(mappingID: String, expiresAt: Timestamp, at: Timestamp) {
        self.mappingID = mappingID
        self.expiresAt = expiresAt
        self.at = at
    }
}

/// E2.37: a mapping has another proxy.
public struct StickySessionProxyReassigned: RotationEvent {
    /// `sticky_session.proxy_reassigned`.
    public static let type = "sticky_session.proxy_reassigned"
    /// The mapping.
    public var mappingID: String
    /// The proxy.
    public var proxyID: String
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "sticky_session/\(mappingID)" }

    /// Makes the event from its parts.
    public init(mappingID: String, proxyID: String, at: Timestamp) {
        self.mappingID = mappingID
        self.proxyID = proxyID
        self.at = at
    }
}

/// E2.38: mappings are gone.
public struct StickySessionRemoved: RotationEvent {
    /// `sticky_session.removed`.
    public static let type = "sticky_session.removed"
    /// The mappings.
    public var mappingIDs: [String]

    /// The entity that it happened to.
    public var stream: String { "sticky_session/\(mappingIDs.first ?? "none")" }

    /// Makes the event from its parts.
    public init(mappingIDs: [String]) {
        self.mappingIDs = mappingIDs
    }
}

/// E2.39: mappings that were over are gone.
public struct StickySessionExpiredPurged: RotationEvent {
    /// `sticky_session.expired_purged`.
    public static let type = "sticky_session.expired_purged"
    /// What ended at this moment or before.
    public var cutoff: Timestamp
    /// The mappings.
    public var mappingIDs: [String]

    /// The entity that it happened to.
    public var stream: String { "rotation/maintenance" }

    /// Makes the event from its parts.
    public init(cutoff: Timestamp, mappingIDs: [String]) {
        self.cutoff = cutoff
        self.mappingIDs = mappingIDs
    }
}
