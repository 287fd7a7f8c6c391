import EventModel

/// The text of one file of a projection, decoded and with one kind of line end.
public struct SourceText: Sendable, Equatable {
    /// The file's name, as errors show it (`002_add_weight.sql`).
    public let file: String
    /// The text: UTF-8 without byte-order mark and NUL, lines end with LF.
    public let text: String

    /// Takes text that is already decoded.
    public init(file: String, text: String) {
        self.file = file
        self.text = text
    }

    /// The place of a UTF-8 offset in the text; beyond the end stands for the end.
    public func location(utf8Offset: Int) -> (line: Int, column: Int) {
        lineAndColumn(utf8Offset, in: text.utf8)
    }

    /// An error at a UTF-8 offset: its message begins with `file:line:column`.
    func error(_ code: String, at utf8Offset: Int, _ message: String, hint: String) -> AnnalsError {
        let (line, column) = location(utf8Offset: utf8Offset)
        return .inFile(code, file, line, column, message, hint: hint)
    }
}

/// The line and column of an offset, both from 1, the column in Unicode scalars.
func lineAndColumn(
    _ utf8Offset: Int, in text: some Sequence<UInt8>
) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in text.prefix(max(0, utf8Offset)) {
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
    }
    return (line, column)
}

extension AnnalsError {
    /// An invalid input at a place of a file: `NNN_name.sql:line:column: message`.
    static func inFile(
        _ code: String, _ file: String, _ line: Int, _ column: Int, _ message: String,
        hint: String, projection: String? = nil, migration: Int? = nil
    ) -> AnnalsError {
        AnnalsError(
            .invalid, code, "\(file):\(line):\(column): \(message)", hint: hint,
            context: Context(
                projection: projection, migration: migration, file: file, line: line,
                column: column))
    }
}
