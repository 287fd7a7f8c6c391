import EventModel
import RotationProjection

/// Proxies that no store holds.
enum Pool {
    static let time = Timestamp(milliseconds: 1_767_225_600_000)

    static func proxy(
        _ id: String, country: String? = nil, region: String? = nil, latency: Int? = nil,
        failures: Int = 0, rate: Double = 100, weight: Double = 1, group: String? = nil,
        tags: [String] = []
    ) -> Proxy {
        Proxy(
            id: id, name: id, host: "\(id).example", port: 80, protocol: .http, latency: latency,
            failureCount: failures, successRate: rate, region: region, tags: tags,
            geolocation: country.map { ["country": .string($0)] }, weight: weight,
            rotationGroup: group, createdAt: time, updatedAt: time)
    }

    static let five = ["a", "b", "c", "d", "e"].map { proxy($0) }
}

extension RuntimeConfig {
    static func with(
        _ strategy: RotationStrategy, common: [String: JSONValue] = [:],
        _ settings: [String: JSONValue] = [:]
    ) -> RuntimeConfig {
        RuntimeConfig(strategy: strategy, commonConfig: common, strategyConfig: settings)
    }
}
