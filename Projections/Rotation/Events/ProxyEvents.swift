public import EventModel

/// E2.1: a proxy joined the pool.
public struct ProxyAdded: RotationEvent {
    /// `proxy.added`.
    public static let type = "proxy.added"
    /// The proxy.
    public var proxyID: String
    /// Its name.
    public var name: String
    /// Its host name or address.
    public var host: String
    /// 1 to 65,535.
    public var port: Int
    /// How it is spoken to.
    public var `protocol`: ProxyProtocol
    /// Its region.
    public var region: String?
    /// Words to find it by.
    public var tags: [String]?
    /// Its share where proxies are drawn by weight, 0 to 100.
    public var weight: Double
    /// The group that it is rotated in.
    public var rotationGroup: String?
    /// Where it is, in the names of `Geolocation`.
    public var geolocation: JSONValue?
    /// How it stands.
    public var status: ProxyStatus
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(
        proxyID: String, name: String, host: String, port: Int, protocol: ProxyProtocol,
        region: String? = nil, tags: [String]? = nil, weight: Double, rotationGroup: String? = nil,
        geolocation: JSONValue? = nil, status: ProxyStatus, at: Timestamp
    ) {
        self.proxyID = proxyID
        self.name = name
        self.host = host
        self.port = port
        self.`protocol` = `protocol`
        self.region = region
        self.tags = tags
        self.weight = weight
        self.rotationGroup = rotationGroup
        self.geolocation = geolocation
        self.status = status
        self.at = at
    }
}

/// E2.2: facts about a proxy changed.
public struct ProxyUpdated: RotationEvent {
    /// `proxy.updated`.
    public static let type = "proxy.updated"
    /// The proxy.
    public var proxyID: String
    /// What changed, by name, with the new value; null takes a value away.
    public var changed: [String: JSONValue]
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(proxyID: String, changed: [String: JSONValue], at: Timestamp) {
        self.proxyID = proxyID
        self.changed = changed
        self.at = at
    }
}

/// E2.3: a proxy left the pool, and with it its statistics, mappings and credentials.
public struct ProxyRemoved: RotationEvent {
    /// `proxy.removed`.
    public static let type = "proxy.removed"
    /// The proxy.
    public var proxyID: String

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(proxyID: String) {
        self.proxyID = proxyID
    }
}

/// E2.4: a proxy stands otherwise.
public struct ProxyStatusChanged: RotationEvent {
    /// `proxy.status_changed`.
    public static let type = "proxy.status_changed"
    /// The proxy.
    public var proxyID: String
    /// How it stands now.
    public var status: ProxyStatus
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(proxyID: String, status: ProxyStatus, at: Timestamp) {
        self.proxyID = proxyID
        self.status = status
        self.at = at
    }
}

/// E2.5: a proxy was checked.
public struct ProxyHealthChecked: RotationEvent {
    /// `proxy.health_checked`.
    public static let type = "proxy.health_checked"
    /// The proxy.
    public var proxyID: String
    /// Whether it answered.
    public var success: Bool
    /// In milliseconds.
    public var latency: Int?
    /// Why it did not.
    public var error: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(
        proxyID: String, success: Bool, latency: Int? = nil, error: String? = nil, at: Timestamp
    ) {
        self.proxyID = proxyID
        self.success = success
        self.latency = latency
        self.error = error
        self.at = at
    }
}

/// E2.6: a request through a proxy ended.
public struct ProxyStatsUpdated: RotationEvent {
    /// `proxy.stats_updated`.
    public static let type = "proxy.stats_updated"
    /// The proxy.
    public var proxyID: String
    /// Whether it was answered.
    public var success: Bool
    /// In milliseconds.
    public var latency: Int?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "proxy/\(proxyID)" }

    /// Makes the event from its parts.
    public init(proxyID: String, success: Bool, latency: Int? = nil, at: Timestamp) {
        self.proxyID = proxyID
        self.success = success
        self.latency = latency
        self.at = at
    }
}

/// E2.7: proxies have other weights; the resulting ones are here.
public struct ProxyWeightsChanged: RotationEvent {
    /// `proxy.weights_changed`.
    public static let type = "proxy.weights_changed"
    /// The proxies and their new weights.
    public var weights: [Weight]
    /// What the change was.
    public var cause: WeightCause
    /// The group that was normalised or equalised; absent for all.
    public var group: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation/weights" }

    /// Makes the event from its parts.
    public init(weights: [Weight], cause: WeightCause, group: String? = nil, at: Timestamp) {
        self.weights = weights
        self.cause = cause
        self.group = group
        self.at = at
    }
}

/// E2.8: proxies are in other groups.
public struct ProxyRotationGroupsChanged: RotationEvent {
    /// `proxy.rotation_groups_changed`.
    public static let type = "proxy.rotation_groups_changed"
    /// The proxies and their groups.
    public var assignments: [Assignment]
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation/groups" }

    /// Makes the event from its parts.
    public init(assignments: [Assignment], at: Timestamp) {
        self.assignments = assignments
        self.at = at
    }
}

extension ProxyWeightsChanged {
    /// A proxy and its new weight.
    public struct Weight: Encodable, Sendable, Equatable {
        /// The proxy.
        public var proxyID: String
        /// 0 to 100.
        public var weight: Double

        /// Makes the pair.
        public init(proxyID: String, weight: Double) {
            self.proxyID = proxyID
            self.weight = weight
        }
    }
}

extension ProxyRotationGroupsChanged {
    /// A proxy and its new group.
    public struct Assignment: Encodable, Sendable, Equatable {
        /// The proxy.
        public var proxyID: String
        /// The group; absent for none.
        public var group: String?

        /// Makes the pair.
        public init(proxyID: String, group: String?) {
            self.proxyID = proxyID
            self.group = group
        }
    }
}
