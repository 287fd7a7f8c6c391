internal import EventModel
internal import GRDB

/// How a proxy did in the last day.
public struct CurrentStats: Sendable, Equatable {
    /// The proxy.
    public let proxyID: String
    /// Its name.
    public let name: String
    /// Its host name or address.
    public let host: String
    /// Its port.
    public let port: Int
    /// How it is spoken to.
    public let `protocol`: ProxyProtocol
    /// How it stands.
    public let status: ProxyStatus
    /// Its share where proxies are drawn by weight.
    public let weight: Double
    /// Its group.
    public let rotationGroup: String?
    /// Its region.
    public let region: String?
    /// The latency of its last check or request, in milliseconds.
    public let latency: Int?
    /// Percent of all its requests that were answered.
    public let successRate: Double
    /// Requests in the last 24 hours.
    public let requests24h: Int
    /// Requests in the last 24 hours that were answered.
    public let success24h: Int
    /// Rotations to it in the last 24 hours.
    public let rotations24h: Int
    /// The mean latency of the last 24 hours, else the last one known; milliseconds.
    public let avgLatency24h: Double?

    init(row: Row) throws {
        proxyID = row[0]
        name = row[1]
        host = row[2]
        port = row[3]
        `protocol` = try row.word(4)
        status = try row.word(5)
        weight = row[6]
        rotationGroup = row[7]
        region = row[8]
        latency = row[9]
        successRate = row[10]
        requests24h = row[11]
        success24h = row[12]
        rotations24h = row[13]
        avgLatency24h = row[14]
    }
}

extension UsageStatistics {
    /// How each proxy did in the last day, by name.
    ///
    /// The same as the view `v_proxy_current_stats`, but the day ends now by the clock of the options.
    public func currentStats() throws(RotationError) -> [CurrentStats] {
        let since = try base.hoursAgo(24)
        return try base.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT p.id, p.name, p.host, p.port, p.protocol, coalesce(p.status, 'active'),
                        coalesce(p.weight, 1.0), p.rotation_group, p.region, p.latency,
                        coalesce(p.success_rate, 100.0), coalesce(sum(s.total_requests), 0),
                        coalesce(sum(s.successful_requests), 0),
                        coalesce(sum(s.rotation_count), 0),
                        coalesce(sum(s.latency_sum_ms) / nullif(sum(s.latency_count), 0), p.latency)
                    FROM proxies AS p
                    LEFT JOIN proxy_usage_stats AS s
                        ON s.proxy_id = p.id AND s.time_bucket >= ?
                    GROUP BY p.id ORDER BY p.name, p.id
                    """, arguments: [since.milliseconds]
            ).map(CurrentStats.init(row:))
        }
    }
}
