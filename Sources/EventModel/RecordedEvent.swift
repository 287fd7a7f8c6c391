/// An event as the log holds it, copied out of the log.
public struct RecordedEvent: Sendable, Equatable {
    /// Its place in the whole log.
    public let position: Position
    /// Its place in its stream.
    public let revision: Revision
    /// The store's clock at the append; never decreases along the log.
    public let recorded: Timestamp
    /// When it happened, as the caller said, else `recorded`.
    public let occurred: Timestamp
    /// The event's type.
    public let type: String
    /// The event's stream.
    public let stream: String
    /// The caller's id, if it gave one.
    public let id: String?
    /// The event's tags in the order given.
    public let tags: [String]
    /// The version of the data's shape.
    public let schemaVersion: Int
    /// The JSON object that was given, byte for byte.
    public let data: [UInt8]
    /// The JSON object that was given, byte for byte; empty for none.
    public let metadata: [UInt8]

    /// Makes a recorded event from its parts.
    public init(
        position: Position, revision: Revision, recorded: Timestamp, occurred: Timestamp,
        type: String, stream: String, id: String?, tags: [String], schemaVersion: Int,
        data: [UInt8], metadata: [UInt8]
    ) {
        self.position = position
        self.revision = revision
        self.recorded = recorded
        self.occurred = occurred
        self.type = type
        self.stream = stream
        self.id = id
        self.tags = tags
        self.schemaVersion = schemaVersion
        self.data = data
        self.metadata = metadata
    }

    /// The stream's key: the part of its name after the first `/`, or the whole name without one.
    public var key: String {
        guard let slash = stream.utf8.firstIndex(of: UInt8(ascii: "/")) else { return stream }
        return String(stream[stream.utf8.index(after: slash)...])
    }
}
