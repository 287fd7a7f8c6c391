/// What SQL from files and users may do; everything that is not named is refused.
///
/// SQLite asks while it prepares, so a refusal comes before anything has run. Triggers and views are
/// judged with the statement that uses them.
public enum Authorizer: Sendable, Equatable {
    /// Schema changes and rows of the projection's own tables; never the engine's tables.
    case migration(engineTables: Set<String>)
    /// Rows of the projection's own tables; no schema change; never the engine's tables.
    case handler(engineTables: Set<String>)
    /// Reading, everything in the file.
    case query

    /// Whether a function's answer depends on anything but its arguments and the event.
    static func isNondeterministic(_ function: String) -> Bool {
        functions.contains(function.lowercased()) || function.lowercased().hasPrefix("sqlite_")
    }

    private static let functions: Set<String> = [
        "random", "randomblob", "changes", "total_changes", "last_insert_rowid", "load_extension",
        "fts3_tokenizer",
    ]

    /// SQLite does not ask about VACUUM itself, so its first word is looked at.
    static func vacuumRefusal(_ sql: String, from start: Int) -> SQLiteError.Refusal? {
        guard let first = SQLiteText.firstToken(of: sql, from: start),
            String(decoding: Array(sql.utf8)[first.range], as: UTF8.self).lowercased() == "vacuum"
        else { return nil }
        return SQLiteError.Refusal(
            message: "VACUUM is refused here.", hint: "The engine looks after the file.",
            word: nil)
    }
}
