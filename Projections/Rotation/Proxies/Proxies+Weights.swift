internal import EventModel
internal import GRDB

/// The weights of a set of active proxies.
public struct WeightStats: Sendable, Equatable {
    /// The least, 0 for no proxy.
    public let min: Double
    /// The greatest, 0 for no proxy.
    public let max: Double
    /// The mean, 0 for no proxy.
    public let avg: Double
    /// The sum.
    public let total: Double
    /// How many.
    public let count: Int
}

extension Proxies {
    /// Gives a proxy a weight.
    /// - Parameter weight: 0 to 100; 0 is never drawn.
    /// - Returns: `false` when there is no such proxy.
    @discardableResult
    public func updateWeight(id: String, _ weight: Double) async throws(RotationError) -> Bool {
        try ProxyLimits.check(weight: weight)
        guard try find(id: id) != nil else { return false }
        try await change([(id, weight)], .single)
        return true
    }

    /// Gives several proxies weights, all or none; unknown ids are passed over.
    public func batchUpdateWeights(
        _ weights: [(id: String, weight: Double)]
    ) async throws(RotationError) {
        for weight in weights { try ProxyLimits.check(weight: weight.weight) }
        try await change(weights, .batch)
    }

    /// The active proxies with a weight above 0, the heaviest first.
    public func findActiveByWeight() throws(RotationError) -> [Proxy] {
        try select("WHERE status = 'active' AND weight > 0 ORDER BY weight DESC, id")
    }

    /// The sum of the active proxies' weights, of a group or of all.
    public func totalWeight(group: String? = nil) throws(RotationError) -> Double {
        try weightStats(group: group).total
    }

    /// The active proxies' weights, of a group or of all.
    public func weightStats(group: String? = nil) throws(RotationError) -> WeightStats {
        let weights = try active(group).map(\.weight)
        let total = weights.reduce(0, +)
        return WeightStats(
            min: weights.min() ?? 0, max: weights.max() ?? 0,
            avg: weights.isEmpty ? 0 : total / Double(weights.count), total: total,
            count: weights.count)
    }

    /// Scales the active proxies' weights to a sum of 100, proportions kept; a sum of 0 stays.
    public func normalizeWeights(group: String? = nil) async throws(RotationError) {
        let proxies = try active(group)
        let total = proxies.map(\.weight).reduce(0, +)
        guard total > 0 else { return }
        // A single weight can come out one rounding unit above 100.
        try await change(
            proxies.map { ($0.id, Swift.min(100, $0.weight * 100 / total)) }, .normalize, group)
    }

    /// Gives every active proxy the same weight, with a sum of 100; lifts weights of 0, too.
    public func equalizeWeights(group: String? = nil) async throws(RotationError) {
        let proxies = try active(group)
        try await change(
            proxies.map { ($0.id, 100 / Double(proxies.count)) }, .equalize, group)
    }

    private func active(_ group: String?) throws(RotationError) -> [Proxy] {
        guard let group else { return try select("WHERE status = 'active' ORDER BY id") }
        return try select("WHERE status = 'active' AND rotation_group = ? ORDER BY id", [group])
    }

    private func change(
        _ weights: [(id: String, weight: Double)], _ cause: WeightCause, _ group: String? = nil
    ) async throws(RotationError) {
        guard !weights.isEmpty else { return }
        try await base.append([
            ProxyWeightsChanged(
                weights: weights.map { .init(proxyID: $0.id, weight: $0.weight) }, cause: cause,
                group: group, at: base.now)
        ])
    }
}
