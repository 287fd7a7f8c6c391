package import EventModel
package import SQLite

/// Which version of a projection a foreign file's schema is, and what else the file holds.
package struct SchemaMatch: Sendable, Equatable {
    /// A table, index, view or trigger of a file.
    package struct Object: Sendable, Hashable {
        /// `table`, `index`, `view` or `trigger`.
        package let kind: String
        /// Its name, as the file has it.
        package let name: String
    }

    /// The numbers of the migrations that would make the file's schema, ascending.
    package let versions: [Int]
    /// The projection's tables at that version, as the file names them, sorted.
    package let tables: [String]
    /// What the file has besides: nothing of it is the projection's at any version.
    package let others: [Object]
}

extension ProjectionDefinition {
    /// Optional modules of which every combination is tried; beyond it all of them and none.
    private static let combinedModulesMax = 6

    /// Finds the version set whose schema a file has: the largest one all of whose tables, indexes,
    /// views and triggers are there in the same normal form.
    ///
    /// What others keep in the file is passed over. A table that the projection makes at a later
    /// version, in another form than there, is not: it would be left behind silently.
    /// - Throws: `ADOPT_SCHEMA` with the differences from the version that comes nearest; what SQLite
    ///   says about the file; what is wrong with the definition.
    package func match(schemaOf file: Connection) throws(AnnalsError) -> SchemaMatch {
        let found = try FileSchema.wrap(name) { () throws(SQLiteError) in try FileSchema(file) }
        var best: (versions: [Int], schema: FileSchema)?
        var nearest: (equal: Int, version: Int, differences: [String])?
        var owned: Set<String> = []
        for modules in moduleCombinations() {
            let run = try SchemaRun(self)
            var versions: [Int] = []
            for migration in migrations(in: versionSet(enabledModules: modules)) {
                try run.up(migration)
                versions.append(migration.number)
                let schema = try run.schema()
                owned.formUnion(schema.tables.keys)
                let differences = schema.differences(in: found)
                if differences.isEmpty, !schema.tables.isEmpty {
                    if versions.count > best?.versions.count ?? 0 { best = (versions, schema) }
                } else if schema.lines.count - differences.count > nearest?.equal ?? -1 {
                    nearest = (
                        schema.lines.count - differences.count, migration.number, differences
                    )
                }
            }
        }
        let stray = found.tables.keys.filter {
            owned.contains($0) && best?.schema.tables[$0] == nil
        }.sorted()
        guard let best, stray.isEmpty else {
            throw mismatch(nearest?.version, nearest?.differences ?? [], stray: stray)
        }
        return SchemaMatch(
            versions: best.versions,
            tables: best.schema.tables.keys.compactMap { found.tables[$0] }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
            others: found.objects(besides: best.schema))
    }

    private func moduleCombinations() -> [Set<String>] {
        let optional = modules.filter(\.isOptional).map(\.name)
        guard optional.count <= Self.combinedModulesMax else {
            return [[], Set(modules.map(\.name))]
        }
        var found: Set<Set<String>> = []
        for mask in 0..<(1 << optional.count) {
            let chosen = optional.indices.filter { mask & (1 << $0) != 0 }.map { optional[$0] }
            found.insert(modulesNeeded(by: Set(chosen)))
        }
        return found.sorted {
            $0.sorted().joined(separator: ",") < $1.sorted().joined(separator: ",")
        }
    }

    private func mismatch(
        _ version: Int?, _ differences: [String], stray: [String]
    ) -> AnnalsError {
        var lines = differences
        if lines.isEmpty { lines = stray.map { "the table \($0) has another form" } }
        let shown = lines.prefix(5).joined(separator: "; ")
        let more = lines.count > 5 ? "; and \(lines.count - 5) more" : ""
        return AnnalsError(
            .invalid, "ADOPT_SCHEMA",
            "The file's schema is none of the versions of the projection '\(name)'. Nearest is "
                + "\(version.map(Migration.padded) ?? "none"): \(shown)\(more).",
            hint: "Adopt it as a projection of its own with --new NAME --into DIR.",
            context: .init(projection: name))
    }
}

/// The objects of one file, without SQLite's and the engine's own.
private struct FileSchema {
    /// The statements in normal form, by kind and name in small letters.
    let lines: [SchemaMatch.Object: String]
    /// The names of tables as the file has them, by their small letters.
    let tables: [String: String]
    private let objects: [SchemaMatch.Object]

    init(_ connection: Connection) throws(SQLiteError) {
        let sql = """
            SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            ORDER BY name, type
            """
        var lines: [SchemaMatch.Object: String] = [:]
        var tables: [String: String] = [:]
        var objects: [SchemaMatch.Object] = []
        if let statement = try connection.prepare(sql).statement {
            var run = statement.run()
            while try run.step() {
                let (kind, name) = (run.text(at: 0) ?? "", run.text(at: 1) ?? "")
                objects.append(.init(kind: kind, name: name))
                let small = name.asciiLowercased
                guard !EngineTables.names.contains(small), let text = run.text(at: 2) else {
                    continue
                }
                lines[.init(kind: kind, name: small)] = SchemaNormalForm.normalized(text)
                if kind == "table" { tables[small] = name }
            }
        }
        self.lines = lines
        self.tables = tables
        self.objects = objects
    }

    /// What of this schema a file lacks or has otherwise, one line each.
    func differences(in file: FileSchema) -> [String] {
        lines.compactMap { object, line in
            guard let other = file.lines[object] else {
                return "the \(object.kind) \(object.name) is missing"
            }
            return other == line
                ? nil : "the \(object.kind) \(object.name) is `\(other)`, not `\(line)`"
        }.sorted()
    }

    /// The objects that the other schema does not have.
    func objects(besides other: FileSchema) -> [SchemaMatch.Object] {
        objects.filter {
            other.lines[.init(kind: $0.kind, name: $0.name.asciiLowercased)] == nil
        }
    }

    static func wrap<R>(
        _ projection: String, _ body: () throws(SQLiteError) -> R
    ) throws(AnnalsError) -> R {
        do throws(SQLiteError) { return try body() } catch {
            throw AnnalsError(
                error.isCorruption ? .corrupt : .unavailable, "ADOPT_FILE",
                "SQLite cannot read the schema: \(error.message).",
                hint: "See that it is a SQLite database and whole.",
                context: .init(projection: projection))
        }
    }
}

/// A database in memory on which the Ups of some modules run.
private struct SchemaRun {
    private let definition: ProjectionDefinition
    private let connection: Connection

    init(_ definition: ProjectionDefinition) throws(AnnalsError) {
        self.definition = definition
        connection = try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            let connection = try Connection(path: ":memory:", mode: .create)
            try connection.execute("BEGIN; \(EngineTables.schema)")
            return connection
        }
    }

    func up(_ migration: Migration) throws(AnnalsError) {
        try SectionRunner(
            section: migration.up, connection: connection, projection: definition.name,
            migration: migration.number
        ).run()
    }

    func schema() throws(AnnalsError) -> FileSchema {
        try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            try FileSchema(connection)
        }
    }
}
