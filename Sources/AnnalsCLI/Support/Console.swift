internal import EventModel
internal import Foundation
internal import Gzip

/// Where the program speaks: results on standard output, everything else on standard error.
final class Console {
    /// Whether results are JSON.
    let isJSON: Bool
    /// Whether standard error is a terminal.
    let isTerminal: Bool
    /// Whether a person can be asked: standard input and standard error are terminals.
    let canAsk: Bool
    /// The columns of the terminal that standard output is; `nil` when it is none.
    let columns: Int?
    private let paintsResults: Bool
    private let paintsErrors: Bool
    private let output = OutputFile.standardOutput()
    private var buffer: [UInt8] = []

    /// Bytes collected before they are written.
    private static let bufferBytes = 64 << 10

    /// The colours that words may have; the words alone carry the meaning.
    enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    init(isJSON: Bool, colour: ColourChoice) {
        self.isJSON = isJSON
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        isTerminal = isatty(STDERR_FILENO) == 1
        canAsk = isatty(STDIN_FILENO) == 1 && isTerminal
        columns = outputIsTerminal ? TerminalSize.columns() : nil
        paintsResults = colour.paints(isTerminal: outputIsTerminal)
        paintsErrors = colour.paints(isTerminal: isTerminal)
    }

    // MARK: Results

    /// Writes a line of the result for people; nothing with `--json`.
    func print(_ line: String = "") throws(FileError) {
        if !isJSON { try write(Array(line.utf8)) }
    }

    /// Writes the lines of a table for people; nothing with `--json`.
    func print(
        _ table: Table, style: (_ cell: String) -> String = { $0 }
    ) throws(FileError) {
        for line in table.lines(style: style) { try print(line) }
    }

    /// Writes a document as one line; nothing without `--json`.
    func emit(_ document: JSON) throws(FileError) {
        guard isJSON else { return }
        var line: [UInt8] = []
        document.append(to: &line)
        try write(line)
    }

    /// Writes bytes and a line end, whatever the format.
    func write(_ line: [UInt8]) throws(FileError) {
        try write(part: line.span)
        try write(part: [UInt8(ascii: "\n")].span)
    }

    /// Writes a part of a line, whatever the format.
    func write(part bytes: Span<UInt8>) throws(FileError) {
        buffer.append(copying: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Empties the terminal's screen.
    func clear() throws(FileError) { try write(part: Array("\u{1B}[H\u{1B}[2J".utf8).span) }

    /// Hands over to the system what was collected.
    func flush() throws(FileError) {
        guard !buffer.isEmpty else { return }
        CrashReport.isMidLine = buffer.last != UInt8(ascii: "\n")
        defer { buffer.removeAll(keepingCapacity: true) }
        try output.write(buffer.span)
    }

    /// A word of the result in a colour, if results have any.
    func painted(_ text: String, _ colour: Colour) -> String {
        paintsResults ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    // MARK: Everything else

    /// Writes a line to standard error.
    func note(_ line: String) { writeToStandardError(line + "\n") }

    /// Warns on standard error.
    func warn(_ message: String) {
        let word = paintsErrors ? "\u{1B}[33mwarning\u{1B}[0m" : "warning"
        note("annals: \(word): \(message)")
    }

    /// Asks on standard error for a yes; anything else is a no.
    func confirms(_ question: String) -> Bool {
        writeToStandardError("\(question) [y/N] ")
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }

    /// Tells an error: as a document on standard output with `--json`, else on standard error.
    func tell(_ failure: CommandError) throws(FileError) {
        if isJSON { return try emit(failure.document) }
        for (index, line) in failure.lines.enumerated() {
            let isPainted = index == 0 && paintsErrors
            let safe = DisplayText.escaped(line)
            note(isPainted ? "\u{1B}[31m\(safe)\u{1B}[0m" : safe)
        }
    }
}

/// Writes text to standard error; nobody can be told when that fails.
func writeToStandardError(_ text: String) {
    do { try FileHandle.standardError.write(contentsOf: Data(text.utf8)) } catch {}
}
