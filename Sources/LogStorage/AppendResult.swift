public import EventModel

/// Where the events of one append are, in the order they were given.
public struct AppendResult: Sendable, Equatable {
    /// One event's place.
    public struct Place: Sendable, Equatable {
        /// Its place in the whole log.
        public let position: Position
        /// Its place in its stream.
        public let revision: Revision
        /// `false` if an earlier append had put it there already: same id, same content.
        public let isNew: Bool

        /// Makes a place.
        public init(position: Position, revision: Revision, isNew: Bool) {
            self.position = position
            self.revision = revision
            self.isNew = isNew
        }
    }

    /// The places.
    public let places: [Place]

    /// Makes a result.
    public init(places: [Place]) { self.places = places }

    /// The position of the last event of the append.
    public var lastPosition: Position { places.last?.position ?? .start }
}
