/// The settings that a choice is made by: those of all strategies and those of the one, in one value.
public struct RuntimeConfig: Sendable, Equatable {
    /// Hours of the day in which a time-based rotation may happen.
    public struct ScheduleWindow: Codable, Sendable, Equatable {
        /// The first hour, UTC, 0 to 23.
        public var startHour: Int
        /// The hour that it ends before; below the first one it lies on the next day.
        public var endHour: Int
        /// The days of the week on which it begins, 0 for Sunday; `nil` for all.
        public var daysOfWeek: [Int]?

        /// Makes a window.
        public init(startHour: Int, endHour: Int, daysOfWeek: [Int]? = nil) {
            self.startHour = startHour
            self.endHour = endHour
            self.daysOfWeek = daysOfWeek
        }

        /// Whether a moment lies in it.
        func contains(hour: Int, weekday: Int) -> Bool {
            let isOvernight = endHour < startHour
            let isMorningAfter = isOvernight && hour < endHour
            let begins = isMorningAfter ? (weekday + 6) % 7 : weekday
            guard daysOfWeek?.contains(begins) ?? true else { return false }
            return isOvernight
                ? hour >= startHour || isMorningAfter : hour >= startHour && hour < endHour
        }
    }

    /// How a sticky session gets its first proxy.
    public enum StickyAlgorithm: String, Sendable {
        /// By a hash of the domain.
        case consistent
        /// By chance.
        case random
        /// One after the other.
        case roundRobin = "round-robin"
    }

    /// How it chooses.
    public var strategy: RotationStrategy
    /// Milliseconds between rotations.
    public var interval: Int64
    /// Requests before the caller asks for the next proxy; `nil` for no limit.
    ///
    /// A choice does not look at it: only the caller sees requests.
    public var maxRequestsPerProxy: Int?
    /// Failures before the caller asks for the next proxy; `nil` for no limit.
    public var failureThreshold: Int?
    /// Milliseconds that the caller lets a proxy rest; `nil` for none.
    public var cooldownPeriod: Int64?
    /// Countries in the order in which they are wanted.
    public var geographicPreferences: [String]
    /// Countries that are never taken while there are others.
    public var excludeCountries: [String]
    /// Regions that are preferred.
    public var preferredRegions: [String]
    /// Milliseconds after its last use at which a sticky session ends.
    public var stickySessionTTL: Int64
    /// How a sticky session gets its first proxy.
    public var stickyHashAlgorithm: StickyAlgorithm
    /// Whether a sticky session whose proxy is gone gets another one.
    public var stickyFallbackOnFailure: Bool
    /// Percent by which an interval may be longer or shorter.
    public var jitterPercent: Double
    /// Milliseconds that an interval has at least.
    public var minInterval: Int64?
    /// Milliseconds that an interval has at most.
    public var maxInterval: Int64?
    /// Whether a failure makes it rotate at once.
    public var rotateOnFailure: Bool
    /// When it may rotate; empty for always.
    public var scheduleWindows: [ScheduleWindow]
    /// Weights by proxy id; others have their own.
    public var weights: [String: Double]

    /// Settings of a strategy with nothing said.
    public init(_ strategy: RotationStrategy) {
        self.init(strategy: strategy, commonConfig: [:], strategyConfig: [:])
    }

    /// Flattens the two sets of settings that a configuration has; what is of another type than expected
    /// counts as not said.
    public init(
        strategy: RotationStrategy, commonConfig: [String: JSONValue],
        strategyConfig: [String: JSONValue]
    ) {
        func strings(_ name: String) -> [String] {
            strategyConfig[name]?.array?.compactMap(\.string) ?? []
        }
        self.strategy = strategy
        interval = commonConfig["interval"]?.integer ?? 60_000
        maxRequestsPerProxy = commonConfig["maxRequestsPerProxy"]?.integer.map(Int.init)
        failureThreshold = commonConfig["failureThreshold"]?.integer.map(Int.init)
        cooldownPeriod = commonConfig["cooldownPeriod"]?.integer
        geographicPreferences = strings("geographicPreferences")
        excludeCountries = strings("excludeCountries")
        preferredRegions = strings("preferredRegions")
        stickySessionTTL = strategyConfig["stickySessionTTL"]?.integer ?? 3_600_000
        stickyHashAlgorithm =
            strategyConfig["stickyHashAlgorithm"]?.string.flatMap(StickyAlgorithm.init)
            ?? .consistent
        stickyFallbackOnFailure = strategyConfig["stickyFallbackOnFailure"]?.bool ?? false
        jitterPercent = strategyConfig["jitterPercent"]?.double ?? 0
        minInterval = strategyConfig["minInterval"]?.integer
        maxInterval = strategyConfig["maxInterval"]?.integer
        rotateOnFailure = strategyConfig["rotateOnFailure"]?.bool ?? false
        scheduleWindows = (strategyConfig["scheduleWindows"]?.array ?? []).compactMap {
            guard let window = $0.object, let start = window["startHour"]?.integer,
                let end = window["endHour"]?.integer
            else { return nil }
            return ScheduleWindow(
                startHour: Int(start), endHour: Int(end),
                daysOfWeek: window["daysOfWeek"]?.array?.compactMap { $0.integer.map(Int.init) })
        }
        weights = (strategyConfig["weights"]?.object ?? [:]).compactMapValues(\.double)
    }
}
