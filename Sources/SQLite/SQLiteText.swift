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

    /// Whether SQLite's grammar has a word, in any case of letters, as a keyword.
    public static func isKeyword(_ word: String) -> Bool {
        unsafe sqlite3_keyword_check(word, Int32(word.utf8.count)) != 0
    }

    /// The tokens of a text in their order, without spaces and comments.
    public static func tokens(of sql: String) -> [SQLToken] {
        var tokenizer = SQLTokenizer(text: Array(sql.utf8), position: 0)
        var tokens: [SQLToken] = []
        while let token = tokenizer.next() { tokens.append(token) }
        return tokens
    }

    /// Where a statement could roll the whole transaction back: the offsets of `ROLLBACK` in
    /// `OR ROLLBACK`, `ON CONFLICT ROLLBACK` and `RAISE(ROLLBACK, …)`, in bytes of UTF-8.
    public static func rollbackClauses(in sql: String) -> [Int] {
        let scan = SQLScan(sql)
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
        let scan = SQLScan(sql)
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
        let scan = SQLScan(sql)
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
        let scan = SQLScan(sql)
        return scan.tokens.indices.first {
            scan.tokens[$0].range.lowerBound >= start && scan.name(at: $0) == name.lowercased()
        }.map { scan.tokens[$0].range.lowerBound }
    }
}
