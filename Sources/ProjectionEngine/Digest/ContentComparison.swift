public import EventModel
import SQLite

/// Compares two projection files: schema in normal form, and every row by its typed values.
///
/// What the digest leaves out is left out here: the engine's tables and SQLite's own.
public struct ContentComparison {
    private let connection: Connection
    private static let other = "found"

    /// What the second file has otherwise than the first: schema objects first, then tables by name.
    ///
    /// Empty exactly when the two have one digest. Each file is read in one snapshot, and neither is changed.
    /// - Parameter check: called inside the snapshots, with the position of each file; what it throws
    ///   ends the comparison.
    /// - Throws: what SQLite says when a file cannot be read.
    public static func differences(
        expected: String, found: String, projection: String,
        check: (_ expected: Position, _ found: Position) throws(AnnalsError) -> Void = { _, _ in }
    ) throws(AnnalsError) -> [ContentDifference] {
        let comparison = try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            let connection = try Connection(path: expected, mode: .readOnly)
            let text = found.replacing("'", with: "''")
            try connection.execute("ATTACH '\(text)' AS \(other); BEGIN")
            return ContentComparison(connection: connection)
        }
        defer { do { try comparison.connection.execute("ROLLBACK") } catch {} }
        let positions = try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            (try comparison.position("main"), try comparison.position(other))
        }
        try check(positions.0, positions.1)
        return try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            try comparison.differences()
        }
    }

    /// The schema objects alone that the second file has otherwise than the first.
    /// - Throws: what SQLite says when a file cannot be read.
    public static func schemaDifferences(
        expected: String, found: String, projection: String
    ) throws(AnnalsError) -> [ContentDifference] {
        try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            let theirs = try SchemaNormalForm(try Connection(path: found, mode: .readOnly))
            let ours = try SchemaNormalForm(try Connection(path: expected, mode: .readOnly))
            return schemaDifferences(ours, theirs)
        }
    }

    private func position(_ schema: String) throws(SQLiteError) -> Position {
        let sql = "SELECT position FROM \(schema).checkpoint WHERE id = 1"
        return Position(UInt64(clamping: try connection.int64(sql) ?? 0))
    }

    private func differences() throws(SQLiteError) -> [ContentDifference] {
        let expected = try SchemaNormalForm(connection)
        let found = try SchemaNormalForm(connection, in: Self.other)
        var differences = Self.schemaDifferences(expected, found)
        for table in expected.tables {
            // Where the columns differ the schema says so, and rows cannot be told apart by them.
            let isAlike = found.tables.contains {
                $0.name.asciiLowercased == table.name.asciiLowercased
                    && $0.columns.map(\.asciiLowercased) == table.columns.map(\.asciiLowercased)
            }
            guard isAlike, try !hasEqualRows(table) else { continue }
            differences.append(try RowDifference(table, connection, other: Self.other).example())
        }
        return differences
    }

    private static func schemaDifferences(
        _ expected: SchemaNormalForm, _ found: SchemaNormalForm
    ) -> [ContentDifference] {
        func key(_ object: SchemaNormalForm.Object) -> String {
            "\(object.kind) \(object.name.asciiLowercased)"
        }
        func fields(_ value: RowValue?) -> [ContentDifference.Field] {
            value.map { [.init(column: "sql", value: $0)] } ?? []
        }
        let theirs = Dictionary(found.objects.map { (key($0), $0) }) { first, _ in first }
        let ours = Dictionary(expected.objects.map { (key($0), $0) }) { first, _ in first }
        let names = Set(theirs.keys).union(ours.keys).sorted()
        return names.compactMap { name in
            let (mine, other) = (ours[name], theirs[name])
            guard mine?.line != other?.line, let object = mine ?? other else { return nil }
            let none = RowValue.null
            let sql = RowValue.shortened(
                mine.map { .text($0.line) } ?? none, other.map { .text($0.line) } ?? none)
            return ContentDifference(
                table: object.table, object: "\(object.kind) \(object.name)", rows: 0, key: [],
                expected: fields(mine == nil ? nil : sql.0),
                found: fields(other == nil ? nil : sql.1))
        }.sorted { ($0.table, isTable($0) ? 0 : 1) < ($1.table, isTable($1) ? 0 : 1) }
    }

    private static func isTable(_ difference: ContentDifference) -> Bool {
        difference.object?.hasPrefix("table ") == true
    }

    /// Walks both tables side by side; stops at the first row that is not the same.
    private func hasEqualRows(_ table: SchemaNormalForm.Table) throws(SQLiteError) -> Bool {
        guard let ours = try connection.prepare(table.rowsSQL()).statement,
            let theirs = try connection.prepare(table.rowsSQL(in: Self.other)).statement
        else { return true }
        var left = ours.run()
        var right = theirs.run()
        while true {
            let isRow = try left.step()
            guard try right.step() == isRow else { return false }
            guard isRow else { return true }
            for index in table.columns.indices where !Self.isSame(left, right, at: index) {
                return false
            }
        }
    }

    private static func isSame(
        _ left: borrowing Run, _ right: borrowing Run, at index: Int
    ) -> Bool {
        let type = left.type(at: index)
        guard type == right.type(at: index) else { return false }
        return switch type {
        case .null: true
        case .integer: left.int64(at: index) == right.int64(at: index)
        case .real: left.double(at: index) == right.double(at: index)
        case .text, .blob: sameBytes(left.bytes(at: index), right.bytes(at: index))
        }
    }
}
