public import EventModel
internal import GRDB

/// What each proxy carried, hour by hour.
public struct UsageStatistics: Sendable {
    let base: RotationStore

    /// Records what went through a proxy now.
    /// - Throws: `missingReference` for a proxy that does not exist.
    public func recordUsage(_ record: UsageRecord) async throws(RotationError) {
        try await base.append([try record.recorded(at: base.now)])
    }

    /// Records several, all or none.
    /// - Returns: how many.
    @discardableResult
    public func recordUsageBatch(_ records: [UsageRecord]) async throws(RotationError) -> Int {
        let now = base.now
        var events: [any RotationEvent] = []
        events.reserveCapacity(records.count)
        for record in records { events.append(try record.recorded(at: now)) }
        try await base.append(events)
        return records.count
    }

    /// Counts a rotation to a proxy.
    public func recordRotation(
        proxyID: String, reason: RotationReason
    ) async throws(RotationError) {
        try await recordRotationBatch([(proxyID, reason)])
    }

    /// Counts several rotations, all or none.
    /// - Returns: how many.
    @discardableResult
    public func recordRotationBatch(
        _ rotations: [(proxyID: String, reason: RotationReason)]
    ) async throws(RotationError) -> Int {
        let now = base.now
        try await base.append(
            rotations.map {
                ProxyUsageRotationCounted(proxyID: $0.proxyID, reason: $0.reason, at: now)
            })
        return rotations.count
    }

    /// The hours of a proxy, the newest first; both ends are included.
    public func find(
        proxyID: String, from start: Timestamp? = nil, through end: Timestamp? = nil,
        limit: Int? = nil
    ) throws(RotationError) -> [UsageBucket] {
        try select(
            """
            WHERE proxy_id = ? AND time_bucket BETWEEN ? AND ?
            ORDER BY time_bucket DESC LIMIT ?
            """,
            [
                proxyID, start?.milliseconds ?? .min, end?.milliseconds ?? .max,
                limit.map { max(0, $0) } ?? -1,
            ])
    }

    /// A proxy's last hours, the oldest first.
    public func timeSeries(
        proxyID: String, hours: Int = 24
    ) throws(RotationError) -> [UsageBucket] {
        try find(proxyID: proxyID, from: base.hoursAgo(hours)).reversed()
    }

    /// Takes hours away that began more than so many days ago; the days' figures stay.
    /// - Returns: how many.
    @discardableResult
    public func cleanup(retentionDays: Int = 30) async throws(RotationError) -> Int {
        let (event, count) = try purge(retentionDays: retentionDays, at: base.now)
        guard count > 0 else { return 0 }
        try await base.append([event])
        return count
    }

    /// The event that takes old hours away, and how many that is.
    func purge(
        retentionDays: Int, at now: Timestamp
    ) throws(RotationError) -> (event: ProxyUsagePurged, count: Int) {
        let cutoff = try now.minus(retentionDays: retentionDays)
        let count = try base.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM proxy_usage_stats WHERE time_bucket < ?",
                arguments: [cutoff.milliseconds]) ?? 0
        }
        return (ProxyUsagePurged(cutoff: cutoff), count)
    }

    private func select(
        _ clause: String, _ arguments: StatementArguments
    ) throws(RotationError) -> [UsageBucket] {
        try base.read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(UsageBucket.columns) FROM proxy_usage_stats \(clause)",
                arguments: arguments
            ).map(UsageBucket.init(row:))
        }
    }
}

extension RotationStore {
    /// What each proxy carried.
    public var proxyUsageStats: UsageStatistics { UsageStatistics(base: self) }
}
