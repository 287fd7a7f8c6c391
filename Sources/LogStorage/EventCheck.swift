package import EventModel
internal import LMDB

/// What an event must be to enter the log.
///
/// Every refusal says which part, what was found and the bound.
package enum EventCheck {
    /// - Throws: kind `invalid`, code by the part that is wrong.
    package static func check(_ event: borrowing Event) throws(AnnalsError) {
        try checkName(event.type, "type", "TYPE_INVALID")
        try checkName(event.stream, "stream", "STREAM_INVALID")
        if let id = event.id { try checkName(id, "id", "ID_INVALID") }
        try checkTags(event)
        guard (1...Limits.schemaVersionMax).contains(event.schemaVersion) else {
            throw AnnalsError(
                .invalid, "SCHEMA_VERSION_INVALID",
                "The schema version is \(event.schemaVersion); it must be 1 to 65535.",
                context: context(event))
        }
        guard event.data.count <= Limits.dataBytesMax else {
            throw AnnalsError(
                .invalid, "DATA_TOO_LARGE",
                "The data has \(event.data.count) bytes; at most \(Limits.dataBytesMax) (64 MiB) are allowed.",
                hint: "Split the event, or keep the content elsewhere and its digest here.",
                context: context(event))
        }
        guard event.metadata.count <= Limits.metadataBytesMax else {
            throw AnnalsError(
                .invalid, "METADATA_TOO_LARGE",
                "The metadata has \(event.metadata.count) bytes; at most \(Limits.metadataBytesMax) are allowed.",
                context: context(event))
        }
        try checkJSON(event.data, "data", event)
        if !event.metadata.isEmpty { try checkJSON(event.metadata, "metadata", event) }
    }

    /// - Throws: kind `invalid` for a stream that cannot exist, or that is named twice.
    static func check(_ condition: AppendCondition) throws(AnnalsError) {
        for (index, stream) in condition.streams.enumerated() {
            try checkName(stream.stream, "stream of the condition", "STREAM_INVALID")
            for earlier in condition.streams[..<index]
            where earlier.stream.utf8.elementsEqual(stream.stream.utf8) {
                throw AnnalsError(
                    .invalid, "CONDITION_INVALID",
                    "The condition names the stream '\(stream.stream)' twice.",
                    context: .init(stream: stream.stream))
            }
        }
    }

    private static func checkTags(_ event: borrowing Event) throws(AnnalsError) {
        guard event.tags.count <= Limits.tagsMax else {
            throw AnnalsError(
                .invalid, "TAGS_TOO_MANY",
                "The event has \(event.tags.count) tags; at most \(Limits.tagsMax) are allowed.",
                context: context(event))
        }
        for (index, tag) in event.tags.enumerated() {
            try checkName(tag, "tag", "TAG_INVALID")
            for earlier in event.tags[..<index]
            where earlier.utf8.count == tag.utf8.count && earlier.utf8.elementsEqual(tag.utf8) {
                throw AnnalsError(
                    .invalid, "TAG_REPEATED", "The tag '\(tag)' is given twice.",
                    context: context(event))
            }
        }
    }

    private static func checkName(
        _ name: String, _ what: String, _ code: String
    ) throws(AnnalsError) {
        guard let problem = problem(with: name) else { return }
        throw AnnalsError(
            .invalid, code,
            "The \(what) \(problem); it must be 1 to 255 bytes of UTF-8 without control characters."
        )
    }

    private static func problem(with name: String) -> String? {
        let bytes = name.utf8.span
        if bytes.isEmpty { return "is empty" }
        if bytes.count > Limits.nameBytesMax { return "has \(bytes.count) bytes" }
        if isPlain(bytes) { return nil }
        var previous: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            // U+0000–U+001F, U+007F, and U+0080–U+009F, which UTF-8 writes as C2 80 to C2 9F.
            if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) {
                return "contains a control character"
            }
            previous = byte
        }
        return nil
    }

    /// Whether a name is ASCII without control characters, as names mostly are; of less than four
    /// bytes none is known to be.
    private static func isPlain(_ name: Span<UInt8>) -> Bool {
        // The last word may begin in the one before.
        if name.count >= 8 {
            for index in stride(from: 0, to: name.count - 8, by: 8)
            where !isPlain(name.u64(index)) {
                return false
            }
            return isPlain(name.u64(name.count - 8))
        }
        guard name.count >= 4 else { return false }
        return isPlain(UInt64(name.u32(0)) << 32 | UInt64(name.u32(name.count - 4)))
    }

    /// Whether eight bytes are all between 0x20 and 0x7E: adding one sets the high bit of 0x7F,
    /// subtracting 0x20 that of the lower ones, and no byte carries into another before one is found.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        return (word | (word &+ ones) | (word &- ones &* 0x20)) & (ones &* 0x80) == 0
    }

    private static func checkJSON(
        _ text: [UInt8], _ what: String, _ event: borrowing Event
    ) throws(AnnalsError) {
        do throws(JSONError) {
            try JSONText.validateObject(text.span)
        } catch {
            let place = JSONText.lineAndColumn(of: error.offset, in: text.span)
            var context = context(event)
            context.line = place.line
            context.column = place.column
            throw AnnalsError(
                .invalid, what == "data" ? "DATA_INVALID" : "METADATA_INVALID",
                "The \(what) of '\(event.type)' is refused at line \(place.line), column \(place.column): \(error.message).",
                hint:
                    "It must be one JSON object in the I-JSON profile (RFC 7493), at most 64 levels deep.",
                context: context)
        }
    }

    private static func context(_ event: borrowing Event) -> AnnalsError.Context {
        .init(type: event.type, stream: event.stream)
    }
}
