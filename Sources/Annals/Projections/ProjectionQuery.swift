internal import EventModel
internal import SQLite

/// One reading statement on one SQLite file.
enum ProjectionQuery {
    /// - Parameters:
    ///   - now: what "now" is for the statement; `nil` for the machine's clock.
    ///   - begun: called when the snapshot has begun, with the name of the log that the file follows.
    static func run(
        _ sql: String, onFile path: String, now: Timestamp?,
        begun: (_ logID: String) throws -> Void = { _ in },
        columns: ([String]) throws -> Void, row: ([QueryValue]) throws -> Void
    ) throws(AnnalsError) {
        do {
            let connection = try Connection(
                path: path, mode: .readOnly, clock: try now.map(clock(at:)))
            try connection.execute("BEGIN")
            try begun(try logID(of: connection))
            try connection.authorized(by: .query) { () throws -> Void in
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
                let names = (0..<statement.columnCount).map { statement.columnName(at: $0) }
                try columns(names)
                var run = statement.run()
                while try run.step() {
                    var values: [QueryValue] = []
                    for index in names.indices { values.append(value(run, index)) }
                    try row(values)
                }
            }
        } catch let error as SQLiteError {
            throw queryError(error, in: sql)
        } catch let error as AnnalsError {
            throw error
        } catch {
            throw AnnalsError(.unavailable, "QUERY_FAILED", "The query failed: \(error).")
        }
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

    private static func queryError(_ error: SQLiteError, in sql: String) -> AnnalsError {
        var context = AnnalsError.Context()
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
        let kind: AnnalsError.Kind =
            error.isCorruption ? .corrupt : error.isBusy ? .unavailable : .invalid
        return AnnalsError(
            kind, kind == .invalid ? "QUERY_INVALID" : "QUERY_FAILED",
            "SQLite says\(place): \(error.message).", context: context)
    }
}
