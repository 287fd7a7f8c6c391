import SQLite

extension Linter {
    /// What is wrong with the tables that all migrations together make.
    func schemaFindings() -> [LintFinding] {
        guard trace.problem == nil else { return [] }
        let written = Set(trace.inForce.flatMap(\.written).map(\.asciiLowercased))
        return trace.schema.tables.flatMap { table -> [LintFinding] in
            guard let maker = trace.makers[table.name.asciiLowercased] else { return [] }
            var found = keyFindings(table, maker) + foreignKeyFindings(table, maker)
            if !written.contains(table.name.asciiLowercased) {
                found.append(
                    finding(
                        .unusedTable, maker.statement,
                        at: offset(of: table.name, in: maker.statement),
                        "no handler writes the table \(table.name)."))
            }
            return found
        }
    }

    private func keyFindings(
        _ table: Schema.Table, _ maker: DefinitionTrace.Maker
    ) -> [LintFinding] {
        var found: [LintFinding] = []
        if table.key.isEmpty {
            found.append(
                finding(
                    .noKey, maker.statement, at: offset(of: table.name, in: maker.statement),
                    "the table \(table.name) has no primary key: SQLite numbers its rows by itself, "
                        + "and VACUUM may number them anew."))
        }
        let unique = table.indexes.filter(\.isUnique).flatMap(\.columns).compactMap(\.self)
        for column in table.columns
        where Self.isFloat(column.type) && (column.keyOrder > 0 || unique.contains(column.name)) {
            let (statement, offset) = place(of: column.name, maker)
            found.append(
                finding(
                    .floatKey, statement, at: offset,
                    "\(table.name).\(column.name) is a floating-point number in a key."))
        }
        return found
    }

    /// SQLite's rules of affinity, for REAL.
    private static func isFloat(_ type: String) -> Bool {
        let type = type.uppercased()
        guard !["INT", "CHAR", "CLOB", "TEXT", "BLOB"].contains(where: type.contains) else {
            return false
        }
        return ["REAL", "FLOA", "DOUB"].contains(where: type.contains)
    }

    private func foreignKeyFindings(
        _ table: Schema.Table, _ maker: DefinitionTrace.Maker
    ) -> [LintFinding] {
        table.foreignKeys.flatMap { key -> [LintFinding] in
            var found: [LintFinding] = []
            let (statement, offset) = place(of: key.columns[0], maker)
            let name = "\(table.name) (\(key.columns.joined(separator: ", ")))"
            if isScanned(table.name, key.columns) {
                found.append(
                    finding(
                        .unindexedForeignKey, statement, at: offset,
                        "no index begins with \(name): each change of a row of \(key.parent) reads "
                            + "all of \(table.name)."))
            }
            let module = maker.statement.migration.module
            if let owner = trace.makers[key.parent.asciiLowercased]?.statement.migration.module,
                !isInReach(owner, of: module)
            {
                found.append(
                    finding(
                        .moduleBoundary, statement, at: offset,
                        "\(name) refers to the table \(key.parent) of `\(owner)`, which `\(module)` "
                            + "does not depend on."))
            }
            return found
        }
    }

    /// Whether SQLite would look for a foreign key's children by reading the whole table.
    private func isScanned(_ table: String, _ columns: [String]) -> Bool {
        let condition = columns.map { "\(quotedName($0)) = ?" }.joined(separator: " AND ")
        let sql = "EXPLAIN QUERY PLAN SELECT 1 FROM \(quotedName(table)) WHERE \(condition)"
        do throws(SQLiteError) {
            return try trace.connection.rows(sql).contains { $0[3].hasPrefix("SCAN ") }
        } catch {
            // A view or table that cannot be read is a finding of its own.
            return false
        }
    }

    /// The statement that made a column, and where the column's name stands there.
    private func place(
        of column: String, _ maker: DefinitionTrace.Maker
    ) -> (statement: TracedStatement, offset: Int) {
        for statement in [maker.statement] + maker.changes {
            let word = statement.tokens.words.first { $0.name == column.asciiLowercased }
            if let word { return (statement, word.token.range.lowerBound) }
        }
        return (maker.statement, maker.statement.range.lowerBound)
    }

    // MARK: Losses

    /// What migrations take away, with how much it is when a store knows.
    func lossFindings(_ history: LintHistory?) -> [LintFinding] {
        trace.losses.map { loss in
            let key = LintHistory.Loss(loss)
            let what =
                loss.column.map { "the column \(loss.table).\($0)" } ?? "the table \(loss.table)"
            let values = loss.column == nil ? "rows" : "values that are not NULL"
            var message = "\(what) goes"
            if let count = history?.lost[key] { message += ", with \(count) \(values) now" }
            // What was applied has happened; the log still has all of it.
            let isApplied = history?.applied.contains(loss.statement.migration.number) ?? false
            if isApplied { message += "; the migration is applied already" }
            let word = loss.column ?? loss.table
            return finding(
                loss.column == nil ? .dropTable : .dropColumn, loss.statement,
                at: offset(of: word, in: loss.statement), "\(message).",
                severity: isApplied ? .note : nil)
        }
    }
}
