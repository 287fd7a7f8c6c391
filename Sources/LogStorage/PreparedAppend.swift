public import EventModel

/// Checked and encoded events, ready to be appended: everything that needs no lock is done.
///
/// Revision and times are filled in when the events get their positions.
public struct PreparedAppend: Sendable {
    /// The records behind one another, with revision and recorded time still open.
    var bytes: [UInt8] = []
    var records: [Record] = []
    let condition: AppendCondition

    /// Where one record lies in `bytes`.
    struct Record: Sendable {
        let start: Int
        let headerLength: Int
        let length: Int

        /// The record's bytes in `bytes`.
        var range: Range<Int> { start..<(start + length) }

        /// The record as an event; what an append fills in may still be open.
        @_lifetime(copy bytes)
        func view(
            in bytes: Span<UInt8>, at position: Position
        ) throws(AnnalsError) -> EventView {
            try RecordDecoder.parts(
                of: bytes.extracting(range), headerLength: headerLength, at: position)
        }
    }

    /// Checks and encodes events; nothing is written.
    ///
    /// - Throws: kind `invalid` if there is no event or too many, or one of them breaks a limit.
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
        self.condition = condition
        records.reserveCapacity(events.count)
        bytes.reserveCapacity(events.count * 512)
        for event in events {
            try EventCheck.check(event)
            append(event)
        }
    }

    /// The number of events.
    public var count: Int { records.count }

    /// The types of the events, each once, in no particular order.
    package var types: Set<String> {
        var types: Set<[UInt8]> = []
        for record in records {
            let start = record.start + RecordFormat.variablePart
            types.insert(
                Array(bytes[start..<(start + Int(bytes[record.start + RecordFormat.typeLength]))]))
        }
        return Set(types.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Encodes one event behind the others.
    private mutating func append(_ event: Event) {
        let start = bytes.count
        let tagsLength = event.tags.reduce(0) { $0 + 1 + $1.utf8.count }
        let headerLength =
            RecordFormat.variablePart + event.type.utf8.count + event.stream.utf8.count
            + (event.id?.utf8.count ?? 0) + tagsLength + event.metadata.count
        bytes.append(contentsOf: repeatElement(0, count: RecordFormat.variablePart))
        typealias Field = RecordFormat
        bytes[start + Field.format] = Field.version
        bytes[start + Field.flags] = event.occurred == nil ? 0 : Field.occurredIsGiven
        bytes.put(UInt16(event.schemaVersion), at: start + Field.schemaVersion)
        bytes.put(UInt32(headerLength), at: start + Field.headerLength)
        bytes.put(UInt32(event.data.count), at: start + Field.dataLength)
        let occurred = event.occurred?.milliseconds ?? 0
        bytes.put(UInt64(bitPattern: occurred), at: start + Field.occurred)
        let digest = Digest.sha256(event.data.span)
        bytes.replaceSubrange(
            (start + Field.dataDigest)..<(start + Field.dataDigest + Digest.length), with: digest)
        bytes[start + Field.typeLength] = UInt8(event.type.utf8.count)
        bytes[start + Field.streamLength] = UInt8(event.stream.utf8.count)
        bytes[start + Field.idLength] = UInt8(event.id?.utf8.count ?? 0)
        bytes[start + Field.tagCount] = UInt8(event.tags.count)
        bytes.put(UInt16(tagsLength), at: start + Field.tagsLength)
        bytes.put(UInt32(event.metadata.count), at: start + Field.metadataLength)
        bytes.append(contentsOf: event.type.utf8)
        bytes.append(contentsOf: event.stream.utf8)
        if let id = event.id { bytes.append(contentsOf: id.utf8) }
        for tag in event.tags {
            bytes.append(UInt8(tag.utf8.count))
            bytes.append(contentsOf: tag.utf8)
        }
        bytes.append(contentsOf: event.metadata)
        bytes.append(contentsOf: event.data)
        records.append(
            Record(start: start, headerLength: headerLength, length: bytes.count - start))
    }
}
