import EventModel
internal import SQLite

extension ProjectionDefinition {
    /// Refuses two migrations that make the same table or view, even when one says `IF NOT EXISTS`.
    func checkTables() throws(AnnalsError) {
        var names = SchemaNames()
        for migration in migrations { try names.run(migration) }
    }
}

/// Which migration made each table and view, as the Ups' words tell it.
///
/// SQLite refuses a second table of one name too, but not with `IF NOT EXISTS`, and cannot name the
/// first one's file.
struct SchemaNames {
    /// The maker's file by name in small letters.
    private var makers: [String: String] = [:]

    init() {}

    /// Follows the statements of a migration's Up.
    mutating func run(_ migration: Migration) throws(AnnalsError) {
        let bytes = Array(migration.up.sql.utf8)
        let tokens = SQLiteText.tokens(of: migration.up.sql)
        for statement in tokens.split(whereSeparator: {
            bytes[$0.range].elementsEqual([UInt8(ascii: ";")])
        }) {
            let words = statement.map { String(decoding: bytes[$0.range], as: UTF8.self) }
            try run(Words(words), statement, migration)
        }
    }

    private mutating func run(
        _ statement: Words, _ tokens: ArraySlice<SQLToken>, _ migration: Migration
    ) throws(AnnalsError) {
        var words = statement
        if words.take("create") {
            _ = words.take("temp") || words.take("temporary") || words.take("virtual")
            guard words.take("table") || words.take("view") else { return }
            if words.take("if") { words.index += 2 }
            let at = words.index
            guard let name = words.takeName() else { return }
            guard !name.isEmpty else {
                throw migration.up.error(
                    "TABLE_NAME", at: tokens[tokens.startIndex + at].range.lowerBound,
                    "a table or view has an empty name.", hint: "Give it one.",
                    migration: migration.number)
            }
            if let maker = makers.updateValue(migration.file, forKey: name) {
                let token = tokens[tokens.startIndex + at]
                throw migration.up.error(
                    "TABLE_DUPLICATE", at: token.range.lowerBound,
                    "\"\(name)\" is made by \(maker) already.",
                    hint: "Choose another name, or change the table with ALTER TABLE.",
                    migration: migration.number)
            }
        } else if words.take("drop") {
            guard words.take("table") || words.take("view") else { return }
            if words.take("if") { words.index += 1 }
            if let name = words.takeName() { makers[name] = nil }
        } else if words.take("alter"), words.take("table"), let old = words.takeName(),
            words.take("rename"), words.take("to"), let new = words.takeName()
        {
            makers[new] = makers.removeValue(forKey: old) ?? migration.file
        }
    }
}

/// The words of one statement, taken one by one.
private struct Words {
    let words: [String]
    var index = 0

    init(_ words: [String]) { self.words = words }

    /// Passes over a keyword if it is the next word.
    mutating func take(_ keyword: String) -> Bool {
        guard index < words.count, words[index].lowercased() == keyword else { return false }
        index += 1
        return true
    }

    /// Passes over a name, `main.` before it included; in small letters and without quotes.
    mutating func takeName() -> String? {
        if index + 2 < words.count, words[index + 1] == "." { index += 2 }
        guard index < words.count else { return nil }
        let word = words[index].lowercased()
        index += 1
        guard let first = word.first, ["\"", "`", "[", "'"].contains(first), word.count >= 2 else {
            return word
        }
        return String(word.dropFirst().dropLast())
    }
}
