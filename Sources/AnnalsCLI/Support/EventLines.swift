internal import EventModel
internal import LogStorage

/// Writes events to standard output, one a line: JSON with `--json`, else for people.
struct EventLines {
    private let console: Console

    /// Events copied out of the log at a time.
    private static let portion = 512

    init(_ console: Console) { self.console = console }

    /// Writes the events that match, in order, at most so many.
    /// - Returns: how many, and the position up to which everything was looked at.
    func write(
        _ query: EventQuery, _ range: EventSelection.Range, of log: EventLog, limit: Int
    ) throws -> (count: Int, reached: Position) {
        var count = 0
        var position = range.after
        while position < range.through, count < limit, !Task.isCancelled {
            let reached = try log.read(
                query, after: position, through: range.through,
                limit: min(limit - count, Self.portion)
            ) { event in
                try write(event.copy())
                count += 1
            }
            guard reached > position else { break }
            position = reached
        }
        return (count, max(position, range.after))
    }

    /// Writes the events that match, newest first, at most so many.
    func writeBackward(
        _ query: EventQuery, _ range: EventSelection.Range, of log: EventLog, limit: Int
    ) throws {
        try forEachBackward(query, range, of: log, limit: limit) { try write($0) }
    }

    /// Writes the last events that match, newest last.
    func writeLast(
        _ count: Int, _ query: EventQuery, _ range: EventSelection.Range, of log: EventLog
    ) throws {
        var events: [RecordedEvent] = []
        try forEachBackward(query, range, of: log, limit: count) { events.append($0) }
        for event in events.reversed() { try write(event) }
    }

    private func forEachBackward(
        _ query: EventQuery, _ range: EventSelection.Range, of log: EventLog, limit: Int,
        _ body: (RecordedEvent) throws -> Void
    ) throws {
        var left = limit
        var before = range.through.next
        while left > 0, before > range.after.next {
            var oldest: Position?
            var isBelow = false
            try log.readBackward(query, before: before, limit: min(left, Self.portion)) { event in
                oldest = event.position
                isBelow = isBelow || event.position <= range.after
                guard !isBelow else { return }
                left -= 1
                try body(event.copy())
            }
            guard let oldest, !isBelow else { return }
            before = oldest
        }
    }

    /// Writes one event.
    func write(_ event: RecordedEvent) throws {
        var line: [UInt8] = []
        if console.isJSON {
            Self.document(event).append(to: &line)
        } else {
            line = Array(text(event).utf8)
        }
        try console.write(line)
    }

    static func document(_ event: RecordedEvent) -> JSON {
        [
            "position": JSON(event.position), "type": .string(event.type),
            "stream": .string(event.stream), "revision": JSON(event.revision.value),
            "id": JSON(event.id), "occurred": JSON(event.occurred),
            "recorded": JSON(event.recorded), "tags": .array(event.tags.map { .string($0) }),
            "metadata": event.metadata.isEmpty ? nil : .raw(event.metadata),
            "schemaVersion": JSON(event.schemaVersion), "data": .raw(event.data),
        ]
    }

    /// Position, time, type, stream with revision, tags and data; cut to a terminal's width.
    private func text(_ event: RecordedEvent) -> String {
        let position = String(event.position.value)
        let time = event.recorded.rfc3339 ?? "\(event.recorded.milliseconds) ms"
        var line = String(repeating: " ", count: max(0, 8 - position.utf8.count)) + position
        line += "  \(time)  \(event.type)  \(event.stream)@\(event.revision)"
        for tag in event.tags { line += "  #\(tag)" }
        line += "  " + String(decoding: event.data, as: UTF8.self)
        let escaped = DisplayText.escaped(line)
        return console.columns.map { DisplayText.cut(escaped, to: $0) } ?? escaped
    }
}
