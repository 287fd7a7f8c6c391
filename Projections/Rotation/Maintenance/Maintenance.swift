internal import Annals
internal import EventModel

/// What a run of maintenance took away.
public struct MaintenanceResult: Sendable, Equatable {
    /// Hourly statistics.
    public let statsDeleted: Int
    /// Rows of the audit.
    public let eventsDeleted: Int
    /// Sticky mappings.
    public let expiredMappingsDeleted: Int
    /// Whether the projection's file was made compact.
    public let vacuumed: Bool
}

/// Looks after the read model: what is old leaves it, the log keeps everything.
public struct Maintenance: Sendable {
    let base: RotationStore

    /// Takes old hourly statistics, old rows of the audit and ended mappings away, in one append.
    ///
    /// - Parameters:
    ///   - statsRetentionDays: Hours that began longer ago leave, 0 to 36,525 days.
    ///   - eventsRetentionDays: Rotations longer ago leave the audit, 0 to 36,525 days.
    ///   - vacuum: Makes the file compact then, by building it anew beside the live one; that this was
    ///     done is a second append.
    /// - Throws: `invalid`; with `vacuum` what keeps the projection from being rebuilt.
    @discardableResult
    public func run(
        statsRetentionDays: Int = 30, eventsRetentionDays: Int = 30, vacuum: Bool = false
    ) async throws(RotationError) -> MaintenanceResult {
        let now = base.now
        let stats = try base.proxyUsageStats.purge(retentionDays: statsRetentionDays, at: now)
        let audit = try base.rotationEvents.purge(retentionDays: eventsRetentionDays, at: now)
        let mappings = try base.stickySessions.expiry(at: now)
        var events: [any RotationEvent] = []
        if stats.count > 0 { events.append(stats.event) }
        if audit.count > 0 { events.append(audit.event) }
        if mappings.count > 0 { events.append(mappings.event) }
        let done = MaintenanceCompleted(
            statsDeleted: stats.count, eventsDeleted: audit.count, mappingsDeleted: mappings.count,
            vacuumed: vacuum, at: now)
        if vacuum {
            try await base.append(events)
            try await base.rebuild()
            try await base.append([done])
        } else {
            try await base.append(events + [done])
        }
        return MaintenanceResult(
            statsDeleted: stats.count, eventsDeleted: audit.count,
            expiredMappingsDeleted: mappings.count, vacuumed: vacuum)
    }
}

extension RotationStore {
    /// Looks after the read model.
    public var maintenance: Maintenance { Maintenance(base: self) }

    fileprivate func rebuild() async throws(RotationError) {
        do {
            _ = try await store.rebuild(all: ["rotation"]) { _, _, _ in }
        } catch {
            throw RotationError(error)
        }
    }
}
