internal import CSQLiteTuning
internal import GRDBSQLite

/// Questions about SQL text that need no database.
public enum SQLiteText {
    /// Whether the text ends at the end of a statement (`sqlite3_complete`).
    ///
    /// Semicolons in strings, comments and trigger bodies end nothing; the text must hold no NUL.
    public static func isComplete(_ sql: String) -> Bool {
        // SQLite initializes itself here, and must have been tuned before.
        _ = annals_sqlite_tune()
        return unsafe sqlite3_complete(sql) != 0
    }

    /// The tokens of a text in their order, without spaces and comments.
    public static func tokens(of sql: String) -> [SQLToken] {
        var tokenizer = SQLTokenizer(text: Array(sql.utf8), position: 0)
        var tokens: [SQLToken] = []
        while let token = tokenizer.next() { tokens.append(token) }
        return tokens
    }

    /// Where a date or time function is told to use the machine's time zone: the offsets of the
    /// strings 'localtime' and 'utc' among the arguments, in bytes of UTF-8.
    public static func timeZoneModifiers(in sql: String) -> [Int] {
        let scan = Scan(sql)
        var offsets: [Int] = []
        var calls: [Bool] = []
        for (index, token) in scan.tokens.enumerated() {
            if scan.isSymbol("(", at: index) {
                let isTimeCall = timeFunctions.contains(scan.word(at: index - 1))
                calls.append(isTimeCall || calls.last == true)
            } else if scan.isSymbol(")", at: index) {
                _ = calls.popLast()
            } else if token.kind == .string, calls.last == true,
                ["'localtime'", "'utc'"].contains(scan.text(at: index))
            {
                offsets.append(token.range.lowerBound)
            }
        }
        return offsets
    }

    /// Where a statement could roll the whole transaction back: the offsets of `ROLLBACK` in
    /// `OR ROLLBACK`, `ON CONFLICT ROLLBACK` and `RAISE(ROLLBACK, …)`, in bytes of UTF-8.
    public static func rollbackClauses(in sql: String) -> [Int] {
        let scan = Scan(sql)
        return scan.tokens.indices.filter { index in
            guard scan.word(at: index) == "rollback" else { return false }
            return ["or", "conflict"].contains(scan.word(at: index - 1))
                || (scan.isSymbol("(", at: index - 1) && scan.word(at: index - 2) == "raise")
        }.map { scan.tokens[$0].range.lowerBound }
    }

    /// Functions in `DEFAULT (…)` whose answer is not a function of the log: their names and offsets
    /// in bytes of UTF-8.
    ///
    /// The authorizer does not see the expressions of defaults.
    public static func nondeterministicDefaults(
        in sql: String
    ) -> [(function: String, offset: Int)] {
        let scan = Scan(sql)
        var found: [(function: String, offset: Int)] = []
        var depth = 0
        for index in scan.tokens.indices {
            if scan.isSymbol("(", at: index) {
                if depth > 0 || scan.word(at: index - 1) == "default" { depth += 1 }
                let function = scan.name(at: index - 1)
                if depth > 0, Authorizer.isNondeterministic(function) {
                    found.append((function, scan.tokens[index - 1].range.lowerBound))
                }
            } else if depth > 0, scan.isSymbol(")", at: index) {
                depth -= 1
            }
        }
        return found
    }

    /// Calls of functions whose answer is not a function of the log: their names and offsets in bytes
    /// of UTF-8.
    ///
    /// A table of such a name before its list of columns counts too: what is refused, the authorizer
    /// says; this says where else it stands.
    public static func nondeterministicCalls(in sql: String) -> [(function: String, offset: Int)] {
        let scan = Scan(sql)
        return scan.tokens.indices.filter {
            scan.isSymbol("(", at: $0 + 1) && Authorizer.isNondeterministic(scan.name(at: $0))
        }.map { (scan.name(at: $0), scan.tokens[$0].range.lowerBound) }
    }

    /// The first token at or after an offset, `nil` when only spaces and comments are left.
    public static func firstToken(of sql: String, from start: Int) -> SQLToken? {
        var tokenizer = SQLTokenizer(text: Array(sql.utf8), position: start)
        return tokenizer.next()
    }

    /// Where a name stands at or after an offset, quoted or not, in any case of letters.
    static func offset(of name: String, in sql: String, from start: Int) -> Int? {
        let scan = Scan(sql)
        return scan.tokens.indices.first {
            scan.tokens[$0].range.lowerBound >= start && scan.name(at: $0) == name.lowercased()
        }.map { scan.tokens[$0].range.lowerBound }
    }

    private static let timeFunctions: Set<String> = [
        "date", "time", "datetime", "julianday", "unixepoch", "strftime",
    ]
}

/// The tokens of a text with their letters made small, for looking at neighbours.
private struct Scan {
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
