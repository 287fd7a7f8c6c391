import EventModel
import SQLite

/// A version set of a projection, run in a database in memory and watched: what each statement does to
/// which table, and the schema that comes out.
///
/// SQLite is asked, never the text: a table that a trigger or a foreign key changes is seen too.
final class DefinitionTrace {
    /// Where a table came from.
    struct Maker {
        let statement: TracedStatement
        /// The statements that changed it later on.
        var changes: [TracedStatement] = []
    }

    /// A table or column that a migration takes away although an earlier one made it.
    struct Loss {
        let statement: TracedStatement
        let table: String
        /// `nil` when the whole table goes.
        let column: String?
    }

    let definition: ProjectionDefinition
    let connection: Connection
    /// The Ups' and Downs' statements and the handlers', each at its own migration's version.
    private(set) var statements: [TracedStatement] = []
    /// The statements of the handlers in force at the end, with their plans.
    private(set) var inForce: [TracedStatement] = []
    private(set) var losses: [Loss] = []
    /// Views and triggers that cannot be used, each once.
    private(set) var dangling: [SchemaObjects.Dangling] = []
    /// What SQLite refuses; nothing after it is traced.
    private(set) var problem: AnnalsError?
    /// By table in small letters.
    private(set) var makers: [String: Maker] = [:]
    /// The schema at the end, or before the problem.
    private(set) var schema: Schema

    /// Runs a version set, whose numbers ascend.
    /// - Throws: what SQLite says when there is no memory; what is wrong with the definition is a problem.
    init(_ definition: ProjectionDefinition, versions: [Int]) throws(AnnalsError) {
        self.definition = definition
        (connection, schema) = try ProjectionDatabase.wrap(definition.name) {
            () throws(SQLiteError) in
            let connection = try Connection(path: ":memory:", mode: .create)
            try connection.execute("BEGIN; \(EngineTables.schema)")
            return (connection, try Schema(connection))
        }
        do throws(AnnalsError) {
            for migration in definition.migrations(in: versions) {
                try runUp(migration)
                try compileObjects(versions.filter { $0 <= migration.number }, migration)
                try traceSections(of: migration)
            }
            for handler in definition.handlers(in: versions) {
                guard let migration = definition.migration(handler.number) else { continue }
                inForce += try trace(handler.section, migration, .on(type: handler.eventType))
            }
            for index in inForce.indices { inForce[index].plan = try plan(inForce[index]) }
        } catch {
            problem = error
        }
    }

    private func traceSections(of migration: Migration) throws(AnnalsError) {
        for handler in migration.handlers {
            statements += try trace(handler.section, migration, .on(type: handler.eventType))
        }
        guard case .sql(let section) = migration.down else { return }
        try execute("SAVEPOINT down")
        try runner(section, migration).run { (range, accesses) throws(AnnalsError) in
            statements.append(
                TracedStatement(
                    migration: migration, part: .down, section: section, range: range,
                    accesses: accesses))
        }
        try execute("ROLLBACK TO down; RELEASE down")
    }

    private func compileObjects(_ versions: [Int], _ last: Migration) throws(AnnalsError) {
        let found = try SchemaObjects(definition: definition, connection: connection)
            .dangling(versions, last: last)
        for object in found where !dangling.contains(where: { $0.name == object.name }) {
            dangling.append(object)
        }
    }

    private func runUp(_ migration: Migration) throws(AnnalsError) {
        let before = schema
        // Which earlier table a present one is: renames are followed.
        var origins = Dictionary(
            uniqueKeysWithValues: before.tables.map { ($0.name.asciiLowercased, $0.name) })
        var dropped: [(table: String, statement: TracedStatement)] = []
        try runner(migration.up, migration).run { (range, accesses) throws(AnnalsError) in
            let statement = TracedStatement(
                migration: migration, part: .up, section: migration.up, range: range,
                accesses: accesses)
            statements.append(statement)
            let names = Set(schema.tables.map { $0.name.asciiLowercased })
            schema = try readSchema()
            let now = Set(schema.tables.map { $0.name.asciiLowercased })
            follow(statement)
            if let old = names.subtracting(now).first, let new = now.subtracting(names).first {
                origins[new] = origins.removeValue(forKey: old)
                makers[new] = makers.removeValue(forKey: old)
            }
            for access in accesses where access.action == .dropTable {
                let name = access.table.asciiLowercased
                if let origin = origins.removeValue(forKey: name) {
                    dropped.append((origin, statement))
                }
                if !now.contains(name) { makers[name] = nil }
            }
            for access in accesses where access.action == .dropColumn {
                guard let origin = origins[access.table.asciiLowercased],
                    let column = access.column,
                    Self.has(before.table(origin), column)
                else { continue }
                losses.append(Loss(statement: statement, table: origin, column: column))
            }
        }
        for (table, statement) in dropped { lose(before.table(table), statement) }
    }

    /// A table that was dropped and is there again was rebuilt: only its columns may be lost.
    private func lose(_ table: Schema.Table?, _ statement: TracedStatement) {
        guard let table else { return }
        guard let rebuilt = schema.table(table.name) else {
            return losses.append(Loss(statement: statement, table: table.name, column: nil))
        }
        for column in table.columns where !Self.has(rebuilt, column.name) {
            losses.append(Loss(statement: statement, table: table.name, column: column.name))
        }
    }

    private static func has(_ table: Schema.Table?, _ column: String) -> Bool {
        table?.columns.contains { $0.name.asciiLowercased == column.asciiLowercased } ?? false
    }

    private func follow(_ statement: TracedStatement) {
        for access in statement.accesses {
            let name = access.table.asciiLowercased
            switch access.action {
            case .createTable: makers[name] = Maker(statement: statement)
            case .alterTable: makers[name]?.changes.append(statement)
            default: break
            }
        }
    }

    private func trace(
        _ section: SQLSection, _ migration: Migration, _ part: TracedStatement.Part
    ) throws(AnnalsError) -> [TracedStatement] {
        var found: [TracedStatement] = []
        let authorizer = Authorizer.handler(engineTables: EngineTables.names)
        try runner(section, migration).forEachTraced(authorizer) {
            (statement, range, accesses) throws(AnnalsError) in
            var traced = TracedStatement(
                migration: migration, part: part, section: section, range: range,
                accesses: accesses)
            for name in statement.parameterNames.compactMap(\.self) {
                if name.hasPrefix("$") {
                    traced.fields.append(String(name.dropFirst()))
                } else {
                    traced.envelope.append(name)
                }
            }
            found.append(traced)
        }
        return found
    }

    /// SQLite's plan of a statement, one line for each loop and subquery.
    private func plan(_ statement: TracedStatement) throws(AnnalsError) -> [String] {
        let bytes = Array(statement.section.sql.utf8)
        let sql = String(decoding: bytes[statement.range], as: UTF8.self)
        return try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            try connection.rows("EXPLAIN QUERY PLAN \(sql)").map { $0[3] }
        }
    }

    private func readSchema() throws(AnnalsError) -> Schema {
        try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            try Schema(connection)
        }
    }

    private func runner(_ section: SQLSection, _ migration: Migration) -> SectionRunner {
        SectionRunner(
            section: section, connection: connection, projection: definition.name,
            migration: migration.number)
    }

    private func execute(_ sql: String) throws(AnnalsError) {
        try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            try connection.execute(sql)
        }
    }
}
