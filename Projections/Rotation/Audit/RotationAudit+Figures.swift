internal import EventModel
internal import GRDB

/// The rotations of one hour.
public struct HourlyCount: Sendable, Equatable {
    /// The hour's start, `YYYY-MM-DD HH:00:00`, UTC.
    public let hour: String
    /// Rotations.
    public let count: Int
}

/// The rotations to one proxy.
public struct ProxyCount: Sendable, Equatable {
    /// The proxy.
    public let proxyID: String
    /// Rotations.
    public let count: Int
}

extension RotationAudit {
    /// How many rotations each reason had; those with none are left out.
    public func countByReason(hours: Int = 24) throws(RotationError) -> [RotationReason: Int] {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT reason, count(*) FROM rotation_events WHERE timestamp >= ? GROUP BY reason
                    """,
                arguments: [since.milliseconds])
            var counts: [RotationReason: Int] = [:]
            for row in rows { counts[try row.word(0)] = row[1] }
            return counts
        }
    }

    /// Rotations an hour; 0 for no hours.
    public func frequency(hours: Int = 24) throws(RotationError) -> Double {
        guard hours > 0 else { return 0 }
        return Double(try countByReason(hours: hours).values.reduce(0, +)) / Double(hours)
    }

    /// How many rotations each hour had, the oldest first; hours are named `YYYY-MM-DD HH:00:00`, UTC.
    public func hourlyCounts(
        hours: Int = 24
    ) throws(RotationError) -> [HourlyCount] {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT strftime('%Y-%m-%d %H:00:00', timestamp / 1000.0, 'unixepoch') AS hour,
                        count(*)
                    FROM rotation_events WHERE timestamp >= ? GROUP BY hour ORDER BY hour
                    """,
                arguments: [since.milliseconds]
            ).map { HourlyCount(hour: $0[0], count: $0[1]) }
        }
    }

    /// The proxies that were rotated to most often.
    public func mostRotated(
        limit: Int = 10, hours: Int = 24
    ) throws(RotationError) -> [ProxyCount] {
        let since = try base.hoursAgo(hours)
        return try base.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT new_proxy_id, count(*) AS times FROM rotation_events
                    WHERE timestamp >= ? AND new_proxy_id IS NOT NULL
                    GROUP BY new_proxy_id ORDER BY times DESC, new_proxy_id LIMIT ?
                    """,
                arguments: [since.milliseconds, max(0, limit)]
            ).map { ProxyCount(proxyID: $0[0], count: $0[1]) }
        }
    }
}
