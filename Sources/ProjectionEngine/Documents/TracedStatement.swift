import SQLite

/// One statement of a projection's migrations, and what SQLite says that it does.
struct TracedStatement {
    /// The section that it stands in.
    enum Part: Equatable {
        case up
        case down
        /// The handler of an event type.
        case on(type: String)
    }

    let migration: Migration
    let part: Part
    let section: SQLSection
    /// Where it stands in the section, in bytes of UTF-8.
    let range: Range<Int>
    let accesses: [TableAccess]
    /// How SQLite runs it, a line for each loop; filled for handlers that are in force at the end.
    var plan: [String] = []
    /// The fields of the event's data that it reads.
    var fields: [String] = []
    /// The parts of the envelope that it reads, `@` included.
    var envelope: [String] = []

    /// Its tokens.
    var tokens: SQLWords { SQLWords(section.sql, range) }

    /// The table whose rows the statement itself changes; triggers and foreign keys aside.
    var target: String? { accesses.first { $0.action.isWrite && $0.inside == nil }?.table }

    /// The tables whose rows change because it runs, each once, in the order in which SQLite asks.
    var written: [String] {
        var found: [String] = []
        for access in accesses
        where access.action.isWrite && !found.contains(access.table) { found.append(access.table) }
        return found
    }
}

/// The tokens of one statement, for looking at its words.
struct SQLWords {
    /// A token with its text; keywords and bare names in small letters.
    struct Word {
        let token: SQLToken
        let text: String

        /// Whether it is this keyword, or a symbol.
        func isWord(_ word: String) -> Bool {
            (token.kind == .word || token.kind == .symbol) && text == word
        }

        /// The name that it is, without quotes and in small letters; `nil` for anything else.
        var name: String? {
            switch token.kind {
            case .word: text
            case .quotedName: String(text.dropFirst().dropLast()).asciiLowercased
            default: nil
            }
        }
    }

    let words: [Word]

    /// The tokens that lie in a range of a text.
    init(_ sql: String, _ range: Range<Int>? = nil) {
        let bytes = Array(sql.utf8)
        words = SQLiteText.tokens(of: sql).filter {
            range?.contains($0.range.lowerBound) ?? true
        }.map {
            let text = String(decoding: bytes[$0.range], as: UTF8.self)
            return Word(token: $0, text: $0.kind == .word ? text.asciiLowercased : text)
        }
    }

    /// Some tokens of a statement.
    init(_ words: some Sequence<Word>) { self.words = Array(words) }

    /// How many parentheses are open before each token.
    var depths: [Int] {
        var depth = 0
        return words.map { word in
            if word.isWord(")") { depth -= 1 }
            defer { if word.isWord("(") { depth += 1 } }
            return depth
        }
    }

    /// The index of the first token that is outside of parentheses and one of the keywords.
    func first(of keywords: Set<String>, from start: Int = 0) -> Int? {
        let depths = depths
        return words.indices.first {
            $0 >= start && depths[$0] == 0 && words[$0].token.kind == .word
                && keywords.contains(words[$0].text)
        }
    }

    /// The keyword that says what the statement does, behind a WITH.
    var verb: Int? {
        first(of: ["insert", "replace", "update", "delete", "select", "create", "alter", "drop"])
    }
}
