internal import ArgumentParser

/// A command of the program.
protocol Verb: ParsableCommand {
    /// The options of every command.
    var common: CommonOptions { get }
    /// Whether the result is JSON.
    var isJSON: Bool { get }

    /// Does what the command is for.
    /// - Returns: with which status the program ends.
    func run(in session: Session) async throws -> ExitStatus
}

extension Verb {
    var isJSON: Bool { common.json }
}
