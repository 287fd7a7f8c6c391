internal import GRDBSQLite

/// An authorizer at work on one connection: it judges SQLite's requests and keeps the first refusal.
final class Authorization {
    /// One request of SQLite's; what the two arguments are depends on the action (sqlite3.h).
    struct Request {
        let action: Int32
        let first: String?
        let second: String?
        let database: String?
        /// The innermost trigger or view that asks.
        let inside: String?
    }

    private(set) var refusal: SQLiteError.Refusal?
    /// What the statements do to tables, in the order in which SQLite asked.
    private(set) var accesses: [TableAccess] = []
    private let authorizer: Authorizer
    /// What is prepared is the library's own: everything is allowed and nothing noted.
    var isSuspended = false
    /// A schema change was allowed in this statement: what follows may be SQLite's own bookkeeping.
    private var changesSchema = false

    init(_ authorizer: Authorizer) { self.authorizer = authorizer }

    /// Forgets the statement before.
    func begin() {
        refusal = nil
        changesSchema = false
        accesses = []
    }

    /// Answers SQLite; the reason for a no is kept.
    func allows(_ request: Request) -> Bool {
        if isSuspended { return true }
        if let access = TableAccess(request) { accesses.append(access) }
        guard let answer = judge(request) else { return true }
        if refusal == nil { refusal = answer }
        return false
    }

    /// Whether the statement may copy rows of a table that SQLite did not ask about.
    var mayCopy: Bool { authorizer != .query && accesses.contains { $0.action == .insert } }

    /// Judges a column that rows are copied from, as if SQLite had asked about it.
    func judgeCopy(of table: String, column: String) -> SQLiteError.Refusal? {
        let request = Request(
            action: SQLITE_READ, first: table, second: column, database: "main", inside: nil)
        return allows(request) ? nil : refusal
    }

    private func judge(_ request: Request) -> SQLiteError.Refusal? {
        // ALTER gives the database first, and a dropped column where the others give the database.
        let isAlter = request.action == SQLITE_ALTER_TABLE
        let database = isAlter ? request.first : request.database
        if let database, database != "main", !isRenameBookkeeping(request) {
            return refuse(
                "The database \"\(database)\" is refused: only the projection's own file is open.",
                "Use tables, views and triggers of the projection, without TEMP and ATTACH.")
        }
        switch request.action {
        case SQLITE_SELECT, SQLITE_RECURSIVE:
            return nil
        case SQLITE_FUNCTION:
            return judgeFunction(request.second ?? "")
        case SQLITE_READ:
            return judgeTable(request, verb: "Reading")
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            if authorizer == .query { return refuseChange("A change of rows") }
            return judgeTable(request, verb: "Writing")
        case SQLITE_PRAGMA:
            return judgePragma(request.first ?? "", argument: request.second)
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT:
            return refuse(
                "Transaction control (BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE) is refused here.",
                "Leave it out: the engine runs the statements in a transaction of its own.")
        case SQLITE_ATTACH, SQLITE_DETACH:
            return refuse(
                "ATTACH and DETACH are refused here.",
                "A projection is one file and knows no other.")
        case SQLITE_CREATE_VTABLE, SQLITE_DROP_VTABLE:
            return refuse(
                "Virtual tables are refused here.",
                "Use ordinary tables: what a virtual table holds cannot be compared row by row.")
        case SQLITE_ANALYZE:
            return refuse("ANALYZE is refused here.", "The engine looks after the file.")
        default:
            return judgeSchemaChange(request)
        }
    }

    /// A rename looks for the old name in the schema of temporary objects, too.
    private func isRenameBookkeeping(_ request: Request) -> Bool {
        changesSchema && request.inside == nil && request.database == "temp"
            && ["sqlite_temp_master", "sqlite_temp_schema"].contains(request.first)
    }

    private func judgeFunction(_ name: String) -> SQLiteError.Refusal? {
        if authorizer == .query {
            guard ["load_extension", "fts3_tokenizer"].contains(name.lowercased()) else {
                return nil
            }
            return refuse("\(name)() is refused here.", "Leave it out.", word: name)
        }
        // ALTER works through internal functions of this prefix.
        if changesSchema && name.hasPrefix("sqlite_") { return nil }
        guard Authorizer.isNondeterministic(name) else { return nil }
        return refuse(
            "\(name)() is refused: its answer is not a function of the log, so a replay would differ.",
            "Take the value from the event: let the writer put it into the data.", word: name)
    }

    private func judgeTable(_ request: Request, verb: String) -> SQLiteError.Refusal? {
        let table = (request.first ?? "").lowercased()
        switch authorizer {
        case .query:
            return nil
        case .migration(let engineTables), .handler(let engineTables):
            if engineTables.contains(table) {
                return refuse(
                    "\(verb) \"\(table)\" is refused: the engine keeps its own records there.",
                    "Use a table of the projection; another name is free.", word: table)
            }
        }
        if ["dbstat", "bytecode", "tables_used"].contains(table) {
            return refuse(
                "\(verb) \"\(table)\" is refused: it shows how the file is laid out, not what it holds.",
                "Use tables of the projection.", word: table)
        }
        guard table.hasPrefix("sqlite_") else { return nil }
        let isSchemaTable = ["sqlite_master", "sqlite_schema"].contains(table)
        // SQLite refuses by itself when a statement names the schema table as what it writes.
        if case .migration = authorizer, request.inside == nil, changesSchema || isSchemaTable {
            return nil
        }
        return refuse(
            "\(verb) \"\(table)\" is refused: it belongs to SQLite.",
            "Use tables of the projection.", word: table)
    }

    private func judgePragma(_ name: String, argument: String?) -> SQLiteError.Refusal? {
        let name = name.lowercased()
        if Self.schemaPragmas.contains(name) { return nil }
        if authorizer == .query, Self.queryPragmas.contains(name), argument == nil { return nil }
        return refuse(
            "PRAGMA \(name) is refused here.",
            name == "foreign_keys"
                ? "Foreign keys are always on; order the statements so that they hold."
                : "The engine makes the settings of the file.", word: name)
    }

    private func judgeSchemaChange(_ request: Request) -> SQLiteError.Refusal? {
        guard case .migration(let engineTables) = authorizer else {
            return refuseChange("A change of the schema")
        }
        guard Self.schemaChanges.contains(request.action) else {
            return refuse(
                "This statement is refused here.", "Use tables, indexes, views, triggers.")
        }
        // The object stands first and an index's or trigger's table second, but for ALTER the database
        // stands first and the table second.
        for name in [request.first, request.second].compactMap({ $0?.lowercased() })
        where engineTables.contains(name) {
            return refuse(
                "Changing \"\(name)\" is refused: the engine keeps its own records there.",
                "Use another name.", word: name)
        }
        changesSchema = true
        return nil
    }

    private func refuseChange(_ what: String) -> SQLiteError.Refusal {
        if authorizer == .query {
            return refuse("\(what) is refused: a query only reads.", "Append an event instead.")
        }
        return refuse(
            "\(what) is refused in a handler.", "Put it into the Up section of a migration.")
    }

    private func refuse(
        _ message: String, _ hint: String, word: String? = nil
    ) -> SQLiteError.Refusal {
        SQLiteError.Refusal(message: message, hint: hint, word: word)
    }

    private static let schemaPragmas: Set<String> = [
        "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    ]

    private static let queryPragmas: Set<String> = [
        "application_id", "collation_list", "compile_options", "database_list", "encoding",
        "foreign_key_check", "function_list", "integrity_check", "page_count", "page_size",
        "quick_check", "table_list", "user_version",
    ]

    private static let schemaChanges: Set<Int32> = [
        SQLITE_CREATE_TABLE, SQLITE_CREATE_INDEX, SQLITE_CREATE_TRIGGER, SQLITE_CREATE_VIEW,
        SQLITE_DROP_TABLE, SQLITE_DROP_INDEX, SQLITE_DROP_TRIGGER, SQLITE_DROP_VIEW,
        SQLITE_ALTER_TABLE, SQLITE_REINDEX,
    ]
}
