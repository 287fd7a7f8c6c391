public import EventModel
internal import GRDB

/// The audit of rotations: which proxy followed which, and why.
public struct RotationAudit: Sendable {
    let base: RotationStore

    /// Records a rotation.
    public func record(_ input: RotationInput) async throws(RotationError) -> RotationRecord {
        let id = base.options.makeID()
        try await base.append([try input.occurred(id: id, at: base.now)])
        guard let made = try select("WHERE id = ?", [id]).first else {
            throw RotationError(.notFound(id), "The rotation was recorded and is gone already.")
        }
        return made
    }

    /// The last rotations, the newest first.
    public func recent(limit: Int = 100) throws(RotationError) -> [RotationRecord] {
        try newest("", [], limit)
    }

    /// The last rotations for a reason.
    public func find(
        reason: RotationReason, limit: Int = 100
    ) throws(RotationError) -> [RotationRecord] {
        try newest("WHERE reason = ?", [reason.rawValue], limit)
    }

    /// The last rotations from or to a proxy.
    public func find(proxyID: String, limit: Int = 100) throws(RotationError) -> [RotationRecord] {
        try newest("WHERE previous_proxy_id = ? OR new_proxy_id = ?", [proxyID, proxyID], limit)
    }

    /// The last rotations of a configuration.
    public func find(configID: String, limit: Int = 100) throws(RotationError) -> [RotationRecord] {
        try newest("WHERE config_id = ?", [configID], limit)
    }

    /// The last rotations for a domain.
    public func find(domain: String, limit: Int = 100) throws(RotationError) -> [RotationRecord] {
        try newest("WHERE domain = ?", [domain], limit)
    }

    /// All rotations between two moments, both included; the newest first.
    public func find(
        from start: Timestamp, through end: Timestamp
    ) throws(RotationError) -> [RotationRecord] {
        try select(
            "WHERE timestamp BETWEEN ? AND ? ORDER BY timestamp DESC, seq DESC",
            [start.milliseconds, end.milliseconds])
    }

    /// Takes rows that are older than so many days out of the audit; the log keeps the rotations.
    /// - Returns: how many.
    @discardableResult
    public func cleanup(retentionDays: Int = 30) async throws(RotationError) -> Int {
        let (event, count) = try purge(retentionDays: retentionDays, at: base.now)
        guard count > 0 else { return 0 }
        try await base.append([event])
        return count
    }

    /// The event that takes old rows away, and how many rows that is.
    func purge(
        retentionDays: Int, at now: Timestamp
    ) throws(RotationError) -> (event: ProxyRotationPurged, count: Int) {
        let cutoff = try now.minus(retentionDays: retentionDays)
        let count = try base.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM rotation_events WHERE timestamp < ?",
                arguments: [cutoff.milliseconds]) ?? 0
        }
        return (ProxyRotationPurged(cutoff: cutoff), count)
    }

    private func newest(
        _ clause: String, _ arguments: StatementArguments, _ limit: Int
    ) throws(RotationError) -> [RotationRecord] {
        try select(
            "\(clause) ORDER BY timestamp DESC, seq DESC LIMIT \(max(0, limit))", arguments)
    }

    private func select(
        _ clause: String, _ arguments: StatementArguments
    ) throws(RotationError) -> [RotationRecord] {
        try base.read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(RotationRecord.columns) FROM rotation_events \(clause)",
                arguments: arguments
            ).map(RotationRecord.init(row:))
        }
    }
}

extension RotationStore {
    /// The audit of rotations.
    public var rotationEvents: RotationAudit { RotationAudit(base: self) }
}
