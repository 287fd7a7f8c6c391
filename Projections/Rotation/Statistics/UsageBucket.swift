public import EventModel
internal import GRDB

/// What one proxy carried in one hour of UTC.
public struct UsageBucket: Sendable, Equatable, Identifiable {
    /// `<proxy id>_<start of the hour>`.
    public let id: String
    /// The proxy.
    public let proxyID: String
    /// The start of the hour.
    public let timeBucket: Timestamp
    /// Requests.
    public let totalRequests: Int
    /// Requests that were answered.
    public let successfulRequests: Int
    /// Requests that were not.
    public let failedRequests: Int
    /// The sum of the latency samples, in milliseconds.
    public let latencySumMs: Double
    /// The number of latency samples.
    public let latencyCount: Int
    /// The least sample.
    public let minLatencyMs: Double?
    /// The greatest sample.
    public let maxLatencyMs: Double?
    /// The 95th percentile by nearest rank: the least sample that at least 95 of 100 samples do not
    /// exceed.
    ///
    /// All samples are kept, so it is exact.
    public let p95LatencyMs: Double?
    /// Bytes to targets.
    public let bytesSent: Int
    /// Bytes from targets.
    public let bytesReceived: Int
    /// Rotations to the proxy.
    public let rotationCount: Int
    /// Their reasons, in order, one for each.
    public let rotationReasons: [String]
    /// Errors by type.
    public let errorCounts: [String: Int]
    /// What the last error said.
    public let lastError: String?
    /// When the last error was.
    public let lastErrorAt: Timestamp?
    /// The countries of the targets.
    public let targetCountries: [String]
    /// Different domains.
    public let uniqueDomains: Int
    /// Different sessions.
    public let uniqueSessions: Int

    /// The mean of the latency samples, in milliseconds; `nil` without a sample.
    public var avgLatencyMs: Double? {
        latencyCount == 0 ? nil : latencySumMs / Double(latencyCount)
    }

    /// Percent of the requests that were answered; 0 without a request.
    public var successRate: Double {
        totalRequests == 0 ? 0 : 100 * Double(successfulRequests) / Double(totalRequests)
    }
}

extension UsageBucket {
    /// The columns, in the order in which `init(row:)` reads them.
    static let columns = """
        id, proxy_id, time_bucket, coalesce(total_requests, 0), coalesce(successful_requests, 0),
        coalesce(failed_requests, 0), latency_sum_ms, latency_count, min_latency_ms, max_latency_ms,
        p95_latency_ms, coalesce(bytes_sent, 0), coalesce(bytes_received, 0),
        coalesce(rotation_count, 0), rotation_reasons, error_counts, last_error, last_error_at,
        target_countries, coalesce(unique_domains, 0), coalesce(unique_sessions, 0)
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        func strings(_ index: Int) throws -> [String] {
            try row.json(index)?.array?.compactMap(\.string) ?? []
        }
        id = row[0]
        proxyID = row[1]
        timeBucket = Timestamp(milliseconds: row[2])
        totalRequests = row[3]
        successfulRequests = row[4]
        failedRequests = row[5]
        latencySumMs = row[6]
        latencyCount = row[7]
        minLatencyMs = row[8]
        maxLatencyMs = row[9]
        p95LatencyMs = row[10]
        bytesSent = row[11]
        bytesReceived = row[12]
        rotationCount = row[13]
        rotationReasons = try strings(14)
        errorCounts = try (row.json(15)?.object ?? [:]).compactMapValues {
            $0.integer.map(Int.init)
        }
        lastError = row[16]
        lastErrorAt = row.time(17)
        targetCountries = try strings(18)
        uniqueDomains = row[19]
        uniqueSessions = row[20]
    }
}
