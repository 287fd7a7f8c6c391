/// One table or schema object that two projection files do not have alike.
public struct ContentDifference: Sendable, Equatable {
    /// A column and its value.
    public struct Field: Sendable, Equatable {
        /// The column's name.
        public let column: String
        /// Its value, shortened.
        public let value: RowValue
    }

    /// The table; for a view its name.
    public let table: String
    /// The schema object that differs, such as `index idx_items_name`; `nil` when rows differ.
    public let object: String?
    /// How many rows differ: changed, missing and surplus ones; 0 for a schema object.
    public let rows: Int
    /// The example row's primary key; empty without a key, and for a schema object.
    public let key: [Field]
    /// What was expected of the example: the columns that differ, or the whole of a missing row.
    ///
    /// For a schema object its statement as `sql`; empty for what should not be there.
    public let expected: [Field]
    /// What was found instead: the same columns, or the whole of a surplus row; empty for what is missing.
    public let found: [Field]

    /// One line for people, such as `items: 3 rows differ`.
    public var summary: String {
        guard let object else {
            return "\(table): \(rows) \(rows == 1 ? "row differs" : "rows differ")"
        }
        if expected.isEmpty { return "\(object) is there, but should not be" }
        return found.isEmpty ? "\(object) is missing" : "\(object) differs"
    }
}
