internal import EventModel

/// What a proxy is wanted for.
public struct RotationRequest: Sendable {
    /// The configuration to choose by; `nil` for the active one of `targetGroup`.
    public var configID: String?
    /// The group whose active configuration chooses; `nil` for no group.
    public var targetGroup: String?
    /// The target's domain, or its address.
    public var domain: String?
    /// The target's address.
    public var url: String?
    /// The country that the proxy should be in.
    public var country: String?
    /// The tab that asks.
    public var tabID: String?
    /// The session that asks.
    public var sessionID: String?
    /// Rotate even when nothing asks for it.
    public var isForced: Bool
    /// The proxy in use has failed.
    public var hasFailed: Bool
    /// Why, if the caller knows; else the choice says it.
    public var reason: RotationReason?
    /// What else the audit should keep; no secrets.
    public var metadata: [String: JSONValue]

    /// Makes a request; nothing is needed.
    public init(
        configID: String? = nil, targetGroup: String? = nil, domain: String? = nil,
        url: String? = nil, country: String? = nil, tabID: String? = nil,
        sessionID: String? = nil, isForced: Bool = false, hasFailed: Bool = false,
        reason: RotationReason? = nil, metadata: [String: JSONValue] = [:]
    ) {
        self.configID = configID
        self.targetGroup = targetGroup
        self.domain = domain
        self.url = url
        self.country = country
        self.tabID = tabID
        self.sessionID = sessionID
        self.isForced = isForced
        self.hasFailed = hasFailed
        self.reason = reason
        self.metadata = metadata
    }

    /// The request as a choice sees it, once its fields are found to be right.
    func context(at time: Timestamp) throws(RotationError) -> SelectionContext {
        try ProxyLimits.check(
            target: ("domain", domain), ("country", country), ("tabID", tabID),
            ("sessionID", sessionID))
        try ProxyLimits.check(url: url)
        return SelectionContext(
            domain: domain, url: url, country: country, time: time, isForced: isForced,
            hasFailed: hasFailed)
    }
}

/// Which proxy to use now, and what was written about it.
public struct RotationOutcome: Sendable, Equatable {
    /// The proxy to use; `nil` when there is none to choose.
    public let proxy: Proxy?
    /// The proxy that the configuration used before.
    public let previousProxyID: String?
    /// The configuration that chose; `nil` when none was active, which is a round-robin.
    public let configID: String?
    /// The rotation's id in the audit; `nil` when there was none: the proxy in use stays.
    public let rotationID: String?
    /// Why it rotated; `nil` when it did not.
    public let reason: RotationReason?
    /// The rules that matched, in order.
    public let ruleIDs: [String]
}
