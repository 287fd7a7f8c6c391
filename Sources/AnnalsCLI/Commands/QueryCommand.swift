internal import Annals
internal import ArgumentParser
internal import EventModel
internal import Foundation

/// `annals query`: runs a reading SQL statement on a projection.
struct QueryCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Run one reading SQL statement on a projection, as it is or as it was.",
        usage: "annals query [<projection>] <sql> [<options>]",
        discussion: """
            The projection may be left out when the store has one. As-of queries replay the log; \
            'now' in them is that time.
            """)

    // A statement may begin with a comment, which looks like an option.
    @Argument(
        parsing: .allUnrecognized,
        help: "The projection, and the statement; - reads it from standard input.")
    var words: [String]

    @Option(help: "As it was at this position.")
    var atPosition: Position?

    @Option(help: "As it was at this time of recording (RFC 3339).")
    var atTime: Timestamp?

    @Option(help: "As it is at this version: a number or a name.")
    var atVersion: MigrationNumber?

    @Option(help: "How to write the rows: table, json or csv.")
    var format: RowFormat?

    @OptionGroup var common: CommonOptions

    var isJSON: Bool { common.json || format == .json }

    func validate() throws {
        if let option = words.first(where: Self.isOption) {
            throw ValidationError("Unknown option '\(option)'.")
        }
        guard atPosition == nil || atTime == nil else {
            throw ValidationError("--at-position and --at-time exclude each other.")
        }
        guard (1...2).contains(words.count) else {
            throw ValidationError("Give a projection and one statement, in quotes.")
        }
        guard !common.json || format == nil || format == .json else {
            throw ValidationError(
                "--json and --format \(format?.rawValue ?? "") exclude each other.")
        }
    }

    /// Whether a word was meant as an option: a comment before a statement has spaces or a line end.
    private static func isOption(_ word: String) -> Bool {
        word.hasPrefix("-") && word != "-" && !word.contains(where: \.isWhitespace)
    }

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        let projection = try session.projection(words.count == 2 ? words[0] : nil, of: store)
        var asOf: AsOf?
        if atPosition != nil || atTime != nil || atVersion != nil {
            let definition = try store.definition(of: projection)
            asOf = AsOf(
                position: atPosition, time: atTime,
                version: try atVersion?.number(in: definition))
        }
        var writer = RowWriter(format: isJSON ? .json : format ?? .table, projection: projection)
        try store.query(
            projection, try statement(), asOf: asOf,
            columns: { try writer.begin($0, on: session.console) },
            row: { try writer.write($0, on: session.console) })
        try writer.end(on: session.console)
        return .done
    }

    private func statement() throws -> String {
        guard let sql = words.last, sql == "-" else { return words.last ?? "" }
        let bytes = try StandardInput.all(bytesMax: 1 << 20)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AnnalsError(.invalid, "QUERY_INVALID", "The statement is not UTF-8.")
        }
        return text
    }
}
