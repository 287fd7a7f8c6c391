internal import EventModel
internal import LMDB

/// What a record gets at its append.
struct Stamp {
    let revision: UInt64
    let recorded: Int64
}

/// Reads records.
///
/// Nothing in a record is believed before its header's checksum and lengths agree.
enum RecordDecoder {
    private typealias Field = RecordFormat

    /// The parts of a record as a view; the header's checksum is verified, the data's digest is not.
    /// - Throws: `RECORD_CORRUPT`, with the position.
    @_lifetime(copy record)
    @inline(__always)
    static func view(
        of record: Span<UInt8>, at position: Position
    ) throws(AnnalsError) -> EventView {
        let headerLength = try checkedHeaderLength(of: record, at: position)
        let event = try parts(
            of: record, headerLength: headerLength, at: position,
            revision: record.u64(Field.revision),
            recorded: Int64(bitPattern: record.u64(Field.recorded)),
            occurred: Int64(bitPattern: record.u64(Field.occurred)))
        guard tagsAreWhole(event) else {
            throw corrupt(position, "its tags do not fill their place")
        }
        return event
    }

    /// A record that waits for its append, as the event that the append will make of it.
    @_lifetime(copy bytes)
    static func staged(
        _ record: PreparedAppend.Record, of bytes: Span<UInt8>, at position: Position,
        stamp: Stamp
    ) throws(AnnalsError) -> EventView {
        let bytes = bytes.extracting(record.range)
        return try parts(
            of: bytes, headerLength: Int(record.headerLength), at: position,
            revision: stamp.revision, recorded: stamp.recorded,
            occurred: record.occurredIsGiven
                ? Int64(bitPattern: bytes.u64(Field.occurred)) : stamp.recorded)
    }

    @_lifetime(copy record)
    @inline(__always)
    private static func parts(
        of record: Span<UInt8>, headerLength: Int, at position: Position, revision: UInt64,
        recorded: Int64, occurred: Int64
    ) throws(AnnalsError) -> EventView {
        let typeEnd = Field.variablePart + Int(record[Field.typeLength])
        let streamEnd = typeEnd + Int(record[Field.streamLength])
        let idEnd = streamEnd + Int(record[Field.idLength])
        let tagsEnd = idEnd + Int(record.u16(Field.tagsLength))
        let metadataEnd = tagsEnd + Int(record.u32(Field.metadataLength))
        guard metadataEnd == headerLength else {
            throw corrupt(position, "its parts do not fill its header")
        }
        return EventView(
            position: position,
            revision: Revision(revision),
            recorded: Timestamp(milliseconds: recorded),
            occurred: Timestamp(milliseconds: occurred),
            schemaVersion: Int(record.u16(Field.schemaVersion)),
            type: record.extracting(Field.variablePart..<typeEnd),
            stream: record.extracting(typeEnd..<streamEnd),
            id: record.extracting(streamEnd..<idEnd),
            tagCount: Int(record[Field.tagCount]),
            tags: record.extracting(idEnd..<tagsEnd),
            metadata: record.extracting(tagsEnd..<metadataEnd),
            data: record.extracting(headerLength..<record.count))
    }

    /// The header's length, after its checksum and the record's lengths were verified.
    @inline(__always)
    private static func checkedHeaderLength(
        of record: Span<UInt8>, at position: Position
    ) throws(AnnalsError) -> Int {
        guard record.count >= Field.variablePart else {
            throw corrupt(position, "it has \(record.count) bytes, fewer than a header")
        }
        let headerLength = Int(record.u32(Field.headerLength))
        let dataLength = Int(record.u32(Field.dataLength))
        guard headerLength >= Field.variablePart, headerLength + dataLength == record.count
        else { throw corrupt(position, "its lengths do not add up to its \(record.count) bytes") }
        let covered = record.extracting(Field.format..<headerLength)
        guard XXHash64.hash(covered) == record.u64(Field.check) else {
            throw corrupt(position, "its header's checksum does not match")
        }
        guard record[Field.format] == Field.version, record[Field.flags] & ~Field.flagsKnown == 0,
            record.u16(Field.reserved) == 0
        else {
            throw corrupt(
                position,
                "its format is \(record[Field.format]) with flags \(record[Field.flags]), which this program does not read"
            )
        }
        return headerLength
    }

    /// Whether the tags' length bytes lead exactly to their end, and count them.
    private static func tagsAreWhole(_ event: borrowing EventView) -> Bool {
        let tags = event.tagBytes
        var start = 0
        var count = 0
        while start < tags.count {
            start += 1 + Int(tags[start])
            count += 1
        }
        return start == tags.count && count == event.tagCount
    }

    /// Verifies the data of a record whose header was verified against the digest in it.
    /// - Throws: `RECORD_CORRUPT`, with the position.
    static func checkData(
        _ data: Span<UInt8>, of record: Span<UInt8>, at position: Position
    ) throws(AnnalsError) {
        guard Digest.isSHA256(of: data, in: record, at: Field.dataDigest) else {
            throw corrupt(position, "its data does not match the digest in its header")
        }
    }

    @inline(never)
    static func corrupt(_ position: Position, _ what: String) -> AnnalsError {
        AnnalsError(
            .corrupt, "RECORD_CORRUPT",
            "The record at position \(position) is damaged: \(what).",
            hint:
                "Stop writing, keep a copy of the store, run 'annals verify', and restore a backup.",
            context: .init(position: position))
    }
}
