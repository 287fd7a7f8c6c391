package import EventModel
import SQLite

/// A value for a parameter of a statement that another library runs.
package enum ForeignValue: Sendable, Equatable {
    /// NULL.
    case null
    /// A whole number.
    case integer(Int64)
    /// A floating-point number.
    case real(Double)
    /// A text, UTF-8.
    case text([UInt8])
    /// Bytes.
    case blob([UInt8])
}

/// What another library says about a statement that failed.
package struct ForeignError: Error {
    /// What was said.
    package let message: String
    /// Whether the event is to blame, and not the file or the machine.
    package let blamesEvent: Bool

    /// Joins the two.
    package init(message: String, blamesEvent: Bool) {
        self.message = message
        self.blamesEvent = blamesEvent
    }
}

/// The schema and handlers of a projection at a version set, for a connection that somebody else owns.
///
/// Everything is compiled and judged on a database in memory; the owner's connection gets the
/// statements and values, and neither an authorizer nor a setting.
package struct ForeignProgram {
    /// What the projection is.
    package let definition: ProjectionDefinition
    /// The numbers of the migrations, ascending.
    package let versions: [Int]
    /// The tables and views in the order in which they are made.
    package let objects: [(kind: String, name: String)]
    private let program: HandlerProgram

    /// The statements that make the engine's own tables.
    package static var engineSchema: String { EngineTables.schema }
    /// The names of the engine's own tables.
    package static var engineTables: Set<String> { EngineTables.names }

    /// Compiles a version set.
    /// - Throws: `invalid` with file, line and column: what is wrong with a statement, or
    ///   `EXTERNAL_CLOCK` for one that reads the clock, which a foreign connection has of its own.
    package init(
        _ definition: ProjectionDefinition, versions: [Int]
    ) throws(AnnalsError) {
        self.definition = definition
        self.versions = versions
        let connection = try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            let connection = try Connection(path: ":memory:", mode: .create)
            try connection.execute("BEGIN; \(EngineTables.schema)")
            return connection
        }
        for migration in definition.migrations(in: versions) {
            try Self.checkClock(migration.up, migration.number, definition.name)
            try SectionRunner(
                section: migration.up, connection: connection, projection: definition.name,
                migration: migration.number
            ).run()
        }
        for handler in definition.handlers(in: versions) {
            try Self.checkClock(handler.section, handler.number, definition.name)
        }
        for upcast in definition.upcasts(in: versions) {
            try Self.checkClock(upcast.section, nil, definition.name)
        }
        program = try HandlerProgram(definition, versions: versions, on: connection)
        objects = try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            try Self.objects(connection)
        }
    }

    /// Runs the handlers of the events after a position.
    ///
    /// - Parameter run: runs a statement with its values, and returns the first row's first text.
    /// - Throws: `EVENT_REFUSED` with position, type and the handler's place; what the source throws.
    package func apply(
        from source: some EventSource, after: Position, through: Position,
        run: (_ sql: String, _ values: [ForeignValue]) throws(ForeignError) -> [UInt8]
    ) throws(AnnalsError) {
        let reader = PortionReader(source, program.inputs, projection: definition.name)
        var portion = EventPortion()
        var reached = after
        while reached < through {
            try reader.read(&portion, after: reached, through: through, limit: .max)
            for index in portion.entries.indices {
                let entry = portion.entries[index]
                try rewrite(entry, &portion, run)
                for statement in program.types[entry.type].statements {
                    _ = try self.run(statement, entry, portion, run)
                }
            }
            reached = portion.end
        }
    }

    /// Brings an event's data into its newest shape.
    private func rewrite(
        _ entry: EventPortion.Entry, _ portion: inout EventPortion,
        _ run: (String, [ForeignValue]) throws(ForeignError) -> [UInt8]
    ) throws(AnnalsError) {
        let upcasts = program.types[entry.type].upcasts
        var version = entry.schemaVersion
        while let upcast = upcasts.first(where: { $0.from == version }) {
            version = upcast.to
            let data = try self.run(upcast.expression, entry, portion, run)
            do throws(JSONError) {
                try JSONText.validateObject(data.span)
            } catch {
                throw refused(
                    entry, portion, "the upcast gave no JSON object: \(error.message)",
                    upcast.expression)
            }
            let isNewest = !upcasts.contains { $0.from == version }
            portion.rewrite(entry, program.inputs.types[entry.type], data, isNewest: isNewest)
        }
    }

    private func run(
        _ statement: CompiledStatement, _ entry: EventPortion.Entry,
        _ portion: borrowing EventPortion,
        _ run: (String, [ForeignValue]) throws(ForeignError) -> [UInt8]
    ) throws(AnnalsError) -> [UInt8] {
        var values: [ForeignValue] = []
        for place in statement.places {
            switch portion.values[entry.firstValue + place] {
            case .null: values.append(.null)
            case .integer(let value): values.append(.integer(value))
            case .real(let value): values.append(.real(value))
            case .text(let range): values.append(.text(Array(portion.bytes[range])))
            case .blob(let range): values.append(.blob(Array(portion.bytes[range])))
            }
        }
        do throws(ForeignError) {
            return try run(statement.statement.sql, values)
        } catch {
            guard error.blamesEvent else {
                throw AnnalsError(
                    .unavailable, "EXTERNAL_FAILED",
                    "The connection cannot take the projection \(definition.name): "
                        + "\(error.message).",
                    hint: "Look at its disk, locks and permissions, then repeat.",
                    context: .init(projection: definition.name))
            }
            throw refused(entry, portion, error.message, statement)
        }
    }

    private func refused(
        _ entry: EventPortion.Entry, _ portion: borrowing EventPortion, _ reason: String,
        _ statement: CompiledStatement
    ) -> AnnalsError {
        EventRefusal(
            entry.position, type: program.inputs.types[entry.type].name,
            stream: String(utf8: portion.bytes.span.extracting(entry.stream)), reason, nil,
            at: statement
        ).stopped(projection: definition.name)
    }

    private static func checkClock(
        _ section: SQLSection, _ migration: Int?, _ projection: String
    ) throws(AnnalsError) {
        guard let offset = SQLiteText.clockReads(in: section.sql).first else { return }
        throw section.error(
            "EXTERNAL_CLOCK", at: offset,
            "On a connection of yours this is the machine's time and not the event's, so a replay "
                + "would differ.",
            hint: "Use @time, or times as numbers with 'unixepoch'; or leave the module out.",
            projection: projection, migration: migration)
    }

    private static func objects(
        _ connection: Connection
    ) throws(SQLiteError) -> [(kind: String, name: String)] {
        let sql = """
            SELECT type, name FROM sqlite_schema
            WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid
            """
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var run = statement.run()
        var found: [(kind: String, name: String)] = []
        while try run.step() {
            let name = run.text(at: 1) ?? ""
            if EngineTables.names.contains(name.asciiLowercased) { continue }
            found.append((run.text(at: 0) ?? "", name))
        }
        return found
    }
}
