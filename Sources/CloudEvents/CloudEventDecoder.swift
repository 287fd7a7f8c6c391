public import EventModel

/// Reads events from CloudEvents 1.0 JSON, one event a line.
///
/// It takes what `CloudEventEncoder` writes and what others do: `tags` may be an array and `metadata` an
/// object as well, `time` may be absent or have any offset (it is cut to milliseconds), `data` may be in
/// base 64. `subject` becomes the stream and has to be there; the data has to be one JSON object.
///
/// Nothing is lost in silence. `dataschema`, a content type other than `application/json`, and the
/// documented extensions `traceparent`, `tracestate`, `correlationid`, `causationid`, `partitionkey`,
/// `sequence` and `sequencetype` become members of the metadata under their names, after its own. Any
/// other attribute is an error that names it. Names and values are not checked against the bounds of
/// the log, which the append does.
public enum CloudEventDecoder {
    /// Reads one line, without its line end.
    ///
    /// - Throws: `AnnalsError` of kind `invalid` with the column in its context: `IMPORT_JSON` when the
    ///   line is not one JSON object in the I-JSON profile, `IMPORT_ATTRIBUTE` when an attribute is
    ///   missing or wrong, `DATA_NOT_OBJECT` when the data is not one JSON object.
    public static func decode(_ line: Span<UInt8>) throws(AnnalsError) -> ImportedEvent {
        do throws(JSONError) {
            // The data may be as deep as the bound, and the line is one level around it.
            try JSONText.validateObject(line, depthMax: Limits.jsonDepthMax + 1)
        } catch {
            throw importError(
                "IMPORT_JSON", "The line is not one JSON object: \(error.message).",
                hint: "Each line holds one CloudEvents event in JSON.", line, at: error.offset)
        }
        let reader = CloudEventReader(attributes: try CloudEventAttributes(line))
        guard try reader.required(.specversion, line) == "1.0" else {
            throw reader.wrong(.specversion, "has to be \"1.0\"", line)
        }
        let id = try reader.required(.id, line)
        let source = try reader.required(.source, line)
        let type = try reader.required(.type, line)
        let stream = try reader.required(.subject, line)
        let (revision, isMade) = try reader.identity(id: id, stream: stream, line)
        let data = try reader.data(line)
        let metadata = try reader.metadata(line)
        let event = Event(
            type: type, stream: stream, data: data, metadata: metadata, tags: try reader.tags(line),
            id: isMade ? nil : id, occurred: try reader.time(.time, or: .occurredms, line),
            schemaVersion: try reader.schemaVersion(line))
        return ImportedEvent(
            event: event, revision: revision, idIsSynthesised: isMade,
            recorded: try reader.time(.recordedtime, or: .recordedms, line), source: source)
    }
}
