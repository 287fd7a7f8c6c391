internal import ArgumentParser
internal import EventModel
internal import Gzip

/// Reads the call, runs the command and tells how it ended.
enum Program {
    /// Runs the command that the arguments name; returns the program's exit status.
    static func run(_ interrupts: Interrupts) async -> Int32 {
        let arguments: [String]
        do {
            arguments = try Arguments.given()
        } catch {
            return end(error, on: Console(isJSON: false, colour: .auto))
        }
        let verb: any Verb
        do {
            var command = try AnnalsCommand.parseAsRoot(arguments)
            guard let found = command as? any Verb else {
                // The program without a command, and 'help', which end by throwing their text.
                try command.run()
                return ExitStatus.done.rawValue
            }
            verb = found
        } catch {
            return end(parsing: error, arguments)
        }
        do {
            let session = try Session(verb.common, isJSON: verb.isJSON, interrupts: interrupts)
            do {
                let status = try await verb.run(in: session)
                try session.console.flush()
                return status.rawValue
            } catch {
                return end(.of(error), on: session.console)
            }
        } catch {
            return end(error, on: Console(isJSON: verb.isJSON, colour: verb.common.color))
        }
    }

    /// Tells why the arguments are no call; help, version and completions are no errors.
    private static func end(parsing error: any Error, _ arguments: [String]) -> Int32 {
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        if AnnalsCommand.exitCode(for: error) == .success {
            let console = Console(isJSON: false, colour: .auto)
            do {
                try console.print(AnnalsCommand.fullMessage(for: error))
                try console.flush()
            } catch {
                return ExitStatus.failure.rawValue
            }
            return ExitStatus.done.rawValue
        }
        let verb = arguments.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
        let isKnown = AnnalsCommand.configuration.subcommands.contains {
            $0._commandName == verb || $0.configuration.aliases.contains(verb ?? "")
        }
        return end(
            .usage(
                "USAGE", AnnalsCommand.message(for: error),
                hint: isKnown ? "See 'annals \(verb ?? "") --help'." : "See 'annals --help'."),
            on: Console(isJSON: isJSON, colour: .auto))
    }

    private static func end(_ failure: CommandError, on console: Console) -> Int32 {
        do {
            try console.tell(failure)
            try console.flush()
        } catch {
            writeToStandardError("annals: error OUTPUT_FAILED: \(error)\n")
        }
        return failure.status.rawValue
    }
}
