internal import EventModel
internal import GRDB

/// The settings of the one configuration that programs without others know.
public struct DefaultSettings: Sendable, Equatable {
    /// How it chooses.
    public var strategy = RotationStrategy.roundRobin
    /// Milliseconds between rotations; `nil` when nothing is said.
    public var intervalMs: Int64?
    /// Requests before the next proxy; `nil` for no limit.
    public var maxRequestsPerProxy: Int64?
    /// Failures before the next proxy; `nil` for no limit.
    public var failureThreshold: Int64?
    /// The settings of the strategy; `nil` when nothing is said.
    public var config: [String: JSONValue]?

    /// A round-robin about which nothing is said.
    public init() {}
}

/// The one configuration of programs that know no others: the active one of no group.
public struct DefaultConfig: Sendable {
    let base: RotationStore

    /// Its settings; a round-robin about which nothing is said when there is none, and nothing is
    /// written then.
    public func get() throws(RotationError) -> DefaultSettings {
        try base.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT strategy, interval_ms, max_requests_per_proxy, failure_threshold,
                        config_json
                    FROM rotation_config
                    """)
            var settings = DefaultSettings()
            guard let row else { return settings }
            settings.strategy = try row.word(0)
            settings.intervalMs = row[1]
            settings.maxRequestsPerProxy = row[2]
            settings.failureThreshold = row[3]
            let config = try row.json(4)?.object ?? [:]
            settings.config = config.isEmpty ? nil : config
            return settings
        }
    }

    /// Changes what is given, and makes and activates the configuration when there is none.
    ///
    /// - Parameters:
    ///   - intervalMs: Milliseconds between rotations.
    ///   - config: The new settings of the strategy, whole.
    /// - Returns: the settings as they are then.
    /// - Throws: `invalid` with the field's name.
    @discardableResult
    public func update(
        strategy: RotationStrategy? = nil, intervalMs: Int? = nil,
        maxRequestsPerProxy: Int? = nil, failureThreshold: Int? = nil,
        config: [String: JSONValue]? = nil
    ) async throws(RotationError) -> DefaultSettings {
        var common: [String: JSONValue] = [:]
        common["interval"] = intervalMs.map { .integer(Int64($0)) }
        common["maxRequestsPerProxy"] = maxRequestsPerProxy.map { .integer(Int64($0)) }
        common["failureThreshold"] = failureThreshold.map { .integer(Int64($0)) }
        try SettingsCheck.check(common: common)
        if let config { try SettingsCheck.check(config) }
        guard strategy != nil || !common.isEmpty || config != nil else { return try get() }
        try await base.append([
            RotationDefaultChanged(
                strategy: strategy, intervalMs: intervalMs,
                maxRequestsPerProxy: maxRequestsPerProxy, failureThreshold: failureThreshold,
                config: config, at: base.now)
        ])
        return try get()
    }

    /// Changes the strategy alone.
    @discardableResult
    public func setStrategy(
        _ strategy: RotationStrategy
    ) async throws(RotationError) -> DefaultSettings {
        try await update(strategy: strategy)
    }
}

extension RotationStore {
    /// The one configuration of programs that know no others.
    public var defaultConfig: DefaultConfig { DefaultConfig(base: self) }
}
