/// The tables of a schema and how they refer to each other, as a Mermaid `erDiagram`.
struct EntityDiagram {
    private let schema: Schema

    init(_ schema: Schema) { self.schema = schema }

    /// The heading and the diagram; nothing without tables.
    var section: [String] {
        guard !schema.tables.isEmpty else { return [] }
        let lines =
            ["```mermaid", "erDiagram"] + schema.tables.flatMap(entity)
            + schema.tables.flatMap(relations) + ["```"]
        return ["## Diagram", lines.joined(separator: "\n")]
    }

    private func entity(_ table: Schema.Table) -> [String] {
        let references = Set(table.foreignKeys.flatMap(\.columns).map(\.asciiLowercased))
        let unique = table.uniqueColumns
        let columns = table.columns.map { column in
            let name = column.name.asciiLowercased
            var keys: [String] = []
            if column.keyOrder > 0 { keys.append("PK") }
            if references.contains(name) { keys.append("FK") }
            if column.keyOrder == 0, unique.contains([name]) { keys.append("UK") }
            let type =
                column.type.isEmpty ? "any" : Self.word(column.type.asciiLowercased, and: "()")
            let end = keys.isEmpty ? "" : " \(keys.joined(separator: ", "))"
            return "        \(type) \(Self.word(column.name))\(end)"
        }
        return ["    \(Self.entity(table.name)) {"] + columns + ["    }"]
    }

    /// One parent to any number of children; at most one child where the reference is unique.
    private func relations(_ table: Schema.Table) -> [String] {
        table.foreignKeys.map { key in
            let names = Set(key.columns.map(\.asciiLowercased))
            let own = table.columns.filter { names.contains($0.name.asciiLowercased) }
            let isOptional = own.contains { !$0.isNotNull && $0.keyOrder == 0 }
            let isUnique = table.uniqueColumns.contains(names)
            let parent = schema.table(key.parent)?.name ?? key.parent
            return
                "    \(Self.entity(parent)) \(isOptional ? "|o" : "||")--\(isUnique ? "o|" : "o{") "
                + "\(Self.entity(table.name)) : \"\(key.columns.joined(separator: ", "))\""
        }
    }

    /// A name that Mermaid takes as it is, or in quotes.
    private static func entity(_ name: String) -> String {
        word(name) == name ? name : "\"\(name.replacing("\"", with: "'"))\""
    }

    /// A word of letters, digits and `_`, a letter first, as Mermaid wants it; types may have more.
    private static func word(_ text: String, and more: String = "") -> String {
        let word = String(
            text.map {
                $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || more.contains($0)
                    ? $0 : "_"
            })
        return word.first?.isLetter == true ? word : "x\(word)"
    }
}
