internal import Annals
internal import ArgumentParser
internal import EventModel
internal import LogStorage

/// `annals log`: shows events.
struct LogCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show events, newest last.",
        discussion: """
            With --json a line for each event, the store's own included: position, type, stream, \
            revision, id, occurred, recorded, tags, metadata, schemaVersion, data.
            """)

    @OptionGroup var selection: EventSelection

    @Option(help: "Show at most this many, the first ones in the order shown.")
    var limit: Int?

    @Option(help: "Show only the last ones, newest last.")
    var last: Int?

    @Flag(help: "Newest first.")
    var reverse = false

    @Flag(help: "Go on with the events that come, until interrupted.")
    var follow = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (limit ?? 1) > 0, (last ?? 1) > 0 else {
            throw ValidationError("A number of events is at least 1.")
        }
        guard last == nil || (limit == nil && !reverse) else {
            throw ValidationError("--last stands alone: use --reverse --limit for newest first.")
        }
        guard !follow || (!reverse && !selection.hasEnd) else {
            throw ValidationError("--follow goes with neither --reverse, --before nor --to-time.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        let lines = EventLines(session.console)
        let range = try selection.range(in: store.log)
        let query = selection.query
        if reverse {
            try lines.writeBackward(query, range, of: store.log, limit: limit ?? .max)
            return .done
        }
        var left = limit ?? .max
        if let last {
            try lines.writeLast(last, query, range, of: store.log)
        } else {
            left -= try lines.write(query, range, of: store.log, limit: left).count
        }
        guard follow, left > 0 else { return .done }
        try session.console.flush()
        for try await event in store.log.subscribe(to: query, after: range.through) {
            try lines.write(event)
            try session.console.flush()
            left -= 1
            if left == 0 { break }
        }
        return .done
    }
}
