internal import EventModel
internal import LogStorage
internal import ProjectionEngine

/// The events that a proof is made on: a log up to a position, and the seeds that it does not have yet.
final class ProofHistory: Sendable {
    /// What it is, in words.
    let name: String
    /// The last position, seeds that are still to come included.
    let head: Position
    let log: EventLog
    private let logHead: Position
    private let seeds: [RecordedEvent]
    /// Keeps the log of files from being removed.
    private let scratch: ScratchFolder?

    /// - Parameters:
    ///   - seeds: the events that come behind the head, if they are not in the log.
    ///   - now: when these are recorded.
    init(
        _ name: String, _ log: EventLog, through head: Position, seeds: [Event] = [],
        now: Timestamp, scratch: ScratchFolder? = nil
    ) throws(AnnalsError) {
        self.name = name
        self.log = log
        self.scratch = scratch
        logHead = head
        var missing: [RecordedEvent] = []
        for seed in seeds {
            if let id = seed.id, try log.position(ofID: id) != nil { continue }
            let earlier = missing.count { $0.stream == seed.stream }
            let revision = try log.lastRevision(of: seed.stream).value + UInt64(earlier) + 1
            missing.append(
                RecordedEvent(
                    position: Position(head.value + UInt64(missing.count) + 1),
                    revision: Revision(revision), recorded: now, occurred: seed.occurred ?? now,
                    type: seed.type, stream: seed.stream, id: seed.id, tags: seed.tags,
                    schemaVersion: seed.schemaVersion, data: seed.data, metadata: seed.metadata))
        }
        self.seeds = missing
        self.head = Position(head.value + UInt64(missing.count))
    }

    /// How many events it has of each type.
    func types() throws(AnnalsError) -> [String: UInt64] {
        guard head > .start else { return [:] }
        var counts: [String: UInt64] = [:]
        for type in try log.types() { counts[type.name] = type.count }
        for seed in seeds { counts[seed.type, default: 0] += 1 }
        return counts
    }

    /// The events for one reader.
    /// - Parameter isVerified: whether each event's data is checked against its header; enough for one of
    ///   several readers of the same events.
    func reader(isVerified: Bool) -> some EventSource {
        ProofReader(
            log: log, verified: isVerified ? VerifiedEvents(log) : nil, logHead: logHead,
            seeds: seeds, last: head)
    }
}

/// Reads a history: the log first, then the seeds; stops when the task is cancelled.
private struct ProofReader: EventSource {
    let log: EventLog
    let verified: VerifiedEvents?
    let logHead: Position
    let seeds: [RecordedEvent]
    let last: Position

    func head() throws -> Position { last }

    func forEachEvent(
        after: Position, through: Position, limit: Int,
        _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        guard !Task.isCancelled else { throw EventStore.interrupted("nothing was changed") }
        guard after >= logHead else {
            let end = min(through, logHead)
            guard let verified else {
                return try log.forEachEvent(after: after, through: end, limit: limit, body)
            }
            return try verified.forEachEvent(after: after, through: end, limit: limit, body)
        }
        var reached = after
        for seed in seeds.filter({ $0.position > after && $0.position <= through }).prefix(limit) {
            try Self.lend(seed, body)
            reached = seed.position
        }
        return reached
    }

    private static func lend(
        _ event: RecordedEvent, _ body: (borrowing EventView) throws -> Void
    ) throws {
        let type = Array(event.type.utf8)
        let stream = Array(event.stream.utf8)
        let id = Array((event.id ?? "").utf8)
        let tags = event.tags.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + $0.utf8 }
        try body(
            EventView(
                position: event.position, revision: event.revision, recorded: event.recorded,
                occurred: event.occurred, schemaVersion: event.schemaVersion, type: type.span,
                stream: stream.span, id: id.span, tagCount: event.tags.count, tags: tags.span,
                metadata: event.metadata.span, data: event.data.span))
    }
}
