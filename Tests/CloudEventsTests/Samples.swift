import CloudEvents
import EventModel

/// An event with all parts the same but for those that a test names.
func recorded(
    type: String = "proxy.added", stream: String = "proxy/p-1", revision: UInt64 = 3,
    id: String? = nil, tags: [String] = [], occurred: Int64 = 1_795_234_424_123,
    recorded: Int64 = 1_795_234_425_000, schemaVersion: Int = 1, metadata: String = "",
    data: String = #"{"port":8080}"#
) -> RecordedEvent {
    RecordedEvent(
        position: Position(7), revision: Revision(revision),
        recorded: Timestamp(milliseconds: recorded), occurred: Timestamp(milliseconds: occurred),
        type: type, stream: stream, id: id, tags: tags, schemaVersion: schemaVersion,
        data: Array(data.utf8), metadata: Array(metadata.utf8))
}

func encode(_ event: RecordedEvent, source: String = "annals") -> [UInt8] {
    var line: [UInt8] = []
    CloudEventEncoder(source: source).append(event, to: &line)
    return line
}

func decode(_ line: String) throws(AnnalsError) -> ImportedEvent {
    try CloudEventDecoder.decode(Array(line.utf8).span)
}

/// What a log makes of an imported event: the position and the recorded time are its own.
func append(
    _ imported: ImportedEvent, at revision: Revision, recorded: Timestamp
) -> RecordedEvent {
    let event = imported.event
    return RecordedEvent(
        position: Position(1), revision: revision, recorded: recorded,
        occurred: event.occurred ?? recorded, type: event.type, stream: event.stream, id: event.id,
        tags: event.tags, schemaVersion: event.schemaVersion, data: event.data,
        metadata: event.metadata)
}
