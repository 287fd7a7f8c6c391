public import EventModel
internal import LMDB

/// Checked and encoded events, ready to be appended: everything that needs no lock is done.
///
/// Revision and times are filled in when the events get their positions.
public struct PreparedAppend: Sendable {
    /// The records behind one another; revision and recorded time are still zero.
    private(set) var bytes: [UInt8] = []
    private(set) var records: [Record] = []
    /// The streams, types, ids and tags of the events, each once.
    private(set) var names = NameTable()
    /// The numbers in `names` that the records bear, behind one another: stream, type, id, tags.
    private(set) var numbers: [Int32] = []
    let condition: AppendCondition

    /// Where one record lies in `bytes`, and its names in `numbers`.
    struct Record: Sendable {
        let start: Int
        let headerLength: Int
        let length: Int
        let firstName: Int
        let nameCount: Int
        let hasID: Bool
        let occurredIsGiven: Bool

        /// The record's bytes in `bytes`.
        var range: Range<Int> { start..<(start + length) }

        /// The record's names in `numbers`.
        var nameRange: Range<Int> { firstName..<(firstName + nameCount) }
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
        records.reserveCapacity(events.count)
        bytes.reserveCapacity(events.count * 512)
        numbers.reserveCapacity(events.count * 4)
        // By index, events are looked at where they are; a loop over the array copies each of them.
        for index in events.indices {
            try EventCheck.check(events[index])
            append(events[index])
        }
    }

    /// The number of events.
    public var count: Int { records.count }

    /// The types of the events, each once, in no particular order.
    package var types: Set<String> {
        Set(
            names.names.indices.filter { names.names[$0].kind == .type }
                .map { String(utf8: names.bytes(of: $0)) })
    }

    private static let blankFixedPart = [UInt8](repeating: 0, count: RecordFormat.variablePart)

    /// Encodes one event behind the others.
    private mutating func append(_ event: Event) {
        let start = bytes.count
        let firstName = numbers.count
        bytes.append(contentsOf: Self.blankFixedPart)
        append(.type, event.type)
        append(.stream, event.stream)
        numbers.swapAt(firstName, firstName + 1)
        if let id = event.id { append(.id, id) }
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
                start: start, headerLength: headerLength, length: bytes.count - start,
                firstName: firstName, nameCount: numbers.count - firstName,
                hasID: event.id != nil, occurredIsGiven: event.occurred != nil))
        putFixedPart(of: event, at: start, headerLength: headerLength, tagsLength: tagsLength)
    }

    private mutating func append(_ kind: IndexKind, _ name: String) {
        let name = name.utf8.span
        bytes.append(copying: name)
        numbers.append(Int32(names.findOrAdd(kind, name).number))
    }

    private mutating func putFixedPart(
        of event: Event, at start: Int, headerLength: Int, tagsLength: Int
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
