public import EventModel

/// What a strategy remembers from choice to choice; a value, so that a choice can be tried and dropped.
public struct SelectionState: Sendable, Equatable {
    /// A domain that stays with a proxy.
    public struct StickyEntry: Sendable, Equatable {
        /// The proxy.
        public var proxyID: String
        /// When it was last used.
        public var lastUsed: Timestamp

        /// Makes an entry.
        public init(proxyID: String, lastUsed: Timestamp) {
            self.proxyID = proxyID
            self.lastUsed = lastUsed
        }
    }

    /// A rotation that happened.
    public struct Turn: Sendable, Equatable {
        /// The proxy that it led to.
        public let proxyID: String
        /// When.
        public let at: Timestamp
    }

    /// Choices made so far, which is the next place of a round.
    public var turns = 0
    /// Choices made so far by country.
    public var turnsByCountry: [String: Int] = [:]
    /// How often each proxy was chosen since the configuration was set.
    public var uses: [String: Int] = [:]
    /// The domains that stay with a proxy.
    public var sticky: [String: StickyEntry] = [:]
    /// The proxy in use.
    public var current: String?
    /// Milliseconds until the next rotation by time.
    public var nextInterval: Int64?
    /// The last rotations by time, the oldest first.
    public private(set) var history: [Turn] = []

    /// Remembers nothing yet; a configuration that is set begins so.
    public init() {}

    /// The history is cut to its last part when it grows beyond this.
    static let historyMax = 1_000
    static let historyKept = 500

    mutating func note(_ turn: Turn) {
        history.append(turn)
        if history.count > Self.historyMax {
            history.removeFirst(history.count - Self.historyKept)
        }
    }
}
