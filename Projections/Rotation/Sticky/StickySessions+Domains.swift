internal import EventModel

/// What programs without configurations do: a domain is the key, a lifetime is in milliseconds and
/// begins anew with each use.
extension StickySessions {
    /// Maps a domain to a proxy for so long after its last use, without a configuration; the mapping
    /// counts itself as a use.
    ///
    /// - Parameter ttl: Milliseconds; `nil` for ever.
    public func create(
        domain: String, proxyID: String, ttl: Int64? = nil
    ) async throws(RotationError) -> StickySession {
        try await map(domain, proxyID, nil, try Self.checked(ttl: ttl), .sliding, requestCount: 1)
    }

    /// Changes the mapping of a domain; what is not given stays.
    ///
    /// - Parameters:
    ///   - proxyID: The new proxy.
    ///   - ttl: Milliseconds after its last use; `.some(nil)` for ever.
    /// - Returns: the mapping as it is then, `nil` when there is none of this text.
    public func update(
        domain: String, proxyID: String? = nil, ttl: Int64?? = nil
    ) async throws(RotationError) -> StickySession? {
        guard let old = try find(domain: domain) else { return nil }
        guard proxyID != nil || ttl != nil else { return old }
        guard let ttl else {
            try await updateProxy(id: old.id, proxyID: proxyID ?? old.proxyID)
            return try find(domain: domain)
        }
        return try await map(
            domain, proxyID ?? old.proxyID, nil, try Self.checked(ttl: ttl), .sliding,
            requestCount: nil)
    }
}
