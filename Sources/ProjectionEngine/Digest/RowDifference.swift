import EventModel
import SQLite

/// Counts the rows of one table that two attached files do not share, and picks one of them.
///
/// SQLite groups the rows of both by their typed values; what does not cancel out differs.
struct RowDifference {
    private let table: SchemaNormalForm.Table
    private let connection: Connection
    private let other: String
    /// Rows looked through for the other side of the example.
    private static let partnersMax = 64

    init(_ table: SchemaNormalForm.Table, _ connection: Connection, other: String) {
        self.table = table
        self.connection = connection
        self.other = other
    }

    /// A row of one side only.
    private struct Row {
        let values: [RowValue]
        let isExpected: Bool
    }

    /// The number of differing rows and the first of them in the order of the key.
    func example() throws(SQLiteError) -> ContentDifference {
        try connection.execute(collectSQL())
        let count = try connection.int64(countSQL()) ?? 0
        let rows = try candidates()
        try connection.execute("DROP TABLE temp.differing")
        let keys = table.key.compactMap(table.columns.firstIndex(of:))
        let first = rows.first
        let partner = rows.first { row in
            row.isExpected != first?.isExpected
                && keys.allSatisfy { row.values[$0] == first?.values[$0] }
        }
        let pair = [first, partner]
        let expected = pair.compactMap { $0 }.first(where: \.isExpected)
        let found = pair.compactMap { $0 }.first { !$0.isExpected }
        return difference(Int(count), keys, expected?.values, found?.values)
    }

    private func difference(
        _ count: Int, _ keys: [Int], _ expected: [RowValue]?, _ found: [RowValue]?
    ) -> ContentDifference {
        var shown: (expected: [ContentDifference.Field], found: [ContentDifference.Field]) = (
            [], []
        )
        for (index, column) in table.columns.enumerated() {
            let mine = expected?[index]
            let other = found?[index]
            // Of a changed row only what changed is of interest.
            if let mine, let other {
                if mine == other { continue }
                let values = RowValue.shortened(mine, other)
                shown.expected.append(.init(column: column, value: values.0))
                shown.found.append(.init(column: column, value: values.1))
            } else if let mine {
                shown.expected.append(.init(column: column, value: mine.shortened))
            } else if let other {
                shown.found.append(.init(column: column, value: other.shortened))
            }
        }
        let row = expected ?? found ?? []
        return ContentDifference(
            table: table.name, object: nil, rows: count,
            key: row.isEmpty
                ? []
                : keys.map { .init(column: table.columns[$0], value: row[$0].shortened) },
            expected: shown.expected, found: shown.found)
    }

    /// Collects what does not cancel out, as columns `v0`, `v1` … and `side`.
    ///
    /// The plus sign takes a column's affinity away, so that nothing is converted on the way.
    private func collectSQL() -> String {
        func side(_ schema: String, _ sign: String) -> String {
            let values = table.columns.enumerated().map { "+\(quotedName($1)) AS v\($0)" }
            return """
                SELECT \(values.joined(separator: ", ")), \(sign) AS side
                FROM \(schema).\(quotedName(table.name))
                """
        }
        let names = table.columns.indices.map { "v\($0)" }
        let groups = names.flatMap { ["\($0) COLLATE BINARY", "typeof(\($0))"] }
        return """
            CREATE TEMP TABLE differing AS
            SELECT \(names.joined(separator: ", ")), sum(side) AS side
            FROM (\(side("main", "1")) UNION ALL \(side(other, "-1")))
            GROUP BY \(groups.joined(separator: ", ")) HAVING sum(side) <> 0
            """
    }

    /// Rows of one key are one changed row; without a total key each side is counted.
    private func countSQL() -> String {
        guard table.isKeyTotal else {
            return """
                SELECT max(total(side) FILTER (WHERE side > 0), -total(side) FILTER (WHERE side < 0))
                FROM temp.differing
                """
        }
        return "SELECT count(*) FROM (SELECT 1 FROM temp.differing GROUP BY \(keyOrder()))"
    }

    private func keyOrder() -> String {
        let keys = table.key.compactMap(table.columns.firstIndex(of:))
        return (keys.isEmpty ? Array(table.columns.indices) : keys)
            .map { "v\($0) COLLATE BINARY" }.joined(separator: ", ")
    }

    private func candidates() throws(SQLiteError) -> [Row] {
        let names = table.columns.indices.map { "v\($0)" }.joined(separator: ", ")
        let sql = """
            SELECT \(names), side FROM temp.differing ORDER BY \(keyOrder()), side DESC
            LIMIT \(Self.partnersMax)
            """
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var rows: [Row] = []
        var run = statement.run()
        while try run.step() {
            var values: [RowValue] = []
            for index in table.columns.indices { values.append(Self.value(run, index)) }
            rows.append(Row(values: values, isExpected: run.int64(at: table.columns.count) > 0))
        }
        return rows
    }

    private static func value(_ run: borrowing Run, _ column: Int) -> RowValue {
        switch run.type(at: column) {
        case .null: .null
        case .integer: .integer(run.int64(at: column))
        case .real: .real(run.double(at: column))
        case .text: .text(run.text(at: column) ?? "")
        case .blob: .blob([UInt8](copying: run.bytes(at: column)))
        }
    }
}
