internal import EventModel
internal import Gzip

/// Reads records. Nothing in a record is believed before its header's checksum and lengths agree.
enum RecordDecoder {
    /// The parts of a record as a view; the header's checksum is verified, the data's digest is not.
    /// - Throws: `RECORD_CORRUPT`, with the position.
    @_lifetime(copy record)
    static func view(
        of record: Span<UInt8>, at position: Position
    ) throws(AnnalsError) -> EventView {
        let headerLength = try checkedHeaderLength(of: record, at: position)
        return try parts(of: record, headerLength: headerLength, at: position)
    }

    /// The parts of a record whose header is known to be whole, because it was checked or just made.
    @_lifetime(copy record)
    static func parts(
        of record: Span<UInt8>, headerLength: Int, at position: Position
    ) throws(AnnalsError) -> EventView {
        typealias Field = RecordFormat
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
            revision: Revision(record.u64(Field.revision)),
            recorded: Timestamp(milliseconds: Int64(bitPattern: record.u64(Field.recorded))),
            occurred: Timestamp(milliseconds: Int64(bitPattern: record.u64(Field.occurred))),
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
    static func checkedHeaderLength(
        of record: Span<UInt8>, at position: Position
    ) throws(AnnalsError) -> Int {
        guard record.count >= RecordFormat.variablePart else {
            throw corrupt(position, "it has \(record.count) bytes, fewer than a header")
        }
        guard record[RecordFormat.format] == RecordFormat.version else {
            throw corrupt(
                position, "its format is \(record[RecordFormat.format]), this program reads 1")
        }
        let headerLength = Int(record.u32(RecordFormat.headerLength))
        let dataLength = Int(record.u32(RecordFormat.dataLength))
        guard headerLength >= RecordFormat.variablePart, headerLength + dataLength == record.count
        else { throw corrupt(position, "its lengths do not add up to its \(record.count) bytes") }
        let covered = record.extracting(RecordFormat.format..<headerLength)
        guard Checksum.crc32(covered) == record.u32(RecordFormat.check) else {
            throw corrupt(position, "its header's checksum does not match")
        }
        return headerLength
    }

    /// Verifies the data against the digest in the header.
    /// - Throws: `RECORD_CORRUPT`, with the position.
    static func checkData(of record: Span<UInt8>, at position: Position) throws(AnnalsError) {
        let headerLength = Int(record.u32(RecordFormat.headerLength))
        let digest = Digest.sha256(record.extracting(headerLength..<record.count))
        for index in 0..<Digest.length
        where digest[index] != record[RecordFormat.dataDigest + index] {
            throw corrupt(position, "its data does not match the digest in its header")
        }
    }

    static func corrupt(_ position: Position, _ what: String) -> AnnalsError {
        AnnalsError(
            .corrupt, "RECORD_CORRUPT",
            "The record at position \(position) is damaged: \(what).",
            hint: "Stop writing, keep a copy of the store, run 'annals verify', and restore a backup.",
            context: .init(position: position))
    }
}
