internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals rebuild`: builds projections anew from the first event.
struct RebuildCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Build projections anew from the log, beside the live ones, and switch.")

    @Argument(help: "The projections; all that are built without one.")
    var projections: [String] = []

    @Flag(help: "Put events that a handler refuses aside and go on, from now on also later.")
    var quarantine = false

    @Option(help: "How long to wait for another migration, rollback or rebuild, in seconds.")
    var lockTimeout = 60.0

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForWriting()
        for name in projections { _ = try store.definition(of: name) }
        var names = Array(Set(projections)).sorted()
        if names.isEmpty { names = try store.builtProjections() }
        session.stopAtSafePoints()
        let meter = ProgressMeter("rebuilding", on: session.console)
        defer { meter.end() }
        let results = try await store.rebuild(
            all: names, quarantines: quarantine, lockTimeoutSeconds: lockTimeout
        ) { meter.update($0, done: $1.value, total: $2.value) }
        meter.end()
        try session.catchUpAll(store)
        try tell(results, session.console)
        return .done
    }

    private func tell(_ results: [RebuildResult], _ console: Console) throws {
        try console.emit([
            "schema": "annals.rebuild/1",
            "message": results.isEmpty ? "nothing to do" : "rebuilt",
            "projections": .array(
                results.map {
                    [
                        "name": .string($0.projection), "version": JSON($0.version),
                        "position": JSON($0.position), "events": JSON($0.events),
                        "quarantined": JSON($0.quarantined), "digest": .string($0.digest),
                        "durationMs": JSON($0.durationMs), "switchMs": JSON($0.switchMs),
                    ]
                }),
        ])
        if results.isEmpty { return try console.print("nothing to do") }
        for result in results {
            try console.print(
                "\(result.projection): version \(result.version), "
                    + "\(DisplayText.count(result.events, "event")) in "
                    + "\(ProgressMeter.time(result.durationMs / 1000)), digest \(result.digest)")
            if result.quarantined > 0 {
                console.warn(
                    "\(result.projection): \(DisplayText.count(result.quarantined, "event"))"
                        + " put aside; see its table quarantine")
            }
        }
        try console.print("back: not needed; the content follows from the log alone")
    }
}
