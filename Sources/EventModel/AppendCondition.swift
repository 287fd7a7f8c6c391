/// What must be true of a stream for an append to be accepted.
public enum ExpectedRevision: Sendable, Equatable {
    /// The stream has no event.
    case noStream
    /// The stream has at least one event.
    case exists
    /// The stream's last event has exactly this revision; 0 is the same as `noStream`.
    case exactly(Revision)
}

/// What must be true of the log for an append to be accepted; all parts together, checked in the
/// same transaction that writes the events.
public struct AppendCondition: Sendable, Equatable {
    /// A stream and what is expected of it.
    public struct StreamCondition: Sendable, Equatable {
        /// The stream's name.
        public var stream: String
        /// What is expected of it.
        public var expected: ExpectedRevision

        /// Makes a condition on one stream.
        public init(stream: String, expected: ExpectedRevision) {
            self.stream = stream
            self.expected = expected
        }
    }

    /// Conditions on streams, each stream at most once.
    public var streams: [StreamCondition]
    /// Events that must not exist after `after` (a dynamic consistency boundary); `nil` for no such condition.
    public var failIfEventsMatch: EventQuery?
    /// Only events after this position count for `failIfEventsMatch`.
    public var after: Position

    /// Accepts any append.
    public static let none = AppendCondition()

    /// Makes a condition from its parts.
    public init(
        streams: [StreamCondition] = [], failIfEventsMatch: EventQuery? = nil,
        after: Position = .start
    ) {
        self.streams = streams
        self.failIfEventsMatch = failIfEventsMatch
        self.after = after
    }

    /// Expects something of one stream.
    public static func stream(_ stream: String, _ expected: ExpectedRevision) -> AppendCondition {
        AppendCondition(streams: [StreamCondition(stream: stream, expected: expected)])
    }
}

/// Why an append condition failed: what was expected and what was found.
public enum AppendConflict: Sendable, Equatable {
    /// The stream is at another revision than expected; `found` is 0 for a stream without events.
    case stream(String, expected: ExpectedRevision, found: Revision)
    /// The event at `position` matches the query that had to match nothing.
    case eventsMatch(position: Position, type: String, stream: String)
    /// The id was appended before, at `position`, with other content.
    case id(String, position: Position)
}
