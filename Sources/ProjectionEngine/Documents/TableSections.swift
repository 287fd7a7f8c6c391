import SQLite

/// The part of a projection's page that describes its tables.
struct TableSections {
    private let trace: DefinitionTrace
    private let rendering: SQLRendering

    init(_ trace: DefinitionTrace) {
        self.trace = trace
        rendering = SQLRendering(trace.connection)
    }

    /// A heading and a section for each table.
    var lines: [String] {
        trace.schema.tables.isEmpty ? [] : ["## Tables"] + trace.schema.tables.flatMap(section)
    }

    private func section(_ table: Schema.Table) -> [String] {
        var parts = ["### \(ProjectionPage.code(table.name))"]
        if let maker = trace.makers[table.name.asciiLowercased] { parts.append(origin(maker)) }
        parts.append(
            ProjectionPage.table(
                ["column", "type", "key", "null", "default"], table.columns.map(row)))
        let rules = constraints(table)
        if !rules.isEmpty { parts.append(list("Constraints:", rules)) }
        let indexes = table.indexes.compactMap(\.sql).map { sql in
            ProjectionPage.code(String(rendering.line(sql).dropLast()))
        }
        if !indexes.isEmpty { parts.append(list("Indexes:", indexes)) }
        let triggers = trace.schema.triggers(of: table.name).map {
            ProjectionPage.code($0.name)
        }
        if !triggers.isEmpty { parts.append(list("Triggers:", triggers)) }
        let writers = TableWriters(trace).lines(of: table.name)
        parts.append(writers.isEmpty ? "No event writes it." : list("Written by:", writers))
        return parts
    }

    private func origin(_ maker: DefinitionTrace.Maker) -> String {
        var places = ["Made by \(ProjectionPage.code(maker.statement.place))"]
        if !maker.changes.isEmpty {
            var changed: [String] = []
            for change in maker.changes where !changed.contains(change.migration.file) {
                changed.append(change.migration.file)
            }
            places.append("changed by \(changed.map(ProjectionPage.code).joined(separator: ", "))")
        }
        return "\(places.joined(separator: ", ")); module "
            + "\(ProjectionPage.code(maker.statement.migration.module))."
    }

    private func row(_ column: Schema.Column) -> [String] {
        [
            ProjectionPage.code(column.name), ProjectionPage.escaped(column.type),
            column.keyOrder > 0 ? "\(column.keyOrder)" : "",
            column.isNotNull || column.keyOrder > 0 && column.type.asciiLowercased == "integer"
                ? "no" : "yes",
            column.isGenerated ? "generated" : ProjectionPage.code(column.defaultSQL ?? ""),
        ]
    }

    private func constraints(_ table: Schema.Table) -> [String] {
        var rules: [String] = []
        let key = table.key.map(\.name)
        for index in table.indexes
        where index.isUnique && index.sql == nil && index.columns.compactMap(\.self) != key {
            rules.append("unique (\(names(index.columns.compactMap(\.self))))")
        }
        for key in table.foreignKeys {
            let columns = names(key.columns)
            let parents =
                key.parentColumns.isEmpty
                ? "" : " (\(names(key.parentColumns)))"
            let action =
                key.onDelete == "NO ACTION" ? "" : " on delete \(key.onDelete.asciiLowercased)"
            rules.append(
                "foreign key (\(columns)) references \(rendering.name(key.parent))\(parents)\(action)"
            )
        }
        return (rules.sorted() + checks(table)).map(ProjectionPage.code)
    }

    private func names(_ names: [String]) -> String {
        names.map(rendering.name).joined(separator: ", ")
    }

    /// The CHECK constraints in the order of the statement.
    private func checks(_ table: Schema.Table) -> [String] {
        let words = SQLWords(table.sql).words
        return words.indices.dropLast().compactMap { index in
            guard words[index].isWord("check"), words[index + 1].isWord("(") else { return nil }
            var depth = 0
            let end = words[(index + 1)...].firstIndex { word in
                if word.isWord("(") { depth += 1 }
                if word.isWord(")") { depth -= 1 }
                return depth == 0
            }
            return end.map { rendering.part(words[index...$0]) }
        }
    }

    private func list(_ title: String, _ items: [String]) -> String {
        "\(title)\n\n" + items.map { "- \($0)" }.joined(separator: "\n")
    }
}

extension TracedStatement {
    /// `NNN_name.sql:line`.
    var place: String {
        "\(section.file):\(section.location(utf8Offset: range.lowerBound).line)"
    }
}
