internal import Annals
internal import ArgumentParser
internal import LogStorage

/// `annals streams`: lists streams.
struct StreamsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "streams", abstract: "List streams: name, events, last position.")

    @Option(help: "Only names that begin so.")
    var prefix = ""

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        try NameList(kind: "streams", column: "STREAM", names: try store.log.streams())
            .tell(prefix, on: session.console)
        return .done
    }
}
