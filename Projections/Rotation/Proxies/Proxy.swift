public import EventModel
internal import Foundation
internal import GRDB

/// A proxy as the projection shows it; it never carries a secret.
public struct Proxy: Sendable, Equatable, Identifiable {
    /// Its id.
    public let id: String
    /// Its name.
    public let name: String
    /// Its host name or address.
    public let host: String
    /// 1 to 65,535.
    public let port: Int
    /// How it is spoken to.
    public let `protocol`: ProxyProtocol
    /// How it stands.
    public let status: ProxyStatus
    /// The latency of its last check or request, in milliseconds.
    public let latency: Int?
    /// When it was checked.
    public let lastChecked: Timestamp?
    /// Requests that failed.
    public let failureCount: Int
    /// Requests.
    public let totalRequests: Int
    /// Percent of its requests that were answered; 100 before the first.
    public let successRate: Double
    /// Its region.
    public let region: String?
    /// Words to find it by.
    public let tags: [String]
    /// Where it is, as it was told: `Geolocation` has the usual names.
    public let geolocation: JSONValue?
    /// Its share where proxies are drawn by weight, 0 to 100.
    public let weight: Double
    /// The group that it is rotated in.
    public let rotationGroup: String?
    /// Its sealed credential.
    public let credentialID: String?
    /// When it joined.
    public let createdAt: Timestamp
    /// When it last changed.
    public let updatedAt: Timestamp

    /// Makes a proxy from its parts, for a choice among proxies that no store holds.
    public init(
        id: String, name: String, host: String, port: Int, protocol: ProxyProtocol,
        status: ProxyStatus = .active, latency: Int? = nil, lastChecked: Timestamp? = nil,
        failureCount: Int = 0, totalRequests: Int = 0, successRate: Double = 100,
        region: String? = nil, tags: [String] = [], geolocation: JSONValue? = nil,
        weight: Double = 1, rotationGroup: String? = nil, credentialID: String? = nil,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.host = host
        self.port = port
        self.protocol = `protocol`
        self.status = status
        self.latency = latency
        self.lastChecked = lastChecked
        self.failureCount = failureCount
        self.totalRequests = totalRequests
        self.successRate = successRate
        self.region = region
        self.tags = tags
        self.geolocation = geolocation
        self.weight = weight
        self.rotationGroup = rotationGroup
        self.credentialID = credentialID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Whether a credential is kept for it.
    public var hasCredentials: Bool { credentialID != nil }

    /// The country's code of its place.
    public var country: String? { geolocation?.object?["country"]?.string }
}

extension Proxy {
    /// The columns, in the order in which `init(row:)` reads them; an adopted row may lack some values,
    /// and reads as its columns' defaults then, and as made at the epoch.
    static let columns = """
        id, name, host, port, protocol, coalesce(status, 'active'), latency, last_checked,
        coalesce(failure_count, 0), coalesce(total_requests, 0), coalesce(success_rate, 100.0),
        region, tags, geolocation_json, coalesce(weight, 1.0), rotation_group, credential_id,
        coalesce(created_at, 0), coalesce(updated_at, created_at, 0)
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        id = row[0]
        name = row[1]
        host = row[2]
        port = row[3]
        `protocol` = try row.word(4)
        status = try row.word(5)
        latency = row[6]
        lastChecked = row.time(7)
        failureCount = row[8]
        totalRequests = row[9]
        successRate = row[10]
        region = row[11]
        tags = try row.json(12)?.array?.compactMap(\.string) ?? []
        geolocation = try row.json(13)
        weight = row[14]
        rotationGroup = row[15]
        credentialID = row[16]
        createdAt = Timestamp(milliseconds: row[17])
        updatedAt = Timestamp(milliseconds: row[18])
    }
}
