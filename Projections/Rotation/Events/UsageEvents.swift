public import EventModel

/// E2.40: requests went through a proxy.
public struct ProxyUsageRecorded: RotationEvent {
    /// `proxy_usage.recorded`.
    public static let type = "proxy_usage.recorded"
    /// The proxy.
    public var proxyID: String
    /// How many.
    public var requests: Int
    /// How many were answered.
    public var successful: Int
    /// How many were not.
    public var failed: Int
    /// A sample of the latency, in milliseconds.
    public var latencyMs: Double?
    /// Bytes to the target.
    public var bytesSent: Int
    /// Bytes from the target.
    public var bytesReceived: Int
    /// What went wrong.
    public var error: UsageError?
    /// The target's domain.
    public var domain: String?
    /// The target's country.
    public var country: String?
    /// The session.
    public var sessionID: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(
        proxyID: String, requests: Int, successful: Int, failed: Int, latencyMs: Double? = nil,
        bytesSent: Int, bytesReceived: Int, error: UsageError? = nil, domain: String? = nil,
        country: String? = nil, sessionID: String? = nil, at: Timestamp
    ) {
        self.proxyID = proxyID
        self.requests = requests
        self.successful = successful
        self.failed = failed
        self.latencyMs = latencyMs
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.error = error
        self.domain = domain
        self.country = country
        self.sessionID = sessionID
        self.at = at
    }
}

/// E2.41: a proxy was rotated to.
public struct ProxyUsageRotationCounted: RotationEvent {
    /// `proxy_usage.rotation_counted`.
    public static let type = "proxy_usage.rotation_counted"
    /// The proxy.
    public var proxyID: String
    /// Why.
    public var reason: RotationReason
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(proxyID: String, reason: RotationReason, at: Timestamp) {
        self.proxyID = proxyID
        self.reason = reason
        self.at = at
    }
}

/// E2.42: old hourly statistics are gone; the daily ones and the log are not.
public struct ProxyUsagePurged: RotationEvent {
    /// `proxy_usage.purged`.
    public static let type = "proxy_usage.purged"
    /// Everything before this moment.
    public var cutoff: Timestamp

    /// The entity that it happened to.
    public var stream: String { "rotation/maintenance" }

    /// Makes the event from its parts.
    public init(cutoff: Timestamp) {
        self.cutoff = cutoff
    }
}

/// E2.43: one proxy followed another.
public struct ProxyRotationOccurred: RotationEvent {
    /// `proxy_rotation.occurred`.
    public static let type = "proxy_rotation.occurred"
    /// The rotation.
    public var rotationID: String
    /// The configuration that chose.
    public var configID: String?
    /// The proxy before.
    public var previousProxyID: String?
    /// The proxy now.
    public var newProxyID: String?
    /// Why.
    public var reason: RotationReason
    /// For which domain.
    public var domain: String?
    /// For which address.
    public var url: String?
    /// For which tab.
    public var tabID: String?
    /// For which session.
    public var sessionID: String?
    /// What else is known.
    public var metadata: [String: JSONValue]?
    /// The round in which a turn was taken: empty for that of all candidates, else a country; absent
    /// when the choice was no turn.
    public var turnOf: String?
    /// Milliseconds until the next rotation by time, as chance had it.
    public var nextIntervalMs: Int64?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation/\(rotationID)" }
    /// By which the rotations of a configuration are found.
    public var tags: [String] { [Self.tag(configID: configID)] }

    /// The tag of the rotations by a configuration, or by none.
    static func tag(configID: String?) -> String { "config:\(configID ?? "")" }

    /// Makes the event from its parts.
    public init(
        rotationID: String, configID: String? = nil, previousProxyID: String? = nil,
        newProxyID: String? = nil, reason: RotationReason, domain: String? = nil,
        url: String? = nil, tabID: String? = nil, sessionID: String? = nil,
        metadata: [String: JSONValue]? = nil, turnOf: String? = nil,
        nextIntervalMs: Int64? = nil, at: Timestamp
    ) {
        self.rotationID = rotationID
        self.configID = configID
        self.previousProxyID = previousProxyID
        self.newProxyID = newProxyID
        self.reason = reason
        self.domain = domain
        self.url = url
        self.tabID = tabID
        self.sessionID = sessionID
        self.metadata = metadata
        self.turnOf = turnOf
        self.nextIntervalMs = nextIntervalMs
        self.at = at
    }
}

/// E2.44: old rows of the audit are gone; the log keeps the rotations.
public struct ProxyRotationPurged: RotationEvent {
    /// `proxy_rotation.purged`.
    public static let type = "proxy_rotation.purged"
    /// Everything before this moment.
    public var cutoff: Timestamp

    /// The entity that it happened to.
    public var stream: String { "rotation/maintenance" }

    /// Makes the event from its parts.
    public init(cutoff: Timestamp) {
        self.cutoff = cutoff
    }
}

/// E2.45: what a run of maintenance took away.
public struct MaintenanceCompleted: RotationEvent {
    /// `maintenance.completed`.
    public static let type = "maintenance.completed"
    /// Hourly statistics.
    public var statsDeleted: Int
    /// Rows of the audit.
    public var eventsDeleted: Int
    /// Sticky mappings.
    public var mappingsDeleted: Int
    /// Whether the file was made compact.
    public var vacuumed: Bool
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation/maintenance" }

    /// Makes the event from its parts.
    public init(
        statsDeleted: Int, eventsDeleted: Int, mappingsDeleted: Int, vacuumed: Bool, at: Timestamp
    ) {
        self.statsDeleted = statsDeleted
        self.eventsDeleted = eventsDeleted
        self.mappingsDeleted = mappingsDeleted
        self.vacuumed = vacuumed
        self.at = at
    }
}

/// What went wrong with a request.
public struct UsageError: Codable, Sendable, Equatable {
    /// Its kind, such as `timeout`; others than the known ones are accepted.
    public var type: String
    /// What was said.
    public var message: String?

    /// Makes the error.
    public init(type: String, message: String? = nil) {
        self.type = type
        self.message = message
    }
}
