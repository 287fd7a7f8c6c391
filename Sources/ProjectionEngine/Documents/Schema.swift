import SQLite

/// The tables of a schema as SQLite itself describes them, without the engine's own.
struct Schema {
    /// A column of a table.
    struct Column {
        let name: String
        /// The declared type; empty for none.
        let type: String
        let isNotNull: Bool
        /// The expression of its default; `nil` without one.
        let defaultSQL: String?
        /// Its place in the primary key from 1; 0 when it is no part of it.
        let keyOrder: Int
        let isGenerated: Bool
    }

    /// A reference from a table to another.
    struct ForeignKey {
        let columns: [String]
        let parent: String
        /// Empty when the parent's primary key is meant.
        let parentColumns: [String]
        /// What a deletion of the parent does, in SQL's words.
        let onDelete: String
    }

    /// An index, those behind UNIQUE and PRIMARY KEY too.
    struct Index {
        let name: String
        let isUnique: Bool
        /// Whether it has only some of the rows.
        let isPartial: Bool
        /// The indexed columns; `nil` for an expression.
        let columns: [String?]
        /// The statement that made it; `nil` when a constraint of the table did.
        let sql: String?
    }

    /// A table.
    struct Table {
        let name: String
        let sql: String
        let columns: [Column]
        let foreignKeys: [ForeignKey]
        let indexes: [Index]

        /// The sets of columns, in small letters, of which no two rows have the same values.
        var uniqueColumns: [Set<String>] {
            let whole = indexes.filter {
                $0.isUnique && !$0.isPartial && !$0.columns.contains(nil)
            }
            return whole.map { Set($0.columns.compactMap(\.self?.asciiLowercased)) }
                + [Set(key.map(\.name.asciiLowercased))]
        }

        /// The columns of the primary key in its order.
        var key: [Column] {
            columns.filter { $0.keyOrder > 0 }.sorted { $0.keyOrder < $1.keyOrder }
        }
    }

    /// A view or a trigger.
    struct Object {
        let name: String
        /// The table of a trigger; a view's own name.
        let table: String
        let sql: String
    }

    /// In the order of their names, in any case of letters.
    let tables: [Table]
    let views: [Object]
    let triggers: [Object]

    init(_ connection: Connection) throws(SQLiteError) {
        let objects = try connection.rows(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
                + "ORDER BY name COLLATE NOCASE, name"
        ).filter { Self.isOwn($0[1]) && Self.isOwn($0[2]) }
        func named(_ type: String) -> [Object] {
            objects.filter { $0[0] == type }.map { Object(name: $0[1], table: $0[2], sql: $0[3]) }
        }
        var tables: [Table] = []
        for table in named("table") { tables.append(try Self.table(table, connection)) }
        self.tables = tables
        views = named("view")
        triggers = named("trigger")
    }

    /// The table with a name in any case of letters.
    func table(_ name: String) -> Table? {
        tables.first { $0.name.asciiLowercased == name.asciiLowercased }
    }

    private static func isOwn(_ name: String) -> Bool {
        let name = name.asciiLowercased
        return !name.hasPrefix("sqlite_") && !EngineTables.names.contains(name)
    }

    private static func table(
        _ object: Object, _ connection: Connection
    ) throws(SQLiteError) -> Table {
        let columns = try connection.rows(
            """
            SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)
            ORDER BY cid
            """, object.name
        ).map {
            Column(
                name: $0[0], type: $0[1], isNotNull: $0[2] == "1",
                defaultSQL: $0[3].isEmpty ? nil : $0[3], keyOrder: Int($0[4]) ?? 0,
                isGenerated: $0[5] == "2" || $0[5] == "3")
        }
        var keys: [ForeignKey] = []
        let parts = try connection.rows(
            "SELECT id, \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list(?) "
                + "ORDER BY id, seq", object.name)
        for id in Set(parts.map { $0[0] }).sorted() {
            let own = parts.filter { $0[0] == id }
            keys.append(
                ForeignKey(
                    columns: own.map { $0[2] }, parent: own[0][1],
                    parentColumns: own.map { $0[3] }.filter { !$0.isEmpty }, onDelete: own[0][4]))
        }
        keys.sort { $0.columns.lexicographicallyPrecedes($1.columns) }
        return Table(
            name: object.name, sql: object.sql, columns: columns, foreignKeys: keys,
            indexes: try indexes(object.name, connection))
    }

    private static func indexes(
        _ table: String, _ connection: Connection
    ) throws(SQLiteError) -> [Index] {
        let list = try connection.rows(
            """
            SELECT l.name, l."unique", s.sql, l.partial FROM pragma_index_list(?) AS l
            LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name
            ORDER BY l.name COLLATE NOCASE, l.name
            """, table)
        var found: [Index] = []
        for index in list {
            let columns = try connection.rows(
                "SELECT cid >= 0, name FROM pragma_index_info(?) ORDER BY seqno", index[0])
            found.append(
                Index(
                    name: index[0], isUnique: index[1] == "1", isPartial: index[3] == "1",
                    columns: columns.map { $0[0] == "1" ? $0[1] : nil },
                    sql: index[2].isEmpty ? nil : index[2]))
        }
        return found
    }
}

extension Connection {
    /// The rows of a trusted query as texts, NULL as the empty one.
    func rows(_ sql: String, _ argument: String? = nil) throws(SQLiteError) -> [[String]] {
        guard let statement = try prepare(sql).statement else { return [] }
        var rows: [[String]] = []
        var run = statement.run()
        if let argument { run.bind(argument, at: 1) }
        while try run.step() {
            rows.append((0..<statement.columnCount).map { run.text(at: $0) ?? "" })
        }
        return rows
    }
}
