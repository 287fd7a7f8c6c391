internal import Annals
internal import ArgumentParser
internal import LogStorage

/// `annals types`: lists event types.
struct TypesCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "types", abstract: "List event types: name, events, last position.")

    @Option(help: "Only names that begin so.")
    var prefix = ""

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        try NameList(kind: "types", column: "TYPE", names: try store.log.types())
            .tell(prefix, on: session.console)
        return .done
    }
}
