public import EventModel

/// What a proxy is wanted for.
public struct SelectionContext: Sendable, Equatable {
    /// The target's domain, in lower case.
    public let domain: String?
    /// The target's address as it was given.
    public let url: String?
    /// The path of the address.
    public let path: String?
    /// The country that the proxy should be in.
    public let country: String?
    /// When.
    public let time: Timestamp
    /// Rotate even when nothing asks for it.
    public let isForced: Bool
    /// The proxy in use has failed.
    public let hasFailed: Bool

    /// Makes a context.
    /// - Parameter domain: A domain or an address; left out, the address says it.
    public init(
        domain: String? = nil, url: String? = nil, country: String? = nil, time: Timestamp,
        isForced: Bool = false, hasFailed: Bool = false
    ) {
        self.domain = (domain ?? url).map { TargetAddress($0).domain }
        self.url = url
        path = url.map { TargetAddress($0).path }
        self.country = country
        self.time = time
        self.isForced = isForced
        self.hasFailed = hasFailed
    }

    /// The hour of the day, UTC.
    var hour: Int { Int(floorMod(time.milliseconds, 86_400_000) / 3_600_000) }

    /// The day of the week, UTC, 0 for Sunday; the epoch was a Thursday.
    var weekday: Int {
        let day = time.milliseconds / 86_400_000 - (time.milliseconds % 86_400_000 < 0 ? 1 : 0)
        return Int(floorMod(day + 4, 7))
    }

    private func floorMod(_ number: Int64, _ by: Int64) -> Int64 { ((number % by) + by) % by }
}
