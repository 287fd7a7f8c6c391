internal import EventModel
internal import ProjectionEngine
internal import SQLite

/// What of a file is adopted into which version of a projection, and what is left in it.
struct AdoptionPlan {
    /// A table of the file and what becomes of it.
    struct Table {
        let source: AdoptedTable
        /// What the event types of the table begin with.
        let word: String
        /// The column of the projection that holds a row's place; `nil` when the columns are the same.
        var rowColumn: String?
    }

    /// The migrations whose schema the file has.
    let versions: [Int]
    /// The tables, parents first.
    let tables: [Table]
    /// What is left in the file.
    let ignored: [AdoptResult.Ignored]

    /// Tables of one file, at most.
    static let tablesMax = 1_000
    /// Bytes of a file's schema, at most: those of a migration.
    static let schemaBytesMax = 4 << 20
    /// Bytes of a table's name in event types and streams, at most.
    static let wordBytesMax = 128

    /// Plans the adoption of a file that has the schema of a projection.
    /// - Throws: `ADOPT_SCHEMA`, `ADOPT_HANDLERS`, `ADOPT_LIMIT`, `ADOPT_CYCLE`.
    static func matching(
        _ definition: ProjectionDefinition, _ source: AdoptionSource
    ) throws(AnnalsError) -> AdoptionPlan {
        try checkLimits(source)
        let match = try definition.match(schemaOf: source.connection)
        var tables: [AdoptedTable] = []
        for name in match.tables { tables.append(try .read(name, source)) }
        let handled = Set(definition.handlers(in: match.versions).map(\.eventType))
        let plan = AdoptionPlan(
            versions: match.versions,
            tables: try AdoptionOrder.sorted(tables, handled: handled).map {
                Table(source: $0, word: $0.word)
            },
            ignored: match.others.map {
                .init(kind: $0.kind, name: $0.name, reason: MigratorTables.reason($0))
            })
        try plan.checkWords(source)
        try plan.checkHandlers(of: definition)
        return plan
    }

    /// Refuses schemas that nobody wrote by hand.
    static func checkLimits(_ source: AdoptionSource) throws(AnnalsError) {
        let (tables, bytes) = try source.reading { () throws(SQLiteError) in
            (
                try source.connection.int64(
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'table'") ?? 0,
                try source.connection.int64("SELECT total(length(sql)) FROM sqlite_schema") ?? 0
            )
        }
        guard tables <= tablesMax, bytes <= schemaBytesMax else {
            throw AnnalsError(
                .invalid, "ADOPT_LIMIT",
                "\(source.path) has \(tables) tables in \(bytes) bytes of schema; at most "
                    + "\(tablesMax) tables and \(schemaBytesMax) bytes are adopted.",
                hint: "Adopt parts of it from copies.", context: .init(file: source.path))
        }
    }

    /// Refuses names that event types and streams have no room for.
    func checkWords(_ source: AdoptionSource) throws(AnnalsError) {
        for table in tables {
            guard !table.word.isEmpty, table.word.utf8.count <= Self.wordBytesMax else {
                throw AnnalsError(
                    .invalid, "ADOPT_NAME",
                    "The table name '\(table.source.name)' is empty or longer than "
                        + "\(Self.wordBytesMax) bytes.",
                    hint: "Rename the table in a copy of the file.",
                    context: .init(file: source.path))
            }
        }
    }

    /// Sees that rows of every table that has some will be shown.
    private func checkHandlers(of definition: ProjectionDefinition) throws(AnnalsError) {
        let handled = Set(definition.handlers(in: versions).map(\.eventType))
        let needed = tables.filter { $0.source.count > 0 }.flatMap { table in
            ["\(table.word).adopted"]
                + (table.source.deferred.isEmpty ? [] : ["\(table.word).linked"])
        }
        let missing = needed.filter { !handled.contains($0) }
        guard missing.isEmpty else {
            throw AnnalsError(
                .invalid, "ADOPT_HANDLERS",
                "At version \(Migration.padded(versions.last ?? 0)) the projection "
                    + "'\(definition.name)' has no handler of \(missing.joined(separator: ", ")).",
                hint: "Print them with 'annals adopt FILE --projection \(definition.name)"
                    + " --scaffold' and put each into the migration that makes its table.",
                context: .init(projection: definition.name))
        }
    }
}

/// Tables in which tools keep which migrations were applied: the store keeps that itself.
enum MigratorTables {
    private static let names: Set<String> = [
        "__diesel_schema_migrations", "__drizzle_migrations", "__efmigrationshistory",
        "_prisma_migrations", "_sqlx_migrations", "alembic_version", "ar_internal_metadata",
        "atlas_schema_revisions", "checkpoint", "databasechangelog", "databasechangeloglock",
        "django_migrations", "flyway_schema_history", "goose_db_version", "grdb_migrations",
        "knex_migrations", "knex_migrations_lock", "phinxlog", "quarantine",
        "refinery_schema_history", "schema_migrations", "sequelizemeta", "typeorm_metadata",
    ]

    /// Whether a table holds some tool's migrations.
    static func contains(_ name: String) -> Bool { names.contains(name.asciiSmall) }

    /// Why an object of a file is left there.
    static func reason(_ object: SchemaMatch.Object) -> String {
        object.kind == "table" && contains(object.name)
            ? "another program's migrations" : "not the projection's"
    }
}
