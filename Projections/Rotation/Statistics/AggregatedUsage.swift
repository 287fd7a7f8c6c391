internal import GRDB

/// The sums over several hours of one proxy.
public struct AggregatedUsage: Sendable, Equatable {
    /// Requests.
    public let totalRequests: Int
    /// Requests that were answered.
    public let successfulRequests: Int
    /// Requests that were not.
    public let failedRequests: Int
    /// The mean of all latency samples, in milliseconds; 0 without a sample.
    ///
    /// Each sample weighs the same, whichever hour it is of.
    public let avgLatencyMs: Double
    /// The least sample.
    public let minLatencyMs: Double?
    /// The greatest sample.
    public let maxLatencyMs: Double?
    /// Bytes to targets.
    public let totalBytesSent: Int
    /// Bytes from targets.
    public let totalBytesReceived: Int
    /// Rotations to the proxy.
    public let totalRotations: Int

    /// Percent of the requests that were answered; 0 without a request.
    public var successRate: Double {
        totalRequests == 0 ? 0 : 100 * Double(successfulRequests) / Double(totalRequests)
    }

    /// What is summed up, in the order in which `init(row:from:)` reads it.
    static let columns = """
        coalesce(sum(total_requests), 0), coalesce(sum(successful_requests), 0),
        coalesce(sum(failed_requests), 0), coalesce(sum(latency_sum_ms) / sum(latency_count), 0.0),
        min(min_latency_ms), max(max_latency_ms), coalesce(sum(bytes_sent), 0),
        coalesce(sum(bytes_received), 0), coalesce(sum(rotation_count), 0)
        """

    /// Reads a row in which `columns` begin at an index.
    init(row: Row, from index: Int = 0) {
        totalRequests = row[index]
        successfulRequests = row[index + 1]
        failedRequests = row[index + 2]
        avgLatencyMs = row[index + 3]
        minLatencyMs = row[index + 4]
        maxLatencyMs = row[index + 5]
        totalBytesSent = row[index + 6]
        totalBytesReceived = row[index + 7]
        totalRotations = row[index + 8]
    }
}

/// A proxy and its sums.
public struct ProxyUsage: Sendable, Equatable {
    /// The proxy.
    public let proxyID: String
    /// Its sums.
    public let usage: AggregatedUsage
}
