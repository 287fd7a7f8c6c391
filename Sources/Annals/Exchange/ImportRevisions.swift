internal import CloudEvents
internal import EventModel
internal import LogStorage

/// Finds the place of imported events that have no id of their own but a place in their stream.
///
/// Such an event is in the log already if the stream's event of that revision has the same content;
/// otherwise it must be the stream's next one.
struct ImportRevisions {
    private let log: EventLog
    /// The revision that each stream met so far has after the batches given out, by the name's bytes.
    private var last: [[UInt8]: UInt64] = [:]
    /// The events of this batch and of the one before, which may not be in the log yet, by stream and
    /// revision: a line that repeats one of them is compared here.
    private var staged: [[UInt8]: [UInt64: Event]] = [:]
    private var onTheWay: [[UInt8]: [UInt64: Event]] = [:]

    /// Streams remembered; beyond it the memory is dropped and the log asked again.
    private static let streamsMax = 1 << 18

    init(log: EventLog) { self.log = log }

    /// What of a batch is to be appended, under which condition, and how many events are there already.
    mutating func resolve(
        _ batch: ImportBatch, file: String
    ) throws -> (events: [Event], condition: AppendCondition, skipped: Int) {
        onTheWay = staged
        staged = [:]
        if last.count > Self.streamsMax { last = last.filter { onTheWay[$0.key] != nil } }
        var events: [Event] = []
        var condition = AppendCondition()
        // The revisions that streams have before the batch: the condition is checked there.
        var before: [[UInt8]: UInt64] = [:]
        var conditioned: Set<[UInt8]> = []
        var skipped = 0
        for (imported, line) in batch.events {
            let event = imported.event
            let stream = Array(event.stream.utf8)
            guard let revision = imported.revision?.value else {
                // Only the log can tell whether an id is there, so the revision is not known now.
                last[stream] = nil
                events.append(event)
                continue
            }
            let reached = try last[stream] ?? log.lastRevision(of: event.stream).value
            if before[stream] == nil { before[stream] = reached }
            if !imported.idIsSynthesised {
                // With an id of its own the log finds it; where it is new it is the stream's next.
                if revision > reached { staged[stream, default: [:]][reached + 1] = event }
                last[stream] = revision > reached ? reached + 1 : reached
                events.append(event)
            } else if revision <= reached {
                last[stream] = reached
                try checkSame(event, revision, of: stream, file: file, line: line)
                skipped += 1
            } else if revision == reached + 1 {
                last[stream] = revision
                staged[stream, default: [:]][revision] = event
                if conditioned.insert(stream).inserted {
                    let expected = Revision(before[stream] ?? reached)
                    condition.streams.append(
                        .init(stream: event.stream, expected: .exactly(expected)))
                }
                events.append(event)
            } else {
                throw mismatch(
                    "The line is revision \(revision) of '\(event.stream)', which is at \(reached).",
                    file, line)
            }
        }
        return (events, condition, skipped)
    }

    private func checkSame(
        _ event: Event, _ revision: UInt64, of stream: [UInt8], file: String, line: Int
    ) throws {
        if let earlier = staged[stream]?[revision] ?? onTheWay[stream]?[revision] {
            guard Self.isSame(event, earlier) else {
                throw mismatch(
                    "An earlier line is another event at revision \(revision) of '\(event.stream)'.",
                    file, line)
            }
            return
        }
        var isSame = false
        try log.readStream(event.stream, from: Revision(revision), limit: 1) { found in
            isSame =
                sameBytes(found.typeBytes, Array(event.type.utf8).span)
                && sameBytes(found.data, event.data.span)
                && sameBytes(found.metadata, event.metadata.span)
                && found.tags == event.tags && found.schemaVersion == event.schemaVersion
                && (event.occurred.map { $0 == found.occurred } ?? true)
        }
        guard isSame else {
            throw mismatch(
                "The log has another event at revision \(revision) of '\(event.stream)'.", file,
                line)
        }
    }

    private static func isSame(_ event: Event, _ earlier: Event) -> Bool {
        event.type == earlier.type && event.data == earlier.data
            && event.metadata == earlier.metadata && event.tags == earlier.tags
            && event.schemaVersion == earlier.schemaVersion
            && (event.occurred.map { $0 == earlier.occurred } ?? true)
    }

    private func mismatch(_ message: String, _ file: String, _ line: Int) -> AnnalsError {
        ImportBatches.placed(
            AnnalsError(
                .conflict, "IMPORT_REVISION", message,
                hint:
                    "Import into a store that has the events before it, or give the line an id of its own. What was imported before this line stays; repeating the import skips it."
            ),
            file, line)
    }
}
