import SQLite

/// Writes statements of a schema in one form, over several lines, that SQLite takes again.
///
/// It is the form of docs/digest.md with line breaks: comments and spacing gone, words in small
/// letters, names without the quotes that ALTER puts around them. Only a name that could not stand bare
/// keeps quotes.
struct SQLRendering {
    /// A piece of a statement.
    private typealias Pieces = ArraySlice<Piece>

    private struct Piece {
        let text: String
        let kind: SQLToken.Kind
    }

    private static let indent = "    "
    private let connection: Connection

    /// Asks a connection which names may stand without quotes.
    init(_ connection: Connection) { self.connection = connection }

    // MARK: Statements

    /// `CREATE TABLE` with a line for each column and constraint.
    func table(_ sql: String) -> String {
        let pieces = pieces(of: sql)
        guard let open = pieces.firstIndex(where: { $0.text == "(" }),
            let close = pieces.lastIndex(where: { $0.text == ")" })
        else { return "\(line(pieces[...]));" }
        let items = split(pieces[(open + 1)..<close], at: ",").map { Self.indent + line($0) }
        let end = close + 1 < pieces.count ? " \(line(pieces[(close + 1)...]))" : ""
        return "\(line(pieces[..<open])) (\n\(items.joined(separator: ",\n"))\n)\(end);"
    }

    /// Any statement on one line.
    func line(_ sql: String) -> String { "\(line(pieces(of: sql)[...]));" }

    /// `CREATE VIEW` with a line for each clause.
    func view(_ sql: String) -> String {
        "\(clauses(pieces(of: sql)[...], from: ["select", "values", "with"]));"
    }

    /// `CREATE TRIGGER` with a line for each statement of its body.
    func trigger(_ sql: String) -> String {
        let pieces = pieces(of: sql)
        guard let begin = pieces.firstIndex(where: { $0.text == "begin" }),
            let end = pieces.lastIndex(where: { $0.text == "end" }), begin < end
        else { return line(sql) }
        let body = split(pieces[(begin + 1)..<end], at: ";").filter { !$0.isEmpty }
            .map { "\(Self.indent)\(line($0));\n" }.joined()
        return "\(line(pieces[...begin]))\n\(body)end;"
    }

    /// A name, in quotes where it needs them.
    func name(_ name: String) -> String { piece(.quotedName, quotedName(name)).text }

    /// A part of a statement, as the statement itself would show it.
    func part(_ words: some Sequence<SQLWords.Word>) -> String {
        line(words.map { piece($0.token.kind, $0.text) }[...])
    }

    // MARK: Pieces

    private func pieces(of sql: String) -> [Piece] {
        let bytes = Array(sql.utf8)
        return SQLiteText.tokens(of: sql).map {
            piece($0.kind, String(decoding: bytes[$0.range], as: UTF8.self))
        }
    }

    private func piece(_ kind: SQLToken.Kind, _ text: String) -> Piece {
        switch kind {
        case .string, .parameter: return Piece(text: text, kind: kind)
        case .quotedName:
            let name = SchemaNormalForm.normalized(text)
            let isBare = !name.hasPrefix("\"")
            if isBare, canStandBare(name) { return Piece(text: name, kind: .word) }
            return Piece(text: isBare ? quotedName(name) : name, kind: kind)
        case .word, .number, .blob, .symbol: return Piece(text: text.asciiLowercased, kind: kind)
        }
    }

    /// Whether a name is one without its quotes: not one of the keywords that SQLite reserves.
    private func canStandBare(_ name: String) -> Bool {
        guard SQLiteText.isKeyword(name) else { return true }
        do throws(SQLiteError) {
            _ = try connection.prepare("SELECT 1 AS \(name)")
            return true
        } catch {
            return false
        }
    }

    private func split(_ pieces: Pieces, at separator: String) -> [Pieces] {
        var depth = 0
        return pieces.split(omittingEmptySubsequences: false) { piece in
            if piece.text == "(" { depth += 1 }
            if piece.text == ")" { depth -= 1 }
            return depth == 0 && piece.kind == .symbol && piece.text == separator
        }
    }

    private func clauses(_ pieces: Pieces, from first: Set<String>) -> String {
        let begins: Set<String> = [
            "select", "from", "where", "group", "having", "order", "limit", "union", "except",
            "intersect", "left", "inner", "cross", "join", "window", "with", "values",
        ]
        var lines: [Pieces] = []
        var start = pieces.startIndex
        var depth = 0
        for index in pieces.indices {
            let text = pieces[index].text
            if text == "(" { depth += 1 }
            if text == ")" { depth -= 1 }
            let isBegin = pieces[index].kind == .word && begins.contains(text)
            // Before the SELECT the words are names.
            let isBody = !lines.isEmpty || first.contains(text)
            let isJoined =
                text == "join" && start < index
                && ["left", "inner", "cross", "outer"].contains(pieces[index - 1].text)
            if depth == 0, isBegin, isBody, !isJoined, index > start {
                lines.append(pieces[start..<index])
                start = index
            }
        }
        lines.append(pieces[start...])
        return lines.map(line).joined(separator: "\n")
    }

    private func line(_ pieces: Pieces) -> String {
        var text = ""
        var previous: Piece?
        for piece in pieces {
            if let previous, Self.needsSpace(previous, piece) { text += " " }
            text += piece.text
            previous = piece
        }
        return text
    }

    private static func needsSpace(_ one: Piece, _ other: Piece) -> Bool {
        if one.text == "(" || one.text == "." { return false }
        if other.kind == .symbol, [",", ")", ";", "."].contains(other.text) { return false }
        // A function, a type with a length, a table with its columns.
        if other.text == "(", one.kind == .word { return SQLiteText.isKeyword(one.text) }
        return true
    }
}
