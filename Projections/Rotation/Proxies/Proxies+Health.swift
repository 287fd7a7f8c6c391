internal import EventModel

extension Proxies {
    /// Says how a proxy stands.
    /// - Returns: `false` when there is no such proxy.
    @discardableResult
    public func setStatus(id: String, _ status: ProxyStatus) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([ProxyStatusChanged(proxyID: id, status: status, at: base.now)])
        return true
    }

    /// Records what a check found; a disabled proxy stays disabled.
    /// - Parameters:
    ///   - latency: In milliseconds.
    ///   - error: What was said, without any secret.
    /// - Returns: `false` when there is no such proxy.
    @discardableResult
    public func recordCheck(
        id: String, success: Bool, latency: Int? = nil, error: String? = nil
    ) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([
            ProxyHealthChecked(
                proxyID: id, success: success, latency: latency, error: error, at: base.now)
        ])
        return true
    }

    /// Records the end of a request: counts it, and keeps the latency if one is given.
    /// - Parameter latency: In milliseconds.
    /// - Returns: `false` when there is no such proxy.
    @discardableResult
    public func updateStats(
        id: String, success: Bool, latency: Int? = nil
    ) async throws(RotationError) -> Bool {
        guard try find(id: id) != nil else { return false }
        try await base.append([
            ProxyStatsUpdated(proxyID: id, success: success, latency: latency, at: base.now)
        ])
        return true
    }
}
