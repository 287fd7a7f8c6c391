internal import EventModel
internal import GRDB

extension StickySessions {
    /// Removes a mapping.
    /// - Returns: `false` when there is none with this id.
    @discardableResult
    public func delete(id: String) async throws(RotationError) -> Bool {
        try await remove(try find(id: id).map { [$0] } ?? []) > 0
    }

    /// Removes the mapping of exactly this text.
    /// - Returns: `false` when there is none.
    @discardableResult
    public func delete(
        domain: String, configID: String? = nil
    ) async throws(RotationError) -> Bool {
        try await remove(try find(domain: domain, configID: configID).map { [$0] } ?? []) > 0
    }

    /// Removes the mappings of a configuration.
    /// - Returns: how many.
    @discardableResult
    public func delete(configID: String) async throws(RotationError) -> Int {
        try await remove(try find(configID: configID))
    }

    /// Removes the mappings that are over now.
    /// - Returns: how many.
    @discardableResult
    public func cleanupExpired() async throws(RotationError) -> Int {
        let (event, count) = try expiry(at: base.now)
        guard count > 0 else { return 0 }
        try await base.append([event])
        return count
    }

    /// The event that takes away what is over at a moment, and how many mappings that is.
    func expiry(
        at now: Timestamp
    ) throws(RotationError) -> (event: StickySessionExpiredPurged, count: Int) {
        let ids = try select("WHERE expires_at <= ? ORDER BY id", [now.milliseconds]).map(\.id)
        return (StickySessionExpiredPurged(cutoff: now, mappingIDs: ids), ids.count)
    }

    private func remove(_ mappings: [StickySession]) async throws(RotationError) -> Int {
        guard !mappings.isEmpty else { return 0 }
        try await base.append([StickySessionRemoved(mappingIDs: mappings.map(\.id))])
        return mappings.count
    }
}
