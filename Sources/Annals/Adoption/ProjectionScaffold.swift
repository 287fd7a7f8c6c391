internal import EventModel
internal import Foundation
internal import ProjectionEngine
internal import SQLite

/// A projection that is written for a database: a manifest, and one migration with the schema and the
/// handlers of its rows.
struct ProjectionScaffold {
    /// The projection's name, and that of its only module.
    let name: String
    /// The projection, as it is read from its texts.
    let definition: ProjectionDefinition
    /// What of the file is adopted.
    let plan: AdoptionPlan
    /// The texts by their paths in the projection's folder.
    let files: [(path: String, text: String)]

    private static let fileName = "001_adopted_schema"
    private static let rangeEnd = 99

    /// Writes the projection of a file.
    /// - Throws: `ADOPT_NAME`, `ADOPT_LIMIT`, `ADOPT_CYCLE`; `MANIFEST_…` for a name that no projection
    ///   can have; `SQL_…` when a statement of the schema cannot stand in a projection.
    init(_ name: String, for source: AdoptionSource) throws(AnnalsError) {
        try AdoptionPlan.checkLimits(source)
        self.name = name
        let schema = try DatabaseSchema(source)
        var tables: [AdoptionPlan.Table] = []
        var texts: [String] = []
        var ignored = schema.ignored
        for table in try AdoptionOrder.sorted(schema.tables.map(\.table)) {
            guard let sql = schema.tables.first(where: { $0.table.name == table.name })?.sql,
                var text = TableText(sql, name: table.name)
            else { continue }
            try Self.checkNames(table, source)
            let rowColumn = table.key.isEmpty ? Self.rowColumn(table) : nil
            text.dropIndeterminate()
            if let rowColumn { text.replaceKey(by: rowColumn) }
            texts.append(text.text)
            ignored += text.dropped.map {
                .init(kind: "clause", name: $0, reason: "events bring the value")
            }
            tables.append(.init(source: table, word: table.word, rowColumn: rowColumn))
        }
        let manifest = Self.manifest(name, source)
        func load(_ views: [DatabaseSchema.Object]) throws(AnnalsError) -> (
            ProjectionDefinition, String
        ) {
            let migration = Self.migration(
                name, texts + schema.indexes.map(\.sql), views, tables, source)
            let definition = try ProjectionDefinition.load(
                manifest: ("\(name)/projection.yaml", Array(manifest.utf8)),
                files: [("\(Self.fileName).sql", Array(migration.utf8))])
            try definition.check()
            return (definition, migration)
        }
        // A view that cannot be used here is left out; everything else has to fit.
        var views: [DatabaseSchema.Object] = []
        var made = try load(views)
        for view in schema.views {
            do throws(AnnalsError) {
                made = try load(views + [view])
                views.append(view)
            } catch {
                ignored.append(.init(kind: "view", name: view.name, reason: error.message))
            }
        }
        definition = made.0
        files = [
            ("projection.yaml", manifest), ("Migrations/\(Self.fileName).sql", made.1),
        ]
        plan = AdoptionPlan(versions: [1], tables: tables, ignored: ignored)
        try plan.checkWords(source)
    }

    /// The column by which the rows of a table without a usable key are told apart.
    private static func rowColumn(_ table: AdoptedTable) -> String {
        let taken = Set(table.allColumns.map(\.asciiSmall))
        var name = "adopted_row"
        while taken.contains(name) { name += "_" }
        return name
    }

    private static func checkNames(
        _ table: AdoptedTable, _ source: AdoptionSource
    ) throws(AnnalsError) {
        guard let column = table.columns.first(where: { !HandlerScaffold.isReadable($0) }) else {
            return
        }
        throw AnnalsError(
            .invalid, "ADOPT_NAME",
            "The column '\(column)' of the table \(table.name) has a name that no handler can read.",
            hint: "Rename it in a copy of the file: no quotes, backslashes or control characters.",
            context: .init(file: source.path))
    }

    // MARK: Texts

    private static func manifest(_ name: String, _ source: AdoptionSource) -> String {
        """
        name: \(name)
        description: \(quotedLine("Adopted from \(label(source))"))
        modules:
          - { name: \(name), range: [1, \(rangeEnd)], description: "the adopted tables" }

        """
    }

    private static func migration(
        _ name: String, _ statements: [String], _ views: [DatabaseSchema.Object],
        _ tables: [AdoptionPlan.Table], _ source: AdoptionSource
    ) -> String {
        let handlers = tables.flatMap { table in
            let scaffold = HandlerScaffold(
                word: table.word, table: table.source.name, columns: table.source.columns,
                key: table.source.key, rowColumn: table.rowColumn)
            let deferred = table.source.deferred
            let linked = deferred.isEmpty ? nil : scaffold.linked(deferred)
            return [scaffold.adopted, linked, scaffold.changed, scaffold.removed].compactMap { $0 }
        }
        // What closes a circle goes first: else no table could.
        let opened = tables.flatMap { table in
            table.source.deferred.map {
                "UPDATE \(HandlerScaffold.name(table.source.name)) SET \(HandlerScaffold.name($0))"
                    + " = NULL;"
            }
        }
        let drops =
            opened + views.reversed().map { "DROP VIEW \(HandlerScaffold.name($0.name));" }
            + tables.reversed().map { "DROP TABLE \(HandlerScaffold.name($0.source.name));" }
        return """
            -- Migration: \(fileName)
            -- Description: The schema of \(label(source)) as it was adopted
            -- Module: \(name)

            -- Up
            \((statements + views.map(\.sql)).joined(separator: "\n\n"))

            \(handlers.joined(separator: "\n"))
            -- Down
            \(drops.joined(separator: "\n"))

            """
    }

    /// The file's name in one line of a comment.
    private static func label(_ source: AdoptionSource) -> String {
        let name = URL(fileURLWithPath: source.path).lastPathComponent
        return String(
            name.unicodeScalars.map { scalar -> Character in
                let isPlain =
                    scalar.isASCII && scalar.properties.generalCategory != .control
                    && scalar != ":"
                return isPlain ? Character(scalar) : "_"
            })
    }

    private static func quotedLine(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.quote(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
