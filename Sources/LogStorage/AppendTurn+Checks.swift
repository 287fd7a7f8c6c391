internal import EventModel
internal import LMDB

extension AppendTurn {
    /// The place that an event with the record's id has already; `nil` without an id or an event.
    ///
    /// - Parameter onlyStaged: look only at what this turn staged.
    /// - Throws: `ID_CONFLICT` if the event there has other content.
    func earlierPlace(
        of record: PreparedAppend.Record, _ append: PreparedAppend, onlyStaged: Bool,
        _ log: EventLog,
        _ transaction: borrowing ReadTransaction
    ) throws -> AppendResult.Place? {
        guard record.hasID else { return nil }
        let wanted = try RecordDecoder.staged(
            record, of: append.bytes.span, at: .start, stamp: Stamp(revision: 0, recorded: 0))
        var earlier = overlay.lastPosition(.id, wanted.idBytes, through: .max)
        if earlier == nil, !onlyStaged {
            earlier = try log.lastPosition(
                .id, wanted.idBytes, in: transaction, head: baseHead, floor: floor)
        }
        guard let earlier else { return nil }
        let isGiven = record.occurredIsGiven
        let revision = try withEvent(at: earlier, on: log, in: transaction) {
            isSame($0, wanted, occurredIsGiven: isGiven) ? $0.revision : nil
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
            position: Position(earlier), revision: revision, isNew: false)
    }

    /// Lends an event of the log or of this turn.
    private func withEvent<R>(
        at position: UInt64, on log: EventLog, in transaction: borrowing ReadTransaction,
        _ body: (borrowing EventView) throws -> R
    ) throws -> R {
        if position > baseHead { return try withStaged(Int(position - baseHead) - 1, body) }
        return try log.withEvent(at: position, in: transaction, body)
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
    func check(
        _ condition: AppendCondition, on log: EventLog, in transaction: borrowing ReadTransaction
    ) throws {
        for stream in condition.streams {
            let found = try lastRevision(of: stream.stream, on: log, in: transaction)
            let holds =
                switch stream.expected {
                case .noStream: found == .none
                case .exists: found > .none
                case .exactly(let revision): found == revision
                }
            guard holds else { throw conflict(stream, found: found) }
        }
        guard let query = condition.failIfEventsMatch, condition.after.value < head else { return }
        let first = condition.after.value + 1
        var walk = try QueryWalk(
            query, of: log, in: transaction, from: first, head: baseHead, overlay: overlay)
        let match = try walk.next(atLeast: first, in: transaction, log.tables, head: head)
        guard let match else { return }
        let event = try withEvent(at: match, on: log, in: transaction) {
            (type: $0.type, stream: $0.stream)
        }
        throw AnnalsError(
            .conflict, "EVENTS_MATCH",
            "The event '\(event.type)' at position \(match) matches the query that had to match nothing after position \(condition.after).",
            hint: "Read the events up to the head, decide again, and append after that head.",
            context: .init(position: Position(match), type: event.type, stream: event.stream),
            conflict: .eventsMatch(
                position: Position(match), type: event.type, stream: event.stream))
    }

    /// The revision of a stream's last event, staged events included.
    private func lastRevision(
        of stream: String, on log: EventLog, in transaction: borrowing ReadTransaction
    ) throws -> Revision {
        let name = stream.utf8Bytes
        let last =
            try overlay.lastPosition(.stream, name.span, through: .max)
            ?? log.lastPosition(.stream, name.span, in: transaction, head: baseHead, floor: floor)
        guard let last else { return .none }
        return try withEvent(at: last, on: log, in: transaction) { $0.revision }
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
