/// A fact to append: what happened, to which stream, with which data.
///
/// The parts are checked when the event is appended, not here.
public struct Event: Sendable, Equatable {
    /// What happened, for example `proxy.added`: 1 to 255 bytes of UTF-8 without control characters.
    public var type: String
    /// The entity it happened to, named `kind/id`: 1 to 255 bytes of UTF-8 without control characters.
    public var stream: String
    /// One JSON object in the I-JSON profile (RFC 7493), kept as the bytes that were given.
    public var data: [UInt8]
    /// One JSON object (actor, correlation, causation …), or empty for none.
    public var metadata: [UInt8]
    /// Words to find the event by, besides type and stream; at most 64, order kept, no duplicates.
    public var tags: [String]
    /// The caller's id: it can be appended once to a log, for ever.
    ///
    /// `nil` for none.
    public var id: String?
    /// When it happened, if the caller says so; `nil` stands for the time of the append.
    public var occurred: Timestamp?
    /// The version of the data's shape, 1 to 65,535; upcasters turn older ones into newer ones.
    public var schemaVersion: Int

    /// Streams whose names begin so are the store's own.
    package static let reservedPrefix = "annals/"

    /// Makes an event from data bytes.
    public init(
        type: String, stream: String, data: [UInt8], metadata: [UInt8] = [], tags: [String] = [],
        id: String? = nil, occurred: Timestamp? = nil, schemaVersion: Int = 1
    ) {
        self.type = type
        self.stream = stream
        self.data = data
        self.metadata = metadata
        self.tags = tags
        self.id = id
        self.occurred = occurred
        self.schemaVersion = schemaVersion
    }

    /// Makes an event from data text.
    public init(
        type: String, stream: String, data: String, metadata: String = "", tags: [String] = [],
        id: String? = nil, occurred: Timestamp? = nil, schemaVersion: Int = 1
    ) {
        self.init(
            type: type, stream: stream, data: Array(data.utf8), metadata: Array(metadata.utf8),
            tags: tags, id: id, occurred: occurred, schemaVersion: schemaVersion)
    }
}
