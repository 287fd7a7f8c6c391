internal import EventModel

/// A rotation to record.
public struct RotationInput: Sendable {
    /// Why.
    public var reason: RotationReason
    /// The configuration that chose.
    public var configID: String?
    /// The proxy before.
    public var previousProxyID: String?
    /// The proxy now.
    public var newProxyID: String?
    /// For which domain.
    public var domain: String?
    /// For which address.
    public var url: String?
    /// For which tab.
    public var tabID: String?
    /// For which session.
    public var sessionID: String?
    /// What else is known; no secrets.
    public var metadata: [String: JSONValue]?

    /// Makes an input; a reason is needed.
    public init(
        reason: RotationReason, configID: String? = nil, previousProxyID: String? = nil,
        newProxyID: String? = nil, domain: String? = nil, url: String? = nil,
        tabID: String? = nil, sessionID: String? = nil, metadata: [String: JSONValue]? = nil
    ) {
        self.reason = reason
        self.configID = configID
        self.previousProxyID = previousProxyID
        self.newProxyID = newProxyID
        self.domain = domain
        self.url = url
        self.tabID = tabID
        self.sessionID = sessionID
        self.metadata = metadata
    }

    /// The event that records it, once its fields are found to be right.
    func occurred(id: String, at: Timestamp) throws(RotationError) -> ProxyRotationOccurred {
        try ProxyLimits.check(
            target: ("domain", domain), ("tabID", tabID), ("sessionID", sessionID))
        try ProxyLimits.check(url: url)
        return ProxyRotationOccurred(
            rotationID: id, configID: configID, previousProxyID: previousProxyID,
            newProxyID: newProxyID, reason: reason, domain: domain, url: url, tabID: tabID,
            sessionID: sessionID, metadata: metadata, at: at)
    }
}
