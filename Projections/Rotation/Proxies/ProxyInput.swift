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
}

/// What the fields of a proxy may hold.
enum ProxyLimits {
    static let nameMax = 255
    static let groupMax = 100
    static let regionMax = 100
    static let tagsMax = 20
    static let tagMax = 50

    static func check(name: String) throws(RotationError) {
        try check("name", name, 1...nameMax)
    }

    static func check(host: String) throws(RotationError) {
        try check("host", host, 1...nameMax)
        guard !host.contains(where: \.isWhitespace) else {
            throw RotationError(.invalid(field: "host"), "A host holds no spaces.")
        }
    }

    static func check(port: Int) throws(RotationError) {
        guard (1...65_535).contains(port) else {
            throw RotationError(.invalid(field: "port"), "A port is 1 to 65,535, not \(port).")
        }
    }

    static func check(region: String?) throws(RotationError) {
        if let region { try check("region", region, 0...regionMax) }
    }

    static func check(group: String?) throws(RotationError) {
        if let group { try check("rotationGroup", group, 1...groupMax) }
    }

    static func check(tags: [String]) throws(RotationError) {
        guard tags.count <= tagsMax else {
            throw RotationError(
                .invalid(field: "tags"), "\(tags.count) tags are more than \(tagsMax).")
        }
        for tag in tags { try check("tags", tag, 1...tagMax) }
    }

    static func check(weight: Double) throws(RotationError) {
        guard weight >= 0, weight <= 100 else {
            throw RotationError(
                .invalid(field: "weight"), "Weight must be between 0 and 100, not \(weight).")
        }
    }

    private static func check(
        _ field: String, _ text: String, _ length: ClosedRange<Int>
    ) throws(RotationError) {
        // SQLite's length() counts code points, and so does the limit.
        guard length.contains(text.unicodeScalars.count) else {
            throw RotationError(
                .invalid(field: field),
                "The field \(field) has \(length.lowerBound) to \(length.upperBound) characters, not"
                    + " \(text.unicodeScalars.count).")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw RotationError(
                .invalid(field: field), "The field \(field) holds a control character.")
        }
    }
}
