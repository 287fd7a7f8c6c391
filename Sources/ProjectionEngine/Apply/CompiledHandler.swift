import EventModel
import SQLite

/// One statement of a handler or the expression of an upcast, compiled.
///
/// A class, so that the loop over events copies a reference and not its parts.
final class CompiledStatement {
    let statement: Statement
    /// The places of the parameters' values among those of an event, the first parameter first.
    let places: [Int]
    /// Where its SQL stands.
    let section: SQLSection
    /// Where it starts in its section, in bytes of UTF-8.
    let start: Int
    /// The number of the migration that defines it.
    let migration: Int

    init(
        _ statement: Statement, _ places: [Int], section: SQLSection, start: Int, migration: Int
    ) {
        self.statement = statement
        self.places = places
        self.section = section
        self.start = start
        self.migration = migration
    }
}

/// An upcast, compiled.
struct CompiledUpcast {
    let from: Int
    let to: Int
    let expression: CompiledStatement
}

/// Everything that one event type runs; a class for the same reason.
final class CompiledType {
    /// The statements of all handlers, in the order in which they run.
    var statements: [CompiledStatement] = []
    /// The rewritings of older data.
    var upcasts: [CompiledUpcast] = []
}

/// The handlers and upcasts in force at a version set, compiled on one connection.
struct HandlerProgram {
    /// What is run for each type.
    private(set) var types: [CompiledType] = []
    /// What that takes from an event; the types have the same numbers.
    private(set) var inputs = HandlerInputs()
    /// Whether a table has a foreign key that is checked late; without one nothing needs to be asked
    /// after each statement.
    let hasDeferredKeys: Bool

    /// Compiles everything that is in force, or of the handlers only those that some migrations define.
    /// - Throws: an `invalid` error with file, line and column of the first SQL that cannot be used.
    init(
        _ definition: ProjectionDefinition, versions: [Int], on connection: Connection,
        onlyOf migrations: Set<Int>? = nil
    ) throws(AnnalsError) {
        hasDeferredKeys = try ProjectionDatabase.wrap(definition.name) { () throws(SQLiteError) in
            try connection.int64(
                "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%DEFERRED%'") != 0
        }
        for handler in definition.handlers(in: versions)
        where migrations?.contains(handler.number) ?? true {
            let runner = SectionRunner(
                section: handler.section, connection: connection, projection: definition.name,
                migration: handler.number)
            let type = index(ofType: handler.eventType)
            let authorizer = Authorizer.handler(engineTables: EngineTables.names)
            try runner.forEachStatement(authorizer) { (statement, start) throws(AnnalsError) in
                let places = try inputs.update(type) { (inputs) throws(AnnalsError) in
                    try Self.places(statement, runner, from: start, &inputs)
                }
                types[type].statements.append(
                    CompiledStatement(
                        statement, places, section: runner.section, start: start,
                        migration: runner.migration))
            }
        }
        for upcast in definition.upcasts(in: versions) {
            let migration = definition.migrations(in: versions).last { $0.upcasts.contains(upcast) }
            let runner = SectionRunner(
                section: upcast.section, connection: connection, projection: definition.name,
                migration: migration?.number ?? 0)
            let type = index(ofType: upcast.eventType)
            // A type that only has an upcast has nothing to show the newer data to.
            let expression = try inputs.update(type) { (inputs) throws(AnnalsError) in
                inputs.rewrittenVersions.append(upcast.from)
                return try runner.compileExpression(&inputs)
            }
            types[type].upcasts.append(
                CompiledUpcast(from: upcast.from, to: upcast.to, expression: expression))
        }
    }

    private mutating func index(ofType type: String) -> Int {
        let index = inputs.enter(type)
        if index == types.count { types.append(CompiledType()) }
        return index
    }

    /// The places of a statement's parameters, entered as far as they are new.
    private static func places(
        _ statement: Statement, _ runner: SectionRunner, from start: Int, _ inputs: inout TypeInputs
    ) throws(AnnalsError) -> [Int] {
        var places: [Int] = []
        for name in statement.parameterNames {
            if let name, name.hasPrefix("$") {
                places.append(inputs.place(ofField: Array(name.utf8.dropFirst())))
            } else {
                let part = try runner.envelopePart(name, from: start, "a field is $name")
                places.append(inputs.place(of: part))
            }
        }
        return places
    }
}

extension SectionRunner {
    /// The part of the envelope that a parameter names.
    fileprivate func envelopePart(
        _ name: String?, from start: Int, _ alternative: String
    ) throws(AnnalsError) -> EnvelopePart {
        if let part = name.flatMap(EnvelopePart.init) { return part }
        throw parameterError(
            name ?? "?", from: start, "is unknown",
            hint: "The envelope has @data, @metadata, @type, @stream, @key, @revision, @position, "
                + "@time, @recorded and @id; \(alternative).")
    }

    /// Compiles the one expression of an upcast.
    fileprivate func compileExpression(
        _ inputs: inout TypeInputs
    ) throws(AnnalsError) -> CompiledStatement {
        // The first line break keeps the file's columns, the last one ends a comment.
        let wrapped = SectionRunner(
            section: SQLSection(
                sql: "SELECT (\n\(section.sql)\n)", file: section.file,
                firstLine: section.firstLine - 1),
            connection: connection, projection: projection, migration: migration)
        var statements: [Statement] = []
        try wrapped.forEachStatement(.handler(engineTables: EngineTables.names)) {
            (statement, _) throws(AnnalsError) in statements.append(statement)
        }
        guard statements.count == 1, statements[0].columnCount == 1, statements[0].isReadOnly else {
            throw self.error(
                "SQL_ERROR", at: 0, "An upcast is one SQL expression.",
                hint: "Write an expression over @data that gives JSON text, without a semicolon.")
        }
        var places: [Int] = []
        for name in statements[0].parameterNames {
            let part = try envelopePart(
                name, from: 0, "an upcast reads fields as @data ->> '$.name'")
            places.append(inputs.place(of: part))
        }
        return CompiledStatement(
            statements[0], places, section: section, start: 0, migration: migration)
    }
}
