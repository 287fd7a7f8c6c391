import EventModel
import SQLite

/// Prepares the statements of one section of a migration file, one after the other, on a connection.
///
/// The section is held to its authorizer and to the rules that the authorizer cannot see. Errors are
/// of the kind `invalid` with file, line and column: `SQL_REFUSED`, `SQL_ERROR`, `SQL_TIME_ZONE`,
/// `SQL_ROLLBACK`, `SQL_PARAMETER`.
struct SectionRunner {
    let section: SQLSection
    let connection: Connection
    let projection: String
    let migration: Int

    /// Prepares and runs every statement, as Up and Down are run; parameters are refused.
    /// - Parameter done: called after each statement with where it stands in the section and what it
    ///   did to tables.
    func run(
        _ done: (Range<Int>, [TableAccess]) throws(AnnalsError) -> Void = {
            (_, _) throws(AnnalsError) in
        }
    ) throws(AnnalsError) {
        let authorizer = Authorizer.migration(engineTables: EngineTables.names)
        try forEachTraced(authorizer) { (statement, range, accesses) throws(AnnalsError) in
            let start = range.lowerBound
            if let name = statement.parameterNames.first {
                throw parameterError(
                    name ?? "?", from: start, "has no value here",
                    hint: "Only handlers see an event; Up and Down write constants.")
            }
            do throws(SQLiteError) {
                var run = statement.run()
                while try run.step() {}
            } catch {
                throw self.error(error, from: start)
            }
            try done(range, accesses)
        }
    }

    /// Prepares every statement and hands it on with the offset of its first character.
    func forEachStatement(
        _ authorizer: Authorizer, _ body: (Statement, Int) throws(AnnalsError) -> Void
    ) throws(AnnalsError) {
        try forEachTraced(authorizer) { (statement, range, _) throws(AnnalsError) in
            try body(statement, range.lowerBound)
        }
    }

    /// The same, with where the statement stands in the section and what it does to tables.
    func forEachTraced(
        _ authorizer: Authorizer,
        _ body: (Statement, Range<Int>, [TableAccess]) throws(AnnalsError) -> Void
    ) throws(AnnalsError) {
        try checkText()
        let sql = Dialect.sqlite.statements(of: section).sql
        var end = 0
        while let first = SQLiteText.firstToken(of: sql, from: end) {
            let start = first.range.lowerBound
            let prepared: (statement: Statement?, end: Int)
            var accesses: [TableAccess] = []
            do throws(SQLiteError) {
                prepared = try connection.authorized(by: authorizer) { () throws(SQLiteError) in
                    let prepared = try connection.prepare(sql, from: start)
                    accesses = connection.accesses
                    return prepared
                }
            } catch {
                throw self.error(error, from: start)
            }
            // Without a statement there was a lone semicolon.
            if let statement = prepared.statement {
                try body(statement, start..<prepared.end, accesses)
            }
            end = prepared.end
        }
    }

    /// What SQLite said about a statement, with its place in the file.
    func error(_ error: SQLiteError, from start: Int) -> AnnalsError {
        if let refusal = error.refusal {
            return self.error(
                "SQL_REFUSED", at: error.offset ?? start, refusal.message, hint: refusal.hint)
        }
        if error.isEnvironment || error.isCorruption {
            return .database(error, projection: projection)
        }
        return self.error(
            "SQL_ERROR", at: error.offset ?? start, "\(error.message).",
            hint: "Correct the statement; the words are SQLite's.")
    }

    /// An error about a parameter of the statement that starts at an offset.
    func parameterError(
        _ name: String, from start: Int, _ reason: String, hint: String
    ) -> AnnalsError {
        let bytes = Array(section.sql.utf8)
        let token = SQLiteText.tokens(of: section.sql).first {
            $0.kind == .parameter && $0.range.lowerBound >= start
                && bytes[$0.range].elementsEqual(name.utf8)
        }
        return error(
            "SQL_PARAMETER", at: token?.range.lowerBound ?? start,
            "The parameter \(name) \(reason).", hint: hint)
    }

    /// An error at an offset of the section.
    func error(_ code: String, at offset: Int, _ message: String, hint: String) -> AnnalsError {
        section.error(
            code, at: offset, message, hint: hint, projection: projection, migration: migration)
    }

    /// The rules about text that SQLite does not ask the authorizer about.
    private func checkText() throws(AnnalsError) {
        if let offset = SQLiteText.timeZoneModifiers(in: section.sql).first {
            throw error(
                "SQL_TIME_ZONE", at: offset,
                "The time modifier depends on the machine's time zone, so a replay would differ.",
                hint: "Keep times in UTC and convert them where they are shown.")
        }
        if let offset = SQLiteText.openTimeModifiers(in: section.sql).first {
            throw error(
                "SQL_TIME_ZONE", at: offset,
                "The time modifier is not known from the text and could name a time zone.",
                hint: "Begin it with a sign or digit in quotes, as '+' || $days || ' days'.")
        }
        if let offset = SQLiteText.rollbackClauses(in: section.sql).first {
            throw error(
                "SQL_ROLLBACK", at: offset,
                "ROLLBACK would undo other events' rows: the engine's transaction holds many.",
                hint: "Use ABORT, which undoes the statement.")
        }
        // A number would name whichever parameter has it, `$name` or not.
        let bytes = Array(section.sql.utf8)
        for token in SQLiteText.tokens(of: section.sql)
        where token.kind == .parameter && bytes[token.range.lowerBound] == UInt8(ascii: "?") {
            throw error(
                "SQL_PARAMETER", at: token.range.lowerBound,
                "The parameter \(String(decoding: bytes[token.range], as: UTF8.self)) has no name.",
                hint: "A field of the data is $name, a part of the envelope @name.")
        }
        if let found = SQLiteText.nondeterministicDefaults(in: section.sql).first {
            throw error(
                "SQL_REFUSED", at: found.offset,
                "\(found.function)() is refused: its answer is not a function of the log.",
                hint: "Take the value from the event.")
        }
    }
}

extension AnnalsError {
    /// An error of SQLite's that no SQL of a migration is to blame for.
    static func database(_ error: SQLiteError, projection: String) -> AnnalsError {
        let context = Context(projection: projection)
        if error.isFileMissing {
            return AnnalsError(
                .corrupt, "FILE_MISSING", "The file of the projection \(projection) is not there.",
                hint: "Rebuild it from the log.", context: context)
        }
        if error.isCorruption {
            return AnnalsError(
                .corrupt, "PROJECTION_CORRUPT",
                "The projection \(projection) is damaged: \(error.message).",
                hint: "Rebuild it from the log.", context: context)
        }
        if error.isBusy {
            return AnnalsError(
                .unavailable, "PROJECTION_BUSY",
                "The projection \(projection) is locked by another process: \(error.message).",
                hint: "Repeat when the other process has finished.", context: context)
        }
        if error.isDiskFull {
            return AnnalsError(
                .unavailable, "DISK_FULL",
                "No space is left for the projection \(projection): \(error.message).",
                hint: "Free space, then repeat; nothing half-written stays.", context: context)
        }
        return AnnalsError(
            .unavailable, "PROJECTION_FILE",
            "SQLite cannot work on the projection \(projection): \(error.message).",
            hint: "Look at the disk's space and at the permissions, then repeat.",
            context: context)
    }
}
