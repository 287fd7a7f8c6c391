internal import ArgumentParser

/// The options of a command whose result can be looked at again and again.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Show it anew every few seconds, until interrupted.")
    var watch = false

    @Option(help: "With --watch: the seconds between two looks.")
    var interval = 2.0

    func validate() throws {
        guard interval >= 0.1, interval <= 86_400 else {
            throw ValidationError("--interval is 0.1 to 86400 seconds.")
        }
    }

    /// Shows the result once, or until interrupted: on a terminal in place, else one after the other.
    func run(on session: Session, _ show: () throws -> Void) async throws -> ExitStatus {
        guard watch else {
            try show()
            return .done
        }
        session.stopAtSafePoints()
        while !Task.isCancelled {
            if session.console.columns != nil { try session.console.clear() }
            try show()
            try session.console.flush()
            do { try await Task.sleep(for: .seconds(interval)) } catch { break }
        }
        return .done
    }
}
