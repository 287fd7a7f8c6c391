public import EventModel

/// Writes events as CloudEvents 1.0 JSON, one event a line, always in the same order of attributes.
///
/// | attribute | holds |
/// |---|---|
/// | `id` | the client's id; without one `STREAM@REVISION` |
/// | `source` | the name of the store that wrote the line |
/// | `type`, `subject` | the type and the stream |
/// | `time` | when it happened, RFC 3339 with milliseconds |
/// | `tags` | a string that holds a JSON array of the tags; absent without tags |
/// | `metadata` | a string that holds the metadata's bytes; absent without metadata |
/// | `revision` | a number; a string above 2³¹−1, where CloudEvents' integers end |
/// | `recordedtime` | the store's clock at the append, RFC 3339 |
/// | `schemaversion` | a number; absent when it is 1 |
/// | `data` | the data's bytes as they were given |
/// | `data_base64` | the same in base 64, when they cannot stand in a line unchanged |
///
/// Two attributes are rare: `occurredms` and `recordedms`, strings of milliseconds, stand for the
/// times outside the years 0000 to 9999; `clientid`, true, marks a client's id that looks like one
/// made from stream and revision.
public struct CloudEventEncoder: Sendable {
    private let quotedSource: [UInt8]

    /// Makes an encoder.
    ///
    /// - Parameter source: What `source` says, not empty; CloudEvents asks for a URI reference.
    public init(source: String = "annals") {
        precondition(!source.isEmpty, "CloudEvents has no empty source")
        var quoted: [UInt8] = []
        JSONText.quote(source, into: &quoted)
        quotedSource = quoted
    }

    /// Appends the event as one line, without the line end.
    ///
    /// - Precondition: No tag is longer than 255 bytes; the log holds none.
    public func append(_ event: RecordedEvent, to output: inout [UInt8]) {
        var tags: [UInt8] = []
        for tag in event.tags {
            tags.append(UInt8(tag.utf8.count))
            tags.append(contentsOf: tag.utf8)
        }
        let (type, stream, id) = (Array(event.type.utf8), Array(event.stream.utf8), event.id ?? "")
        let idBytes = Array(id.utf8)
        append(
            EventView(
                position: event.position, revision: event.revision, recorded: event.recorded,
                occurred: event.occurred, schemaVersion: event.schemaVersion, type: type.span,
                stream: stream.span, id: idBytes.span, tagCount: event.tags.count, tags: tags.span,
                metadata: event.metadata.span, data: event.data.span), to: &output)
    }

    /// Appends the lent event as one line, without the line end.
    public func append(_ event: borrowing EventView, to output: inout [UInt8]) {
        append("{\"specversion\":\"1.0\",\"id\":", to: &output)
        let idLooksMade = appendID(event, to: &output)
        append(",\"source\":", to: &output)
        output.append(contentsOf: quotedSource)
        append(",\"type\":", to: &output)
        JSONText.quote(utf8: event.typeBytes, into: &output)
        append(",\"subject\":", to: &output)
        JSONText.quote(utf8: event.streamBytes, into: &output)
        appendTime(event.occurred, "time", else: "occurredms", to: &output)
        append(",\"datacontenttype\":\"application/json\"", to: &output)
        appendTags(event, to: &output)
        if !event.metadata.isEmpty {
            append(",\"metadata\":", to: &output)
            JSONText.quote(utf8: event.metadata, into: &output)
        }
        if event.revision.value <= UInt64(Int32.max) {
            append(",\"revision\":\(event.revision)", to: &output)
        } else {
            append(",\"revision\":\"\(event.revision)\"", to: &output)
        }
        appendTime(event.recorded, "recordedtime", else: "recordedms", to: &output)
        if event.schemaVersion != 1 {
            append(",\"schemaversion\":\(event.schemaVersion)", to: &output)
        }
        if idLooksMade { append(",\"clientid\":true", to: &output) }
        appendData(event.data, to: &output)
        append("}", to: &output)
    }

    /// Appends the id; tells whether it is a client's that looks like one made here.
    private func appendID(_ event: borrowing EventView, to output: inout [UInt8]) -> Bool {
        let start = output.count
        JSONText.quote(utf8: event.streamBytes, into: &output)
        output.removeLast()
        append("@\(event.revision)\"", to: &output)
        if event.idBytes.isEmpty { return false }
        let made = output[start...]
        var given: [UInt8] = []
        JSONText.quote(utf8: event.idBytes, into: &given)
        let isSame = made.elementsEqual(given)
        output.replaceSubrange(start..., with: given)
        return isSame
    }

    private func appendTime(
        _ time: Timestamp, _ name: String, else other: String, to output: inout [UInt8]
    ) {
        let start = output.count
        append(",\"", to: &output)
        append(name, to: &output)
        append("\":\"", to: &output)
        if !time.appendRFC3339(to: &output) {
            output.removeSubrange(start...)
            append(",\"\(other)\":\"\(time.milliseconds)", to: &output)
        }
        append("\"", to: &output)
    }

    private func appendTags(_ event: borrowing EventView, to output: inout [UInt8]) {
        guard event.tagCount > 0 else { return }
        var array: [UInt8] = [UInt8(ascii: "[")]
        var start = 0
        while start < event.tagBytes.count {
            let end = start + 1 + Int(event.tagBytes[start])
            if start > 0 { array.append(UInt8(ascii: ",")) }
            JSONText.quote(utf8: event.tagBytes.extracting((start + 1)..<end), into: &array)
            start = end
        }
        array.append(UInt8(ascii: "]"))
        append(",\"tags\":", to: &output)
        JSONText.quote(utf8: array.span, into: &output)
    }

    private func appendData(_ data: Span<UInt8>, to output: inout [UInt8]) {
        if fitsLine(data) {
            append(",\"data\":", to: &output)
            output.append(copying: data)
        } else {
            append(",\"data_base64\":\"", to: &output)
            Base64.append(data, to: &output)
            append("\"", to: &output)
        }
    }

    /// Whether the data can stand in a line and be cut out of it again byte for byte: no line end
    /// inside, and no spaces around, which would pass for spaces of the line.
    private func fitsLine(_ data: Span<UInt8>) -> Bool {
        guard let last = data.indices.last, data[0] == UInt8(ascii: "{"),
            data[last] == UInt8(ascii: "}")
        else { return false }
        for index in data.indices
        where data[index] == UInt8(ascii: "\n") || data[index] == UInt8(ascii: "\r") {
            return false
        }
        return true
    }

    private func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }
}
