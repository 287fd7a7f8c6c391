internal import Annals
internal import ArgumentParser
internal import EventModel
internal import LogStorage

/// `annals append`: appends one event.
struct AppendCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append one event, unless a projection or a condition refuses it.")

    @Argument(help: "What happened, for example proxy.added.")
    var type: String

    @Argument(help: "What it happened to, as kind/id.")
    var stream: String

    @Argument(help: "The data, a JSON object; - or nothing reads standard input.")
    var data: String?

    @Option(help: "Metadata, a JSON object: actor, correlation, causation.")
    var metadata: String?

    @Option(name: .customLong("tag"), help: "A tag; repeat it for several.")
    var tags: [String] = []

    @Option(help: "Your id: the same event under the same id is appended once.")
    var id: String?

    @Option(help: "When it happened (RFC 3339); else the time of the append.")
    var occurred: Timestamp?

    @Option(help: "The version of the data's shape.")
    var schemaVersion = 1

    @Option(
        help: "Only if the stream's last event has this revision; 0 for a stream without events.")
    var ifRevision: UInt64?

    @Flag(help: "Only if the stream has no event.")
    var ifNoneMatch = false

    @Option(
        name: .customLong("if-none-match-type"),
        help: "Only if no event of this type exists, in any stream; repeat it for any of several.")
    var forbiddenTypes: [String] = []

    @Option(
        name: .customLong("if-none-match-tag"),
        help: "Only if no event with this tag exists, in any stream; repeat it for all of several.")
    var forbiddenTags: [String] = []

    @Option(help: "With --if-none-match-type or -tag: only events behind this position count.")
    var after: Position?

    @Flag(name: .customLong("unchecked"), help: "Do not ask the projections.")
    var isUnchecked = false

    @Option(help: "How long to wait for another process that writes, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    private var hasQuery: Bool { !forbiddenTypes.isEmpty || !forbiddenTags.isEmpty }

    func validate() throws {
        guard ifRevision == nil || !ifNoneMatch else {
            throw ValidationError("--if-revision and --if-none-match exclude each other.")
        }
        guard after == nil || hasQuery else {
            throw ValidationError(
                "--after belongs to --if-none-match-type or --if-none-match-tag.")
        }
    }

    private var condition: AppendCondition {
        var condition = AppendCondition.none
        if let ifRevision {
            condition.streams = [.init(stream: stream, expected: .exactly(Revision(ifRevision)))]
        } else if ifNoneMatch {
            condition.streams = [.init(stream: stream, expected: .noStream)]
        }
        if hasQuery {
            condition.failIfEventsMatch = EventQuery(types: forbiddenTypes, tags: forbiddenTags)
            condition.after = after ?? .start
        }
        return condition
    }

    func run(in session: Session) async throws -> ExitStatus {
        let event = Event(
            type: type, stream: stream, data: try StandardInput.data(data),
            metadata: metadata.map { Array($0.utf8) } ?? [], tags: tags, id: id,
            occurred: occurred, schemaVersion: schemaVersion)
        let store = try session.openForWriting(lockTimeout: lockTimeout)
        let result =
            isUnchecked
            ? try await store.appendUnchecked([event], condition: condition)
            : try await store.append([event], condition: condition)
        if !isUnchecked { try session.catchUpAll(store) }
        for place in result.places {
            try session.console.emit([
                "schema": "annals.append/1", "position": JSON(place.position),
                "revision": JSON(place.revision.value), "type": .string(type),
                "stream": .string(stream), "id": JSON(id), "isNew": .bool(place.isNew),
            ])
            let note = place.isNew ? "" : "  (appended before under this id)"
            try session.console.print(
                "position \(place.position)  revision \(place.revision)\(note)")
        }
        return .done
    }
}
