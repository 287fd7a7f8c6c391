/// Which events: those that match any of the items; without items, all events.
public struct EventQuery: Sendable, Equatable {
    /// One alternative: an event matches if its type is among `types`, it has all `tags`, and it is of
    /// `stream`.
    public struct Item: Sendable, Equatable {
        /// One of these types; empty for any type.
        public var types: [String]
        /// All of these tags; empty for any tags.
        public var tags: [String]
        /// Of this stream; `nil` for any stream.
        public var stream: String?

        /// Makes an item; with all parts empty it matches every event.
        public init(types: [String] = [], tags: [String] = [], stream: String? = nil) {
            self.types = types
            self.tags = tags
            self.stream = stream
        }
    }

    /// The alternatives.
    public var items: [Item]

    /// Every event of the log.
    public static let all = EventQuery(items: [])

    /// Makes a query from alternatives.
    public init(items: [Item]) { self.items = items }

    /// Makes a query of one alternative.
    public init(types: [String] = [], tags: [String] = [], stream: String? = nil) {
        self.items = [Item(types: types, tags: tags, stream: stream)]
    }
}
