import SQLite

/// A schema reduced to its meaning: each object's statement as tokens, without what ALTER changes.
///
/// Comments and spacing are gone, words are in small ASCII letters, and names are without quotes
/// where they need none. docs/digest.md specifies the form.
struct SchemaNormalForm {
    /// One table, with what is needed to read its rows in order.
    struct Table {
        let name: String
        /// The columns in order, generated ones included.
        let columns: [String]
        /// The columns of the declared primary key in its order; empty without one.
        let key: [String]
        /// Whether the key alone puts the rows in one order.
        let isKeyTotal: Bool

        /// Reads the rows in the order of the key; where that is no total order, by all columns and
        /// their types.
        func rowsSQL(in schema: String = "main") -> String {
            var order = key.map(quotedName)
            if !isKeyTotal {
                for column in columns.map(quotedName) {
                    order += ["\(column) COLLATE BINARY", "typeof(\(column))"]
                }
            }
            return """
                SELECT \(columns.map(quotedName).joined(separator: ", "))
                FROM \(schema).\(quotedName(name)) ORDER BY \(order.joined(separator: ", "))
                """
        }
    }

    /// One table, index, view or trigger.
    struct Object: Equatable {
        /// `table`, `index`, `view` or `trigger`.
        let kind: String
        let name: String
        /// The table that it belongs to; its own name for tables and views.
        let table: String
        /// Its statement in normal form.
        let line: String
    }

    /// The objects in the order of the bytes of their lines.
    let objects: [Object]
    /// The tables in the order of the bytes of their names.
    let tables: [Table]

    /// The statements of the objects, in the order of their bytes.
    var lines: [String] { objects.map(\.line) }

    /// Reads the schema of a connection's file, or of one attached to it under a name.
    init(_ connection: Connection, in schema: String = "main") throws(SQLiteError) {
        let sql = """
            SELECT type, name, sql, tbl_name FROM \(schema).sqlite_schema WHERE sql IS NOT NULL
            """
        var objects: [Object] = []
        var names: [String] = []
        if let statement = try connection.prepare(sql).statement {
            var run = statement.run()
            while try run.step() {
                let name = run.text(at: 1) ?? ""
                let isOwn =
                    !name.lowercased().hasPrefix("sqlite_")
                    && !EngineTables.names.contains(name.lowercased())
                guard isOwn else { continue }
                objects.append(
                    Object(
                        kind: run.text(at: 0) ?? "", name: name, table: run.text(at: 3) ?? "",
                        line: Self.normalized(run.text(at: 2) ?? "")))
                if run.text(at: 0) == "table" { names.append(name) }
            }
        }
        self.objects = objects.sorted { $0.line.utf8.lexicographicallyPrecedes($1.line.utf8) }
        var tables: [Table] = []
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            tables.append(try Self.table(name, connection, schema))
        }
        self.tables = tables
    }

    /// A statement's tokens with one space between them.
    static func normalized(_ sql: String) -> String {
        let bytes = Array(sql.utf8)
        return SQLiteText.tokens(of: sql).map { token in
            let text = String(decoding: bytes[token.range], as: UTF8.self)
            switch token.kind {
            case .string, .parameter: return text
            case .quotedName: return unquoted(text)
            case .word, .number, .blob, .symbol: return text.asciiLowercased
            }
        }.joined(separator: " ")
    }

    /// A quoted name without its quotes, when it could stand without them but for being a keyword.
    private static func unquoted(_ quoted: String) -> String {
        let quote = quoted.hasPrefix("[") ? "]" : String(quoted.prefix(1))
        let name = quoted.dropFirst().dropLast().split(
            separator: quote + quote, omittingEmptySubsequences: false
        ).joined(separator: quote).asciiLowercased
        let tokens = SQLiteText.tokens(of: name)
        let isPlain =
            tokens.count == 1 && tokens[0].kind == .word
            && tokens[0].range == 0..<name.utf8.count
        return isPlain ? name : quotedName(name)
    }

    private static func table(
        _ name: String, _ connection: Connection, _ schema: String
    ) throws(SQLiteError) -> Table {
        let sql = """
            SELECT name, pk, "notnull", type FROM pragma_table_xinfo(?, '\(schema)') ORDER BY cid
            """
        guard let statement = try connection.prepare(sql).statement else {
            preconditionFailure("the query of columns is empty")
        }
        var columns: [String] = []
        var key: [(order: Int64, name: String)] = []
        var isNotNull = true
        var isInteger = true
        var run = statement.run()
        run.bind(name, at: 1)
        while try run.step() {
            let column = run.text(at: 0) ?? ""
            columns.append(column)
            guard run.int64(at: 1) > 0 else { continue }
            key.append((run.int64(at: 1), column))
            isNotNull = isNotNull && run.int64(at: 2) != 0
            isInteger = isInteger && run.text(at: 3)?.asciiLowercased == "integer"
        }
        // A key may hold NULL, and then rows of equal keys, unless it is NOT NULL or the rowid.
        let isRowid = key.count == 1 && isInteger
        return Table(
            name: name, columns: columns, key: key.sorted { $0.order < $1.order }.map(\.name),
            isKeyTotal: !key.isEmpty && (isNotNull || isRowid))
    }
}

/// A name in double quotes, as SQL wants it.
func quotedName(_ name: String) -> String {
    let parts = name.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.joined(separator: "\"\"") + "\""
}

extension String {
    /// The string with A to Z made small, and nothing else, as SQLite compares names.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
