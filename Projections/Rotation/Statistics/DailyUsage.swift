internal import EventModel
internal import GRDB

/// What one proxy carried on one day of UTC; kept when the hours are purged.
public struct DailyUsage: Sendable, Equatable {
    /// The proxy.
    public let proxyID: String
    /// The day, `YYYY-MM-DD`.
    public let date: String
    /// Requests.
    public let requestCount: Int
    /// Requests that were answered.
    public let successCount: Int
    /// Requests that were not.
    public let failureCount: Int
    /// The sum of the latency samples, each rounded to a whole millisecond.
    public let totalLatencyMs: Int

    init(row: Row) {
        proxyID = row[0]
        date = row[1]
        requestCount = row[2]
        successCount = row[3]
        failureCount = row[4]
        totalLatencyMs = row[5]
    }
}

extension UsageStatistics {
    /// The days of a proxy or of all, the newest first, then by proxy; both ends are included.
    ///
    /// - Parameters:
    ///   - start: A day, `YYYY-MM-DD`; `nil` for the first one there is.
    ///   - end: A day, `YYYY-MM-DD`; `nil` for the last one there is.
    /// - Throws: `invalid` for a text that is no day; `store` with `MODULE_DISABLED` when the store does
    ///   without the module `reports`.
    public func days(
        proxyID: String? = nil, from start: String? = nil, through end: String? = nil
    ) throws(RotationError) -> [DailyUsage] {
        for day in [start, end] { if let day { try Self.check(day: day) } }
        return try base.read { db in
            guard try db.tableExists("proxy_usage_stats_daily") else {
                throw AnnalsError(
                    .invalid, "MODULE_DISABLED", "The module 'reports' is not enabled.",
                    hint: "Enable it with 'annals modules enable reports', then migrate.",
                    context: .init(projection: "rotation"))
            }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT proxy_id, date, coalesce(request_count, 0), coalesce(success_count, 0),
                        coalesce(failure_count, 0), coalesce(total_latency_ms, 0)
                    FROM proxy_usage_stats_daily
                    WHERE (?1 IS NULL OR proxy_id = ?1) AND date BETWEEN ?2 AND ?3
                    ORDER BY date DESC, proxy_id
                    """, arguments: [proxyID, start ?? "", end ?? "~"]
            ).map(DailyUsage.init(row:))
        }
    }

    private static func check(day: String) throws(RotationError) {
        let parts = day.split(separator: "-", omittingEmptySubsequences: false)
        let isDay =
            parts.map(\.count) == [4, 2, 2]
            && parts.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } }
        guard isDay else {
            throw RotationError(
                .invalid(field: "date"), "A day is written YYYY-MM-DD, not '\(day)'.")
        }
    }
}
