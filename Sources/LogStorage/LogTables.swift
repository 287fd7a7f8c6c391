internal import LMDB

/// The LMDB tables of a log; docs/format.md describes each.
struct LogTables: Sendable {
    /// Position to record: the only table that is not derived from another.
    let events: Table
    /// Small facts about the log and pointers of those who use it, by name.
    let state: Table
    private let indexes: [Table]

    /// The table of an index.
    func index(_ kind: IndexKind) -> Table { indexes[Int(kind.rawValue)] }

    private static let names = ["events", "state"] + IndexKind.allCases.map(\.tableName)

    /// Opens the tables, creating what is missing.
    static func create(in environment: borrowing Environment) throws(LMDBError) -> LogTables {
        LogTables(try environment.createTables(names))
    }

    /// Opens tables that exist.
    static func open(in environment: borrowing Environment) throws(LMDBError) -> LogTables {
        LogTables(try environment.openTables(names))
    }

    private init(_ tables: [Table]) {
        events = tables[0]
        state = tables[1]
        indexes = Array(tables[2...])
    }
}
