import SQLite

/// The objects of a schema at one moment, to see what a statement made of it.
struct SchemaMoment: Equatable {
    /// A table, index, view or trigger.
    struct Object: Hashable {
        let type: String
        /// In small letters.
        let name: String
        /// The table or view that it belongs to, in small letters; its own name for a table or view.
        let table: String
        /// Its statement; empty for an index that a constraint brings along.
        let sql: String
    }

    let objects: Set<Object>

    init(_ connection: Connection) throws(SQLiteError) {
        let sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"
        guard let statement = try connection.prepare(sql).statement else {
            preconditionFailure("the query of the schema is empty")
        }
        var objects: Set<Object> = []
        var run = statement.run()
        while try run.step() {
            let name = (run.text(at: 1) ?? "").asciiLowercased
            // SQLite makes this one with the first AUTOINCREMENT key, and it stays.
            if name == "sqlite_sequence" { continue }
            objects.insert(
                Object(
                    type: run.text(at: 0) ?? "", name: name,
                    table: (run.text(at: 2) ?? "").asciiLowercased, sql: run.text(at: 3) ?? ""))
        }
        self.objects = objects
    }

    /// The names of tables and views.
    var relations: Set<String> {
        Set(objects.filter { $0.type == "table" || $0.type == "view" }.map(\.name))
    }
}
