internal import ArgumentParser
internal import EventModel
internal import LogStorage

/// Which events a command is about.
struct EventSelection: ParsableArguments {
    @Option(help: "Only events of this stream.")
    var stream: String?

    @Option(
        name: .customLong("type"), help: "Only events of this type; repeat it for any of several.")
    var types: [String] = []

    @Option(
        name: .customLong("tag"), help: "Only events with this tag; repeat it for all of several.")
    var tags: [String] = []

    @Option(help: "Only events behind this position.")
    var after: Position?

    @Option(help: "Only events before this position.")
    var before: Position?

    @Option(help: "Only events recorded at this time or later (RFC 3339).")
    var fromTime: Timestamp?

    @Option(help: "Only events recorded at this time or earlier (RFC 3339).")
    var toTime: Timestamp?

    /// The positions between which the events lie: behind the first, up to the second.
    struct Range {
        let after: Position
        let through: Position
    }

    /// Types, tags and stream as the log asks for them.
    var query: EventQuery {
        if types.isEmpty, tags.isEmpty, stream == nil { return .all }
        return EventQuery(types: types, tags: tags, stream: stream)
    }

    /// Whether the events have an end, so that there is nothing to follow.
    var hasEnd: Bool { before != nil || toTime != nil }

    /// The positions meant, in a log as it is now.
    func range(in log: EventLog) throws(AnnalsError) -> Range {
        var after = after ?? .start
        var through = try log.head()
        if let before { through = min(through, Position(max(before.value, 1) - 1)) }
        if let toTime { through = min(through, try log.position(recordedThrough: toTime)) }
        if let fromTime, fromTime.milliseconds > .min {
            let earlier = Timestamp(milliseconds: fromTime.milliseconds - 1)
            after = max(after, try log.position(recordedThrough: earlier))
        }
        return Range(after: after, through: max(after, through))
    }
}
