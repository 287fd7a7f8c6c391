internal import EventModel
internal import ProjectionEngine
internal import SQLite

/// One reading statement on one projection file.
enum ProjectionQuery {
    /// - Parameters:
    ///   - now: what "now" is for the statement; `nil` for the machine's clock.
    ///   - begun: called when the snapshot has begun, with the name of the log that the file follows.
    static func run(
        _ sql: String, onFile path: String, of projection: String, now: Timestamp?,
        begun: (_ logID: String) throws -> Void = { _ in },
        columns: ([String]) throws -> Void, row: ([QueryValue]) throws -> Void
    ) throws(AnnalsError) {
        var hasBegun = false
        do {
            let connection = try ProjectionFile.snapshot(
                path: path, projection: projection, clock: try now.map(clock(at:)))
            connection.limitForQueries()
            try begun(try logID(of: connection))
            try connection.authorized(by: .query) { () throws -> Void in
                let statement = try prepare(sql, connection)
                let names = (0..<statement.columnCount).map { statement.columnName(at: $0) }
                try columns(names)
                hasBegun = true
                var run = statement.run()
                while try run.step() {
                    var values: [QueryValue] = []
                    for index in names.indices { values.append(value(run, index)) }
                    try row(values)
                }
            }
        } catch let error as SQLiteError {
            throw hasBegun ? failed(error, projection) : refused(error, in: sql, projection)
        } catch let error as AnnalsError {
            throw error
        } catch {
            throw AnnalsError(.unavailable, "QUERY_FAILED", "The query failed: \(error).")
        }
    }

    /// The one statement of the text.
    private static func prepare(_ sql: String, _ connection: Connection) throws -> Statement {
        let prepared = try connection.prepare(sql)
        guard let statement = prepared.statement else {
            throw AnnalsError(
                .invalid, "QUERY_INVALID", "There is no statement.", hint: "Give a SELECT.")
        }
        guard try connection.prepare(sql, from: prepared.end).statement == nil else {
            throw AnnalsError(
                .invalid, "QUERY_INVALID", "There is more than one statement.",
                hint: "Run them one at a time.")
        }
        if let parameter = statement.parameterNames.first {
            throw AnnalsError(
                .invalid, "QUERY_INVALID",
                "The statement has the parameter \(parameter ?? "?"), which nothing fills.",
                hint: "Write the value into the statement.")
        }
        return statement
    }

    private static func logID(of connection: Connection) throws(SQLiteError) -> String {
        let sql = "SELECT log_id FROM checkpoint WHERE id = 1"
        guard let statement = try connection.prepare(sql).statement else { return "" }
        var run = statement.run()
        return try run.step() ? run.text(at: 0) ?? "" : ""
    }

    private static func clock(at now: Timestamp) throws(SQLiteError) -> EventClock {
        let clock = try EventClock()
        clock.set(now.milliseconds)
        return clock
    }

    private static func value(_ run: borrowing Run, _ column: Int) -> QueryValue {
        switch run.type(at: column) {
        case .null: .null
        case .integer: .integer(run.int64(at: column))
        case .real: .real(run.double(at: column))
        case .text: .text(run.text(at: column) ?? "")
        case .blob: .blob([UInt8](copying: run.bytes(at: column)))
        }
    }

    /// What SQLite said about the text of the query.
    private static func refused(
        _ error: SQLiteError, in sql: String, _ projection: String
    ) -> AnnalsError {
        guard !error.isCorruption, !error.isEnvironment else { return failed(error, projection) }
        var context = AnnalsError.Context(projection: projection)
        if let offset = error.offset {
            let bytes = Array(sql.utf8)
            let place = JSONText.lineAndColumn(of: min(offset, bytes.count), in: bytes.span)
            context.line = place.line
            context.column = place.column
        }
        let place = context.column.map { " at line \(context.line ?? 1), column \($0)" } ?? ""
        if let refusal = error.refusal {
            return AnnalsError(
                .invalid, "QUERY_REFUSED", "The query is refused\(place): \(refusal.message)",
                hint: "A query only reads. \(refusal.hint)", context: context)
        }
        return AnnalsError(
            .invalid, "QUERY_INVALID", "SQLite says\(place): \(error.message).", context: context)
    }

    /// What SQLite said while the query ran.
    private static func failed(_ error: SQLiteError, _ projection: String) -> AnnalsError {
        let kind: AnnalsError.Kind =
            error.isCorruption ? .corrupt : error.isEnvironment ? .unavailable : .invalid
        let hint =
            error.isCorruption
            ? "Run 'annals rebuild \(projection)'."
            : error.isEnvironment
                ? "Look at the disk and at other programs, then repeat."
                : "The statement is right, its values are not; the words are SQLite's."
        return AnnalsError(
            kind, "QUERY_FAILED", "The query failed while it ran: \(error.message).", hint: hint,
            context: .init(projection: projection))
    }
}
