internal import EventModel
internal import GRDB

/// What is counted once in an hour of a proxy, however often it occurs.
public enum UsageTarget: String, Sendable, CaseIterable {
    /// The target's domain.
    case domain
    /// The session.
    case session
    /// The target's country.
    case country
}

/// A domain, session or country, and how much it occurred.
public struct TargetCount: Sendable, Equatable {
    /// What it is.
    public let value: String
    /// In how many hours of how many proxies it occurred, added up.
    public let hours: Int
    /// With how many proxies.
    public let proxies: Int
}

extension UsageStatistics {
    /// The sums over a proxy's last hours: those that began at the cutoff or later.
    public func aggregatedStats(
        proxyID: String, hours: Int = 24
    ) throws(RotationError) -> AggregatedUsage {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT \(AggregatedUsage.columns) FROM proxy_usage_stats
                    WHERE proxy_id = ? AND time_bucket >= ?
                    """, arguments: [proxyID, since.milliseconds])
            guard let row else {
                throw RotationError(.notFound(proxyID), "A sum over no rows is a row.")
            }
            return AggregatedUsage(row: row)
        }
    }

    /// The 95th percentile of a proxy's latency over its last hours, in milliseconds; `nil` without a
    /// sample.
    ///
    /// By nearest rank over all samples of those hours, so it is exact: the least sample that at least
    /// 95 of 100 samples do not exceed.
    public func p95Latency(proxyID: String, hours: Int = 24) throws(RotationError) -> Double? {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            try Double.fetchOne(
                db,
                sql: """
                    WITH merged AS (
                        SELECT l.latency_ms, sum(l.samples) AS samples
                        FROM proxy_usage_latencies AS l
                        JOIN proxy_usage_stats AS s ON s.id = l.stats_id
                        WHERE s.proxy_id = ? AND s.time_bucket >= ?
                        GROUP BY l.latency_ms
                    ), ranked AS (
                        SELECT latency_ms, sum(samples) OVER (ORDER BY latency_ms) AS up_to
                        FROM merged
                    )
                    SELECT latency_ms FROM ranked
                    WHERE up_to * 100 >= (SELECT sum(samples) FROM merged) * 95
                    ORDER BY latency_ms LIMIT 1
                    """, arguments: [proxyID, since.milliseconds])
        }
    }

    /// The proxies that had requests, the best rate first.
    public func topBySuccessRate(
        limit: Int = 10, hours: Int = 24
    ) throws(RotationError) -> [ProxyUsage] {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT proxy_id, \(AggregatedUsage.columns) FROM proxy_usage_stats
                    WHERE time_bucket >= ?
                    GROUP BY proxy_id HAVING sum(total_requests) > 0
                    ORDER BY 1.0 * sum(successful_requests) / sum(total_requests) DESC, proxy_id
                    LIMIT ?
                    """, arguments: [since.milliseconds, max(0, limit)]
            ).map { ProxyUsage(proxyID: $0[0], usage: AggregatedUsage(row: $0, from: 1)) }
        }
    }

    /// Errors by type, over all proxies.
    public func errorDistribution(hours: Int = 24) throws(RotationError) -> [String: Int] {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT e.error_type, sum(e.occurrences)
                    FROM proxy_usage_errors AS e
                    JOIN proxy_usage_stats AS s ON s.id = e.stats_id
                    WHERE s.time_bucket >= ?
                    GROUP BY e.error_type
                    """, arguments: [since.milliseconds])
            var counts: [String: Int] = [:]
            for row in rows { counts[row[0]] = row[1] }
            return counts
        }
    }

    /// The domains, sessions or countries of the last hours, of a proxy or of all; those of the most
    /// hours first.
    public func targets(
        _ kind: UsageTarget, proxyID: String? = nil, hours: Int = 24, limit: Int = 100
    ) throws(RotationError) -> [TargetCount] {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT d.value, count(*), count(DISTINCT s.proxy_id)
                    FROM proxy_usage_distinct AS d
                    JOIN proxy_usage_stats AS s ON s.id = d.stats_id
                    WHERE d.kind = ?1 AND s.time_bucket >= ?2 AND (?3 IS NULL OR s.proxy_id = ?3)
                    GROUP BY d.value ORDER BY count(*) DESC, d.value LIMIT ?4
                    """, arguments: [kind.rawValue, since.milliseconds, proxyID, max(0, limit)]
            ).map { TargetCount(value: $0[0], hours: $0[1], proxies: $0[2]) }
        }
    }
}
