internal import EventModel

/// A proxy to add.
public struct ProxyInput: Sendable {
    /// Its name, 1 to 255 characters.
    public var name: String
    /// Its host name or address, 1 to 255 characters without spaces.
    public var host: String
    /// 1 to 65,535.
    public var port: Int
    /// How it is spoken to.
    public var `protocol`: ProxyProtocol
    /// The user name, if it wants one; kept sealed, and only together with a password.
    public var username: String?
    /// The password, if it wants one; kept sealed.
    public var password: String?
    /// Its region, at most 100 characters.
    public var region: String?
    /// Words to find it by: at most 20 of at most 50 characters.
    public var tags: [String]
    /// 0 to 100.
    public var weight: Double
    /// The group that it is rotated in, at most 100 characters.
    public var rotationGroup: String?
    /// Where it is.
    public var geolocation: Geolocation?

    /// Makes an input; host, port, name and protocol are needed.
    public init(
        name: String, host: String, port: Int, protocol: ProxyProtocol, username: String? = nil,
        password: String? = nil, region: String? = nil, tags: [String] = [], weight: Double = 1,
        rotationGroup: String? = nil, geolocation: Geolocation? = nil
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.protocol = `protocol`
        self.username = username
        self.password = password
        self.region = region
        self.tags = tags
        self.weight = weight
        self.rotationGroup = rotationGroup
        self.geolocation = geolocation
    }

    /// The event that adds it, once its fields are found to be right.
    func added(id: String, at: Timestamp) throws(RotationError) -> ProxyAdded {
        try ProxyLimits.check(name: name)
        try ProxyLimits.check(host: host)
        try ProxyLimits.check(port: port)
        try ProxyLimits.check(region: region)
        try ProxyLimits.check(tags: tags)
        try ProxyLimits.check(weight: weight)
        try ProxyLimits.check(group: rotationGroup)
        return ProxyAdded(
            proxyID: id, name: name, host: host, port: port, protocol: `protocol`, region: region,
            tags: tags.isEmpty ? nil : tags, weight: weight, rotationGroup: rotationGroup,
            geolocation: try geolocation?.json(), status: .checking, at: at)
    }
}

/// What is to change about a proxy; what is not set stays.
public struct ProxyChange: Sendable {
    /// The new name.
    public var name: String?
    /// The new host.
    public var host: String?
    /// The new port.
    public var port: Int?
    /// The new protocol.
    public var `protocol`: ProxyProtocol?
    /// The new status.
    public var status: ProxyStatus?
    /// The new user name; it counts only together with a new password.
    public var username: String?
    /// The new password.
    public var password: String?
    /// The new region; `.some(nil)` for none.
    public var region: String??
    /// The new words.
    public var tags: [String]?
    /// The new place; `.some(nil)` for none.
    public var geolocation: Geolocation??

    /// Changes nothing yet.
    public init() {}

    /// What changes, as the event says it, once it is found to be right; user name and password apart.
    func changed() throws(RotationError) -> [String: JSONValue] {
        if let name { try ProxyLimits.check(name: name) }
        if let host { try ProxyLimits.check(host: host) }
        if let port { try ProxyLimits.check(port: port) }
        if let region { try ProxyLimits.check(region: region) }
        if let tags { try ProxyLimits.check(tags: tags) }
        var changed: [String: JSONValue] = [:]
        changed["name"] = name.map(JSONValue.string)
        changed["host"] = host.map(JSONValue.string)
        changed["port"] = port.map { .integer(Int64($0)) }
        changed["protocol"] = `protocol`.map { .string($0.rawValue) }
        changed["status"] = status.map { .string($0.rawValue) }
        changed["region"] = region.map { $0.map(JSONValue.string) ?? .null }
        changed["tags"] = tags.map { $0.isEmpty ? .null : .array($0.map(JSONValue.string)) }
        if let geolocation { changed["geolocation"] = try geolocation?.json() ?? .null }
        return changed
    }
}
