/// What the settings of a configuration may hold; names that are not known here are free.
enum SettingsCheck {
    /// A hundred years in milliseconds: more is a slip.
    static let timeMax: Int64 = 3_155_760_000_000
    private static let countMax: Int64 = 1_000_000_000

    /// The settings that all strategies have.
    static func check(common: [String: JSONValue]) throws(RotationError) {
        for name in ["interval", "cooldownPeriod"] { try whole(name, in: common, 0...timeMax) }
        for name in ["maxRequestsPerProxy", "failureThreshold"] {
            try whole(name, in: common, 1...countMax)
        }
    }

    /// The settings of the strategies.
    static func check(_ settings: [String: JSONValue]) throws(RotationError) {
        for name in ["geographicPreferences", "excludeCountries", "preferredRegions"] {
            try list(name, in: settings, "texts") { $0.string != nil }
        }
        for name in ["stickyFallbackOnFailure", "rotateOnFailure"] {
            try check(name, in: settings, "true or false") { $0.bool != nil }
        }
        try whole("stickySessionTTL", in: settings, 1...timeMax)
        try check("stickyHashAlgorithm", in: settings, "consistent, random or round-robin") {
            $0.string.flatMap(RuntimeConfig.StickyAlgorithm.init) != nil
        }
        try check("jitterPercent", in: settings, "a number from 0 to 100") {
            $0.double.map { (0...100).contains($0) } ?? false
        }
        for name in ["minInterval", "maxInterval"] { try whole(name, in: settings, 0...timeMax) }
        if let least = settings["minInterval"]?.integer,
            let most = settings["maxInterval"]?.integer, least > most
        {
            throw wrong("maxInterval", "no less than minInterval")
        }
        try list("scheduleWindows", in: settings, "windows with startHour and endHour", isWindow)
        try check("weights", in: settings, "numbers from 0 to 100 by proxy id") {
            $0.object?.values.allSatisfy { $0.double.map { (0...100).contains($0) } ?? false }
                ?? false
        }
    }

    private static func isWindow(_ value: JSONValue) -> Bool {
        guard let window = value.object, let start = window["startHour"]?.integer,
            let end = window["endHour"]?.integer, (0...23).contains(start), (0...24).contains(end)
        else { return false }
        guard let days = window["daysOfWeek"], days != .null else { return true }
        return days.array?.allSatisfy { $0.integer.map { (0...6).contains($0) } ?? false } ?? false
    }

    private static func whole(
        _ name: String, in settings: [String: JSONValue], _ range: ClosedRange<Int64>
    ) throws(RotationError) {
        try check(
            name, in: settings, "a whole number from \(range.lowerBound) to \(range.upperBound)"
        ) { $0.integer.map(range.contains) ?? false }
    }

    private static func list(
        _ name: String, in settings: [String: JSONValue], _ what: String,
        _ fits: (JSONValue) -> Bool
    ) throws(RotationError) {
        try check(name, in: settings, "a list of \(what)") {
            $0.array?.allSatisfy(fits) ?? false
        }
    }

    /// A setting that is null is one about which nothing is said.
    private static func check(
        _ name: String, in settings: [String: JSONValue], _ what: String,
        _ fits: (JSONValue) -> Bool
    ) throws(RotationError) {
        guard let value = settings[name], value != .null, !fits(value) else { return }
        throw wrong(name, what)
    }

    private static func wrong(_ name: String, _ what: String) -> RotationError {
        RotationError(.invalid(field: name), "The setting \(name) is \(what).")
    }
}
