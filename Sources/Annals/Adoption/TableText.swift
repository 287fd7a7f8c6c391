internal import SQLite

/// A `CREATE TABLE` statement in its parts: written anew in readable form, with what a projection's
/// table must not have left out.
struct TableText {
    /// One token of the statement.
    private struct Piece: Equatable {
        var text: String
        /// A keyword or bare name in small letters; empty for everything else.
        var word: String
        /// Whether there was space or a comment before it.
        var hasSpace: Bool
    }

    private let name: String
    /// The columns, then the constraints of the table.
    private var columns: [[Piece]] = []
    private var constraints: [[Piece]] = []
    private var options: [Piece] = []
    /// What was left out, for people.
    private(set) var dropped: [String] = []

    /// Takes the statement of a table apart; `nil` for text that is none.
    init?(_ sql: String, name: String) {
        self.name = name
        let bytes = Array(sql.utf8)
        var part: [Piece] = []
        var depth = 0
        var isClosed = false
        var end = 0
        for token in SQLiteText.tokens(of: sql) {
            let text = String(decoding: bytes[token.range], as: UTF8.self)
            let piece = Piece(
                text: text, word: token.kind == .word ? text.asciiSmall : "",
                hasSpace: end < token.range.lowerBound)
            end = token.range.upperBound
            if isClosed {
                options.append(piece)
                continue
            }
            if text == ")" { depth -= 1 }
            isClosed = depth == 0 && text == ")"
            if isClosed || depth == 1 && text == "," {
                guard let first = part.first else { return nil }
                if Self.constraintWords.contains(first.word) {
                    constraints.append(part)
                } else {
                    columns.append(part)
                }
                part = []
            } else if depth > 0 {
                part.append(piece)
            }
            if text == "(" { depth += 1 }
        }
        guard isClosed else { return nil }
    }

    private static let constraintWords: Set<String> = [
        "constraint", "primary", "unique", "check", "foreign",
    ]

    /// The statement, one column or constraint a line.
    var text: String {
        let lines = (columns + constraints).map { "    \(Self.rendered($0))" }
        let tail = options.isEmpty ? "" : " \(Self.rendered(options))"
        return "CREATE TABLE \(HandlerScaffold.name(name)) (\n\(lines.joined(separator: ",\n"))\n)"
            + "\(tail);"
    }

    /// Leaves out what a replay cannot have: numbers that SQLite gives, values of no event, and
    /// rollbacks of the whole transaction.
    mutating func dropIndeterminate() {
        var dropped: [String] = []
        func cleaned(_ part: [Piece]) -> [Piece] {
            var part = part
            let found =
                Self.drop(["autoincrement"], from: &part) + Self.dropDefault(from: &part)
                + Self.drop(["on", "conflict", "rollback"], from: &part)
            dropped += found.map { "\(name).\(part.first?.text ?? ""): \($0)" }
            return part
        }
        columns = columns.map(cleaned)
        constraints = constraints.map(cleaned)
        self.dropped += dropped
    }

    /// Makes the primary key a unique one, if there is one, and gives the table a column as its key.
    mutating func replaceKey(by column: String) {
        columns = columns.map(Self.uniqueInsteadOfPrimary)
        constraints = constraints.map(Self.uniqueInsteadOfPrimary)
        let sql = "\(HandlerScaffold.name(column)) INTEGER PRIMARY KEY"
        columns.append([Piece(text: sql, word: "", hasSpace: true)])
    }

    private static func uniqueInsteadOfPrimary(_ part: [Piece]) -> [Piece] {
        guard
            let start = part.indices.dropLast().first(where: {
                part[$0].word == "primary" && part[$0 + 1].word == "key"
            })
        else { return part }
        var part = part
        let order = start + 2 < part.count ? part[start + 2].word : ""
        part.removeSubrange(
            (start + 1)...(order == "asc" || order == "desc" ? start + 2 : start + 1))
        part[start] = Piece(text: "UNIQUE", word: "unique", hasSpace: part[start].hasSpace)
        return part
    }

    /// Leaves out every row of these words.
    private static func drop(_ words: [String], from part: inout [Piece]) -> [String] {
        var dropped: [String] = []
        var index = 0
        while index + words.count <= part.count {
            if part[index..<(index + words.count)].map(\.word) == words {
                part.removeSubrange(index..<(index + words.count))
                dropped.append(words.joined(separator: " ").uppercased())
            } else {
                index += 1
            }
        }
        return dropped
    }

    /// Leaves out `DEFAULT (random())` and the like: every event brings its value.
    private static func dropDefault(from part: inout [Piece]) -> [String] {
        guard let start = part.firstIndex(where: { $0.word == "default" }),
            start + 1 < part.count, part[start + 1].text == "("
        else { return [] }
        var depth = 0
        for end in (start + 1)..<part.count {
            if part[end].text == "(" { depth += 1 }
            if part[end].text == ")" { depth -= 1 }
            guard depth == 0 else { continue }
            let sql = rendered(Array(part[start...end]))
            let isDeterminate =
                SQLiteText.nondeterministicDefaults(in: sql).isEmpty
                && SQLiteText.timeZoneModifiers(in: sql).isEmpty
            if isDeterminate { return [] }
            part.removeSubrange(start...end)
            return [sql]
        }
        return []
    }

    /// The pieces with one space where there was any.
    private static func rendered(_ part: [Piece]) -> String {
        var text = ""
        for piece in part { text += (text.isEmpty || !piece.hasSpace ? "" : " ") + piece.text }
        return text
    }
}
