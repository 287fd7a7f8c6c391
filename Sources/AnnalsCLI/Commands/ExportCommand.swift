internal import Annals
internal import ArgumentParser
internal import EventModel
internal import LogStorage

/// `annals export`: writes events to a file.
struct ExportCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write events as CloudEvents 1.0 JSON lines.",
        discussion: """
            A name that ends in .gz is written as gzip. The file appears when it is complete. The \
            store's own events (streams that begin with annals/) are left out.
            """)

    @Argument(help: "The file; - or nothing writes to standard output.")
    var file: String?

    @OptionGroup var selection: EventSelection
    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let path = file ?? "-"
        let store = try session.openForReading()
        let range = try selection.range(in: store.log)
        let meter = ProgressMeter("exporting", on: session.console)
        defer { meter.end() }
        let result = try store.exportEvents(
            selection.query, after: range.after, through: range.through, to: path
        ) { done, _ in
            meter.update(
                done: done.value - range.after.value,
                total: range.through.value - range.after.value)
        }
        // Standard output holds the events and nothing else.
        guard path != "-" else { return .done }
        meter.end()
        try session.console.emit([
            "schema": "annals.export/1", "file": .string(path), "events": JSON(result.events),
            "position": JSON(result.position), "store": .string(store.log.id),
            "epoch": JSON(result.epoch),
        ])
        try session.console.print(
            "\(path): \(DisplayText.count(result.events, "event")) up to position \(result.position)"
        )
        return .done
    }
}
