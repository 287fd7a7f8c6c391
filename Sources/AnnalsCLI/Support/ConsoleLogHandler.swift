internal import Logging

/// Writes the library's warnings and errors to standard error.
struct ConsoleLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        writeToStandardError(
            "annals: \(event.level): \(DisplayText.escaped("\(event.message)"))\n")
    }
}
