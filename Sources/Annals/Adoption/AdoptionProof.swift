internal import EventModel
internal import SQLite

/// Compares the rows of a file with those of a projection that was built from their events: every
/// table, every row, every value with its type.
struct AdoptionProof {
    let source: AdoptionSource
    /// The projection's file.
    let built: AdoptionSource

    /// Compares one table.
    /// - Parameter progress: called now and then with the rows compared.
    /// - Throws: `ADOPT_DIFFERS` with table, row, column and both values.
    func compare(
        _ table: AdoptionPlan.Table, progress: (Int) -> Void
    ) throws(AnnalsError) {
        let own = table.source
        let columns = own.allColumns.map(quoted).joined(separator: ", ")
        let select = "SELECT \(columns) FROM \(quoted(own.name)) ORDER BY "
        let order = table.rowColumn == nil ? own.contentOrder : own.order
        let other = table.rowColumn.map { [quoted($0)] } ?? order
        guard
            let left = try source.reading({ () throws(SQLiteError) in
                try source.connection.prepare(select + order.joined(separator: ", ")).statement
            }),
            let right = try built.reading({ () throws(SQLiteError) in
                try built.connection.prepare(select + other.joined(separator: ", ")).statement
            })
        else { return }
        var file = left.run()
        var projection = right.run()
        var rows = 0
        while true {
            let hasLeft = try step(&file)
            let hasRight = try step(&projection)
            guard hasLeft == hasRight else {
                throw differs(
                    own.name,
                    "the projection has \(hasRight ? "more" : "fewer") rows: \(rows) are "
                        + "equal, and the file has \(own.count)")
            }
            guard hasLeft else { return }
            rows += 1
            for column in own.allColumns.indices where !isSame(file, projection, column) {
                throw differs(
                    own.name,
                    "in row \(rows) by \(order.joined(separator: ", ")) the column "
                        + "\(own.allColumns[column]) is \(shown(file, column)) in the file and "
                        + "\(shown(projection, column)) in the projection")
            }
            if rows % 16_384 == 0 { progress(rows) }
        }
    }

    private func step(_ run: inout Run) throws(AnnalsError) -> Bool {
        do throws(SQLiteError) { return try run.step() } catch {
            return try source.reading { () throws(SQLiteError) in throw error }
        }
    }

    private func isSame(_ left: borrowing Run, _ right: borrowing Run, _ column: Int) -> Bool {
        let type = left.type(at: column)
        guard type == right.type(at: column) else { return false }
        return switch type {
        case .null: true
        case .integer: left.int64(at: column) == right.int64(at: column)
        // SQLite takes both zeros for equal, as digests do.
        case .real: left.double(at: column) == right.double(at: column)
        case .text: sameBytes(left.utf8(at: column), right.utf8(at: column))
        case .blob: sameBytes(left.bytes(at: column), right.bytes(at: column))
        }
    }

    private func shown(_ run: borrowing Run, _ column: Int) -> String {
        switch run.type(at: column) {
        case .null: "NULL"
        case .integer: "the integer \(run.int64(at: column))"
        case .real: "the real \(run.double(at: column))"
        case .text: "the text '\((run.text(at: column) ?? "").prefix(80))'"
        case .blob: "a blob of \(run.bytes(at: column).count) bytes"
        }
    }

    private func differs(_ table: String, _ what: String) -> AnnalsError {
        AnnalsError(
            .invalid, "ADOPT_DIFFERS",
            "The projection does not equal the file: in the table \(table) \(what). Nothing was "
                + "adopted.",
            hint:
                "Let the handler of the table's events write the columns as they are in the data.",
            context: .init(file: source.path))
    }
}
