/// The tokens of a text with their letters made small, for looking at neighbours.
struct SQLScan {
    let tokens: [SQLToken]
    private let bytes: [UInt8]

    init(_ sql: String) {
        tokens = SQLiteText.tokens(of: sql)
        bytes = Array(sql.utf8)
    }

    /// The token's text; empty outside the tokens.
    func text(at index: Int) -> String {
        guard tokens.indices.contains(index) else { return "" }
        return String(decoding: bytes[tokens[index].range], as: UTF8.self).lowercased()
    }

    /// The keyword or bare name; empty for any other token.
    func word(at index: Int) -> String {
        tokens.indices.contains(index) && tokens[index].kind == .word ? text(at: index) : ""
    }

    /// The name without its quotes; empty for any other token.
    func name(at index: Int) -> String {
        guard tokens.indices.contains(index), tokens[index].kind == .quotedName else {
            return word(at: index)
        }
        return String(text(at: index).dropFirst().dropLast())
    }

    func isSymbol(_ symbol: String, at index: Int) -> Bool {
        tokens.indices.contains(index) && tokens[index].kind == .symbol && text(at: index) == symbol
    }
}
