import EventModel
import LogStorage

/// What the log must do, written as plainly as possible: an array and linear search.
struct LogModel {
    private(set) var events: [RecordedEvent] = []

    /// The places, or the code of the error.
    mutating func append(
        _ batch: [Event], _ condition: AppendCondition, recorded: [RecordedEvent]
    ) -> Result<[AppendResult.Place], Refusal> {
        let before = events
        do throws(Refusal) {
            var places = try batch.map { event throws(Refusal) in try earlier(event) }
            if places.contains(where: { $0 == nil }) { try check(condition) }
            var new = recorded[...]
            for (index, event) in batch.enumerated() where places[index] == nil {
                places[index] = try earlier(event) ?? add(event, recorded: new.popFirst())
            }
            return .success(places.compactMap { $0 })
        } catch {
            events = before
            return .failure(error)
        }
    }

    struct Refusal: Error, Equatable { let code: String }

    private func earlier(_ event: Event) throws(Refusal) -> AppendResult.Place? {
        guard let found = events.first(where: { $0.id != nil && $0.id == event.id }) else {
            return nil
        }
        let isSame =
            found.type == event.type && found.stream == event.stream && found.tags == event.tags
            && found.data == event.data && found.metadata == event.metadata
            && found.schemaVersion == event.schemaVersion
            && (event.occurred == nil || event.occurred == found.occurred)
        guard isSame else { throw Refusal(code: "ID_CONFLICT") }
        return .init(position: found.position, revision: found.revision, isNew: false)
    }

    private func check(_ condition: AppendCondition) throws(Refusal) {
        for stream in condition.streams {
            let revision = revision(of: stream.stream)
            let holds =
                switch stream.expected {
                case .noStream: revision == 0
                case .exists: revision > 0
                case .exactly(let expected): revision == expected.value
                }
            if !holds { throw Refusal(code: "STREAM_REVISION") }
        }
        if let query = condition.failIfEventsMatch,
            events.contains(where: { $0.position > condition.after && query.matches($0) })
        {
            throw Refusal(code: "EVENTS_MATCH")
        }
    }

    private mutating func add(_ event: Event, recorded: RecordedEvent?) -> AppendResult.Place {
        let position = Position(UInt64(events.count) + 1)
        let revision = Revision(revision(of: event.stream) + 1)
        let time = recorded?.recorded ?? Timestamp(milliseconds: 0)
        events.append(
            RecordedEvent(
                position: position, revision: revision, recorded: time,
                occurred: event.occurred ?? time, type: event.type, stream: event.stream,
                id: event.id, tags: event.tags, schemaVersion: event.schemaVersion,
                data: event.data, metadata: event.metadata))
        return .init(position: position, revision: revision, isNew: true)
    }

    func revision(of stream: String) -> UInt64 {
        UInt64(events.count { $0.stream == stream })
    }
}

extension EventQuery {
    func matches(_ event: RecordedEvent) -> Bool {
        items.isEmpty
            || items.contains { item in
                (item.types.isEmpty || item.types.contains(event.type))
                    && item.tags.allSatisfy { event.tags.contains($0) }
                    && (item.stream == nil || item.stream == event.stream)
            }
    }
}
