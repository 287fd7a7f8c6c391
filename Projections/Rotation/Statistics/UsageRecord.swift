internal import EventModel

/// What went through a proxy.
public struct UsageRecord: Sendable {
    /// The proxy.
    public var proxyID: String
    /// Requests.
    public var requests: Int
    /// Requests that were answered.
    public var successful: Int
    /// Requests that were not.
    public var failed: Int
    /// A sample of the latency, in milliseconds; not below 0.
    public var latencyMs: Double?
    /// Bytes to the target.
    public var bytesSent: Int
    /// Bytes from the target.
    public var bytesReceived: Int
    /// What went wrong.
    public var error: UsageError?
    /// The target's domain.
    public var domain: String?
    /// The target's country.
    public var country: String?
    /// The session.
    public var sessionID: String?

    /// Makes a record; one request by default.
    public init(
        proxyID: String, requests: Int = 1, successful: Int = 0, failed: Int = 0,
        latencyMs: Double? = nil, bytesSent: Int = 0, bytesReceived: Int = 0,
        error: UsageError? = nil, domain: String? = nil, country: String? = nil,
        sessionID: String? = nil
    ) {
        self.proxyID = proxyID
        self.requests = requests
        self.successful = successful
        self.failed = failed
        self.latencyMs = latencyMs
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.error = error
        self.domain = domain
        self.country = country
        self.sessionID = sessionID
    }

    /// Sums of so large counts still fit into 64 bits.
    private static let countMax = 1_000_000_000_000_000
    private static let messageMax = 4_096

    /// The event that records it, once its fields are found to be right.
    func recorded(at: Timestamp) throws(RotationError) -> ProxyUsageRecorded {
        let counts = [
            ("requests", requests), ("successful", successful), ("failed", failed),
            ("bytesSent", bytesSent), ("bytesReceived", bytesReceived),
        ]
        for (field, count) in counts where !(0...Self.countMax).contains(count) {
            throw RotationError(
                .invalid(field: field), "The field \(field) is 0 to \(Self.countMax), not \(count)."
            )
        }
        if let latencyMs, !(0...Double(SettingsCheck.timeMax)).contains(latencyMs) {
            throw RotationError(
                .invalid(field: "latencyMs"), "A latency is a number of milliseconds, 0 or more.")
        }
        if let type = error?.type { try ProxyLimits.check("error", type, 1...100) }
        if let message = error?.message, message.utf8.count > Self.messageMax {
            throw RotationError(
                .invalid(field: "error"),
                "The message of an error has at most \(Self.messageMax) bytes.")
        }
        try ProxyLimits.check(
            target: ("domain", domain), ("country", country), ("sessionID", sessionID))
        return ProxyUsageRecorded(
            proxyID: proxyID, requests: requests, successful: successful, failed: failed,
            latencyMs: latencyMs, bytesSent: bytesSent, bytesReceived: bytesReceived, error: error,
            domain: domain, country: country, sessionID: sessionID, at: at)
    }
}
