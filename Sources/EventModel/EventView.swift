/// A recorded event lent from the log's memory: nothing is copied until it is asked for.
///
/// The view lives as long as the read that lends it; the compiler holds its users to that.
public struct EventView: ~Escapable {
    /// Its place in the whole log.
    public let position: Position
    /// Its place in its stream.
    public let revision: Revision
    /// The store's clock at the append.
    public let recorded: Timestamp
    /// When it happened.
    public let occurred: Timestamp
    /// The version of the data's shape.
    public let schemaVersion: Int
    /// The type, UTF-8.
    public let typeBytes: Span<UInt8>
    /// The stream's name, UTF-8.
    public let streamBytes: Span<UInt8>
    /// The client's id, UTF-8; empty when it gave none.
    public let idBytes: Span<UInt8>
    /// The number of tags.
    public let tagCount: Int
    /// The tags, each a length byte and that many bytes of UTF-8.
    public let tagBytes: Span<UInt8>
    /// The metadata, a JSON object; empty for none.
    public let metadata: Span<UInt8>
    /// The data, a JSON object, as the bytes that were given.
    public let data: Span<UInt8>

    /// Joins the lent parts of one record.
    @_lifetime(copy type, copy stream, copy id, copy tags, copy metadata, copy data)
    public init(
        position: Position, revision: Revision, recorded: Timestamp, occurred: Timestamp,
        schemaVersion: Int, type: Span<UInt8>, stream: Span<UInt8>, id: Span<UInt8>, tagCount: Int,
        tags: Span<UInt8>, metadata: Span<UInt8>, data: Span<UInt8>
    ) {
        self.position = position
        self.revision = revision
        self.recorded = recorded
        self.occurred = occurred
        self.schemaVersion = schemaVersion
        self.typeBytes = type
        self.streamBytes = stream
        self.idBytes = id
        self.tagCount = tagCount
        self.tagBytes = tags
        self.metadata = metadata
        self.data = data
    }

    /// The type as text.
    public var type: String { String(utf8: typeBytes) }

    /// The stream's name as text.
    public var stream: String { String(utf8: streamBytes) }

    /// The client's id as text, `nil` when it gave none.
    public var id: String? { idBytes.isEmpty ? nil : String(utf8: idBytes) }

    /// The tags as text, in the order given.
    public var tags: [String] {
        var tags: [String] = []
        var start = 0
        while start < tagBytes.count {
            let end = start + 1 + Int(tagBytes[start])
            tags.append(String(utf8: tagBytes.extracting((start + 1)..<end)))
            start = end
        }
        return tags
    }

    /// The part of the stream's name after the first `/`, or the whole name without one.
    public var keyBytes: Span<UInt8> {
        @_lifetime(copy self)
        get {
            for index in streamBytes.indices where streamBytes[index] == UInt8(ascii: "/") {
                return streamBytes.extracting((index + 1)..<streamBytes.count)
            }
            return streamBytes
        }
    }

    /// A copy that outlives the read.
    public func copy() -> RecordedEvent {
        RecordedEvent(
            position: position, revision: revision, recorded: recorded, occurred: occurred,
            type: type, stream: stream, id: id, tags: tags, schemaVersion: schemaVersion,
            data: Array(copying: data), metadata: Array(copying: metadata))
    }
}
