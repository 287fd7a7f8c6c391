internal import EventModel
internal import ProjectionEngine
internal import SQLite

/// One table of the file that is adopted: its columns, its key, and what refers to what.
struct AdoptedTable: Sendable {
    /// A foreign key.
    struct Reference: Sendable, Equatable {
        /// The table referred to.
        let parent: String
        /// The columns here and there, pair by pair.
        let columns: [(own: String, parents: String)]

        static func == (left: Self, right: Self) -> Bool {
            left.parent == right.parent && left.columns.elementsEqual(right.columns, by: ==)
        }
    }

    /// Its name in the file.
    let name: String
    /// The columns that hold what was written, in order: those that are computed are none.
    let columns: [String]
    /// All columns in order, computed ones included.
    let allColumns: [String]
    /// The columns of its primary key in key order, when every row has a value in each of them; else
    /// empty.
    let key: [String]
    /// The columns of the declared primary key, whatever they hold.
    let declaredKey: [String]
    /// The name by which its rowid can be reached; `nil` for a table without one.
    let rowid: String?
    let references: [Reference]
    /// The columns that may hold NULL.
    let nullable: Set<String>
    /// Columns whose values come in a second event, after the rows that they refer to.
    var deferred: [String] = []
    /// How many rows it has.
    let count: Int

    /// The words that stand for the event types of the table, without `.adopted` and the like.
    var word: String { Self.word(name) }

    /// The columns by which a row is found, and those of its second event.
    var linking: AdoptedTable {
        AdoptedTable(
            name: name, columns: key + deferred, allColumns: key + deferred, key: key,
            declaredKey: declaredKey, rowid: rowid, references: [], nullable: [], count: count)
    }

    /// What the rows are ordered by in the file.
    var order: [String] {
        if !key.isEmpty { return key.map(quoted) }
        return rowid.map { [$0] } ?? declaredKey.map(quoted)
    }

    /// What the rows are ordered by where only the table's own columns can tell them apart.
    var contentOrder: [String] {
        if !key.isEmpty { return key.map(quoted) }
        return allColumns.flatMap { ["\(quoted($0)) COLLATE BINARY", "typeof(\(quoted($0)))"] }
    }

    /// A table's name as one word of an event type: white space, control characters, `/` and `%` are
    /// written as `%` and two hexadecimal digits of each byte.
    static func word(_ name: String) -> String {
        var word = ""
        for scalar in name.unicodeScalars {
            let isPlain =
                !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && scalar != "/" && scalar != "%"
            word += isPlain ? String(scalar) : percent(scalar)
        }
        return word
    }

    static func percent(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }

    /// Reads what a table is.
    static func read(_ name: String, _ source: AdoptionSource) throws(AnnalsError) -> AdoptedTable {
        let connection = source.connection
        return try source.reading { () throws(SQLiteError) in
            var columns: [String] = []
            var allColumns: [String] = []
            var declared: [(order: Int64, name: String)] = []
            var nullable: Set<String> = []
            let sql = "SELECT name, pk, hidden, \"notnull\" FROM pragma_table_xinfo(?) ORDER BY cid"
            try connection.forEachRow(sql, name) { run in
                let column = run.text(at: 0) ?? ""
                if run.int64(at: 2) == 0 { columns.append(column) }
                if run.int64(at: 2) != 1 { allColumns.append(column) }
                if run.int64(at: 3) == 0 { nullable.insert(column) }
                if run.int64(at: 1) > 0 { declared.append((run.int64(at: 1), column)) }
            }
            let declaredKey = declared.sorted { $0.order < $1.order }.map(\.name)
            let hasRowid =
                try connection.texts(
                    "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND wr = 1 AND name = "
                        + text(name)
                ).isEmpty
            let taken = Set(allColumns.map(\.asciiSmall))
            let rowid = ["rowid", "_rowid_", "oid"].first { !taken.contains($0) }
            let nulls = declaredKey.map { "\(quoted($0)) IS NULL" }.joined(separator: " OR ")
            var isUsable = !declaredKey.isEmpty
            if isUsable {
                isUsable = try connection.texts(
                    "SELECT 1 FROM \(quoted(name)) WHERE \(nulls) LIMIT 1"
                ).isEmpty
            }
            return AdoptedTable(
                name: name, columns: columns, allColumns: allColumns,
                key: isUsable ? declaredKey : [], declaredKey: declaredKey,
                rowid: hasRowid ? rowid : nil, references: try references(name, connection),
                nullable: nullable,
                count: Int(try connection.int64("SELECT count(*) FROM \(quoted(name))") ?? 0))
        }
    }

    private static func references(
        _ name: String, _ connection: Connection
    ) throws(SQLiteError) -> [Reference] {
        var found: [Int64: (parent: String, columns: [(String, String?)])] = [:]
        let sql = """
            SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq
            """
        try connection.forEachRow(sql, name) { run in
            let parent = run.text(at: 1) ?? ""
            found[run.int64(at: 0), default: (parent, [])].columns
                .append((run.text(at: 2) ?? "", run.text(at: 3)))
        }
        var references: [Reference] = []
        for (_, reference) in found.sorted(by: { $0.key < $1.key }) {
            // Without columns the parent's primary key is meant.
            var key: [String] = []
            try connection.forEachRow(
                "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", reference.parent
            ) { key.append($0.text(at: 0) ?? "") }
            var pairs: [(own: String, parents: String)] = []
            for (index, (own, to)) in reference.columns.enumerated() {
                guard let parents = to ?? (index < key.count ? key[index] : nil) else { continue }
                pairs.append((own, parents))
            }
            references.append(Reference(parent: reference.parent, columns: pairs))
        }
        return references
    }
}

extension Connection {
    /// Runs a body for each row of a statement with one text parameter.
    func forEachRow(
        _ sql: String, _ parameter: String, _ body: (borrowing Run) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        guard let statement = try prepare(sql).statement else { return }
        var run = statement.run()
        run.bind(parameter, at: 1)
        while try run.step() { try body(run) }
    }
}

/// A name in double quotes, as SQL wants it.
func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
}

/// A text as an SQL literal.
func text(_ value: String) -> String {
    "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        + "'"
}

extension String {
    /// With A to Z made small, and nothing else, as SQLite compares names.
    var asciiSmall: String {
        String(decoding: utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
