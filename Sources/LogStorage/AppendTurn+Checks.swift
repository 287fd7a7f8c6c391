internal import EventModel
internal import Gzip
internal import LMDB

extension AppendTurn {
    /// The place that an event with the record's id has already; `nil` without an id or an event.
    ///
    /// - Throws: `ID_CONFLICT` if the event there has other content.
    func earlierPlace(
        of record: PreparedAppend.Record, _ append: PreparedAppend, _ log: EventLog,
        _ transaction: borrowing ReadTransaction
    ) throws -> AppendResult.Place? {
        let bytes = append.bytes.span.extracting(record.start..<(record.start + record.length))
        guard bytes[RecordFormat.idLength] > 0 else { return nil }
        let wanted = try RecordDecoder.parts(
            of: bytes, headerLength: record.headerLength, at: .start)
        let earlier =
            try overlay.lastPosition(.id, wanted.idBytes)
            ?? log.lastPosition(.id, wanted.idBytes, in: transaction, head: baseHead)
        guard let earlier else { return nil }
        let isGiven = bytes[RecordFormat.flags] & RecordFormat.occurredIsGiven != 0
        let revision =
            earlier > baseHead
            ? try withStaged(Int(earlier - baseHead) - 1) {
                isSame($0, wanted, occurredIsGiven: isGiven) ? $0.revision.value : nil
            }
            : try log.withEvent(at: earlier, in: transaction) {
                isSame($0, wanted, occurredIsGiven: isGiven) ? $0.revision.value : nil
            }
        guard let revision else {
            let id = String(utf8: wanted.idBytes)
            throw AnnalsError(
                .conflict, "ID_CONFLICT",
                "The id '\(id)' was appended before, at position \(earlier), with other content.",
                hint: "An id names one event for ever: give the new event an id of its own.",
                context: .init(
                    position: Position(earlier), type: wanted.type, stream: wanted.stream),
                conflict: .id(id, position: Position(earlier)))
        }
        return AppendResult.Place(
            position: Position(earlier), revision: Revision(revision), isNew: false)
    }

    /// Whether a recorded event has the content of one that wants to be appended.
    private func isSame(
        _ found: borrowing EventView, _ wanted: borrowing EventView, occurredIsGiven: Bool
    ) -> Bool {
        sameBytes(found.typeBytes, wanted.typeBytes)
            && sameBytes(found.streamBytes, wanted.streamBytes)
            && sameBytes(found.tagBytes, wanted.tagBytes)
            && sameBytes(found.metadata, wanted.metadata)
            && found.schemaVersion == wanted.schemaVersion
            && (!occurredIsGiven || found.occurred == wanted.occurred)
            && sameBytes(found.data, wanted.data)
    }

    /// - Throws: `STREAM_REVISION` or `EVENTS_MATCH`, with what was found.
    mutating func check(
        _ condition: AppendCondition, on log: EventLog, in transaction: borrowing ReadTransaction
    ) throws {
        for stream in condition.streams {
            let found = try lastRevision(
                of: stream.stream.utf8Bytes.span, on: log, in: transaction)
            let holds =
                switch stream.expected {
                case .noStream: found == 0
                case .exists: found > 0
                case .exactly(let revision): found == revision.value
                }
            guard holds else { throw conflict(stream, found: Revision(found)) }
        }
        guard let query = condition.failIfEventsMatch else { return }
        var walk = try QueryWalk(
            query, of: log, in: transaction, head: baseHead, overlay: overlay)
        let match = try walk.next(
            atLeast: condition.after.value + 1, in: transaction, log.tables, head: head)
        guard let match else { return }
        let event =
            match > baseHead
            ? try withStaged(Int(match - baseHead) - 1) { (type: $0.type, stream: $0.stream) }
            : try log.withEvent(at: match, in: transaction) { (type: $0.type, stream: $0.stream) }
        throw AnnalsError(
            .conflict, "EVENTS_MATCH",
            "The event '\(event.type)' at position \(match) matches the query that had to match nothing after position \(condition.after).",
            hint: "Read the events up to the head, decide again, and append after that head.",
            context: .init(position: Position(match), type: event.type, stream: event.stream),
            conflict: .eventsMatch(
                position: Position(match), type: event.type, stream: event.stream))
    }

    private func conflict(
        _ condition: AppendCondition.StreamCondition, found: Revision
    ) -> AnnalsError {
        let expected =
            switch condition.expected {
            case .noStream: "no events"
            case .exists: "at least one event"
            case .exactly(let revision): "revision \(revision)"
            }
        return AnnalsError(
            .conflict, "STREAM_REVISION",
            "The stream '\(condition.stream)' is at revision \(found); expected was \(expected).",
            hint: "Read the stream up to its last revision, decide again, and append.",
            context: .init(stream: condition.stream),
            conflict: .stream(condition.stream, expected: condition.expected, found: found))
    }
}

extension PreparedAppend {
    /// Fills in what a record gets at its append, and seals the header.
    mutating func complete(_ record: Record, revision: UInt64, recorded: Int64) {
        typealias Field = RecordFormat
        let start = record.start
        bytes.put(revision, at: start + Field.revision)
        bytes.put(UInt64(bitPattern: recorded), at: start + Field.recorded)
        if bytes[start + Field.flags] & Field.occurredIsGiven == 0 {
            bytes.put(UInt64(bitPattern: recorded), at: start + Field.occurred)
        }
        let check = Checksum.crc32(
            bytes.span.extracting((start + Field.format)..<(start + record.headerLength)))
        bytes.put(check, at: start + Field.check)
    }
}
