import SQLite

/// Looks for rows of one table that have no parent.
///
/// The check of a whole file fails where one parent key is not unique, so each table has its own.
struct ForeignKeyCheck {
    private let table: SchemaNormalForm.Table
    private let connection: Connection

    init(_ table: SchemaNormalForm.Table, _ connection: Connection) {
        self.table = table
        self.connection = connection
    }

    /// A row without a parent, as SQLite tells it.
    private struct Orphan {
        /// `nil` in a table without rowids.
        let rowid: Int64?
        let parent: String
        /// The number of the foreign key in the table.
        let key: Int64
    }

    /// One sentence for each row: table, row, columns with their values, parent.
    func problems(max: Int) throws(SQLiteError) -> [String] {
        do throws(SQLiteError) {
            let found = try orphans(max: max)
            // The rows of a table without rowids are looked for once for each key.
            var problems: [String] = []
            var told: Set<Int64> = []
            for orphan in found where orphan.rowid != nil || told.insert(orphan.key).inserted {
                problems += try describe(orphan, max: max)
            }
            return Array(problems.prefix(max))
        } catch {
            guard !error.isCorruption, !error.isBusy else { throw error }
            return ["\(table.name): its foreign keys cannot be checked: \(error.message)"]
        }
    }

    private func orphans(max: Int) throws(SQLiteError) -> [Orphan] {
        let sql = "SELECT rowid, parent, fkid FROM pragma_foreign_key_check(?)"
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [Orphan] = []
        var run = statement.run()
        run.bind(table.name, at: 1)
        while try run.step(), found.count < max {
            found.append(
                Orphan(
                    rowid: run.type(at: 0) == .null ? nil : run.int64(at: 0),
                    parent: run.text(at: 1) ?? "?", key: run.int64(at: 2)))
        }
        return found
    }

    private func describe(_ orphan: Orphan, max: Int) throws(SQLiteError) -> [String] {
        let columns = try columns(ofKey: orphan.key)
        let names = columns.map { "\(quotedName($0.child))" }
        let shown = (orphan.rowid == nil ? table.key.map(quotedName) : []) + names
        // What has the value of a parent's column has a parent; a missing parent table has no rows.
        let isOrphan: String
        if let rowid = orphan.rowid {
            isOrphan = "rowid = \(rowid)"
        } else if columns.contains(where: { $0.parent == nil }) {
            isOrphan = "0"
        } else {
            let matches = columns.map {
                "p.\(quotedName($0.parent ?? "")) = c.\(quotedName($0.child))"
            }
            isOrphan =
                names.map { "c.\($0) IS NOT NULL" }.joined(separator: " AND ")
                + " AND NOT EXISTS (SELECT 1 FROM \(quotedName(orphan.parent)) AS p WHERE "
                + matches.joined(separator: " AND ") + ")"
        }
        let values = shown.map { "quote(c.\($0))" }.joined(separator: ", ")
        let sql =
            "SELECT \(values) FROM \(quotedName(table.name)) AS c WHERE \(isOrphan) LIMIT \(max)"
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [String] = []
        var run = statement.run()
        while try run.step() {
            var cells: [String] = []
            for index in shown.indices {
                cells.append("\(shown[index]) = \(run.text(at: index) ?? "NULL")")
            }
            let row = orphan.rowid.map { "row \($0) (" } ?? "the row ("
            found.append(
                "\(table.name): \(row)\(cells.joined(separator: ", "))) has no parent in \(orphan.parent)"
            )
        }
        let unknown = "\(table.name): a row has no parent in \(orphan.parent)"
        return found.isEmpty ? [unknown] : found
    }

    /// The columns of a foreign key with those of the parent; `nil` where the parent has none.
    private func columns(
        ofKey key: Int64
    ) throws(SQLiteError) -> [(child: String, parent: String?)] {
        let sql = """
            SELECT f."from", coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p
                WHERE p.pk = f.seq + 1))
            FROM pragma_foreign_key_list(?) AS f WHERE f.id = \(key) ORDER BY f.seq
            """
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [(child: String, parent: String?)] = []
        var run = statement.run()
        run.bind(table.name, at: 1)
        while try run.step() { found.append((run.text(at: 0) ?? "", run.text(at: 1))) }
        return found
    }
}
