public import EventModel
internal import LMDB

/// Checked and encoded events, ready to be appended: everything that needs no lock is done.
///
/// Revision and times are filled in when the events get their positions.
public struct PreparedAppend: Sendable {
    /// The records behind one another; revision and recorded time are still zero.
    private(set) var bytes: [UInt8]
    private(set) var records: [Record] = []
    /// The events as if nothing lay before them.
    private(set) var index: TailIndex
    /// Whether any event has an id.
    private(set) var hasIDs = false
    /// Whether an id stands in it more than once.
    private(set) var repeatsIDs = false
    let condition: AppendCondition

    /// Where one record lies in `bytes`, and its names in `index`.
    struct Record: Sendable {
        let start: Int
        let headerLength: UInt32
        let length: UInt32
        let firstPosting: UInt32
        let postingCount: UInt32
        /// The number of its stream in the names of `index`.
        let stream: Int32
        /// Which of the append's events of its stream it is, counted from 1.
        let ordinal: UInt32
        let hasID: Bool
        let occurredIsGiven: Bool

        /// The record's bytes in `bytes`.
        var range: Range<Int> { start..<(start + Int(length)) }

        /// The record's names in the postings of `index`.
        var postings: Range<Int> { Int(firstPosting)..<Int(firstPosting + postingCount) }
    }

    /// Checks and encodes events; nothing is written.
    ///
    /// - Throws: kind `invalid` if there is no event or too many, or one of them or the condition
    ///   breaks a limit.
    public init(_ events: [Event], condition: AppendCondition = .none) throws(AnnalsError) {
        guard !events.isEmpty else {
            throw AnnalsError(.invalid, "APPEND_EMPTY", "An append needs at least one event.")
        }
        guard events.count <= Limits.appendEventsMax else {
            throw AnnalsError(
                .invalid, "APPEND_TOO_LARGE",
                "An append has \(events.count) events; at most \(Limits.appendEventsMax) are allowed.",
                hint: "Append in parts.")
        }
        try EventCheck.check(condition)
        self.condition = condition
        // Most appends hold events of one size; others make the buffers grow.
        bytes = []
        bytes.reserveCapacity(events.count * Self.recordLength(of: events[0]))
        index = TailIndex(
            floor: 0, names: events.count + events.count / 4,
            postings: events.count * (3 + events[0].tags.count))
        records.reserveCapacity(events.count)
        for event in events {
            try EventCheck.check(event)
            append(event)
        }
    }

    /// The number of events.
    public var count: Int { records.count }

    /// The types of the events, each once, in no particular order.
    package var types: Set<String> {
        let names = index.names
        return Set(
            names.names.indices.filter { names.names[$0].kind == .type }
                .map { String(utf8: names.bytes(of: $0)) })
    }

    private static func recordLength(of event: borrowing Event) -> Int {
        var length = RecordFormat.variablePart + event.metadata.count + event.data.count
        length += event.type.utf8.count + event.stream.utf8.count
        if let id = event.id { length += id.utf8.count }
        for tag in event.tags { length += 1 + tag.utf8.count }
        return length
    }

    /// Encodes one event behind the others.
    private mutating func append(_ event: borrowing Event) {
        let start = bytes.count
        let firstPosting = index.postingCount
        index.beginEvent()
        bytes.append(contentsOf: repeatElement(0, count: RecordFormat.variablePart))
        append(.type, event.type)
        let (stream, ordinal) = append(.stream, event.stream)
        if let id = event.id {
            hasIDs = true
            if append(.id, id).count > 1 { repeatsIDs = true }
        }
        let tagsStart = bytes.count
        for tag in event.tags {
            bytes.append(UInt8(tag.utf8.count))
            append(.tag, tag)
        }
        let tagsLength = bytes.count - tagsStart
        bytes.append(contentsOf: event.metadata)
        let headerLength = bytes.count - start
        bytes.append(contentsOf: event.data)
        records.append(
            Record(
                start: start, headerLength: UInt32(headerLength),
                length: UInt32(bytes.count - start), firstPosting: UInt32(firstPosting),
                postingCount: UInt32(index.postingCount - firstPosting), stream: Int32(stream),
                ordinal: UInt32(ordinal), hasID: event.id != nil,
                occurredIsGiven: event.occurred != nil))
        putFixedPart(of: event, at: start, headerLength: headerLength, tagsLength: tagsLength)
    }

    @discardableResult
    private mutating func append(
        _ kind: IndexKind, _ name: String
    ) -> (number: Int, count: Int) {
        let name = name.utf8.span
        bytes.append(copying: name)
        return index.add(kind, name)
    }

    private mutating func putFixedPart(
        of event: borrowing Event, at start: Int, headerLength: Int, tagsLength: Int
    ) {
        typealias Field = RecordFormat
        var bytes = bytes.mutableSpan
        bytes[start + Field.format] = Field.version
        bytes[start + Field.flags] = event.occurred == nil ? 0 : Field.occurredIsGiven
        bytes.put(UInt16(event.schemaVersion), at: start + Field.schemaVersion)
        bytes.put(UInt32(headerLength), at: start + Field.headerLength)
        bytes.put(UInt32(event.data.count), at: start + Field.dataLength)
        let occurred = event.occurred?.milliseconds ?? 0
        bytes.put(UInt64(bitPattern: occurred), at: start + Field.occurred)
        Digest.sha256(event.data.span, into: &bytes, at: start + Field.dataDigest)
        bytes[start + Field.typeLength] = UInt8(event.type.utf8.count)
        bytes[start + Field.streamLength] = UInt8(event.stream.utf8.count)
        bytes[start + Field.idLength] = UInt8(event.id?.utf8.count ?? 0)
        bytes[start + Field.tagCount] = UInt8(event.tags.count)
        bytes.put(UInt16(tagsLength), at: start + Field.tagsLength)
        bytes.put(UInt32(event.metadata.count), at: start + Field.metadataLength)
    }
}
