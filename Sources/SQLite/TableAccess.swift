internal import GRDBSQLite

/// One thing that a statement does to a table, as SQLite asks its authorizer about it.
///
/// What triggers and foreign keys do counts as the statement's. SQLite's own tables are left out.
public struct TableAccess: Sendable, Hashable {
    /// What is done.
    public enum Action: Sendable {
        /// Rows are read; of a view too.
        case read
        /// Rows are added.
        case insert
        /// Rows are changed.
        case update
        /// Rows are removed.
        case delete
        /// The table is made.
        case createTable
        /// The table is removed.
        case dropTable
        /// The table is renamed, or a column of it is added or renamed.
        case alterTable
        /// A column is removed.
        case dropColumn
        /// An index or a trigger of the table is made or removed.
        case attach

        /// Whether rows change.
        public var isWrite: Bool { self == .insert || self == .update || self == .delete }
    }

    /// What is done.
    public let action: Action
    /// The table's name as the schema has it.
    public let table: String
    /// The column that is read, changed or removed; `nil` for all other actions.
    public let column: String?
    /// The innermost trigger or view that does it; `nil` for the statement and for foreign keys.
    public let inside: String?

    /// Reads a request of SQLite's; `nil` when it is about no table of the user's.
    init?(_ request: Authorization.Request) {
        let (action, table, column): (Action, String?, String?)
        switch request.action {
        case SQLITE_READ: (action, table, column) = (.read, request.first, request.second)
        case SQLITE_INSERT: (action, table, column) = (.insert, request.first, nil)
        case SQLITE_UPDATE: (action, table, column) = (.update, request.first, request.second)
        case SQLITE_DELETE: (action, table, column) = (.delete, request.first, nil)
        case SQLITE_CREATE_TABLE: (action, table, column) = (.createTable, request.first, nil)
        case SQLITE_DROP_TABLE: (action, table, column) = (.dropTable, request.first, nil)
        // ALTER gives the database first, and a dropped column where the others give the database.
        case SQLITE_ALTER_TABLE:
            action = request.database == nil ? .alterTable : .dropColumn
            (table, column) = (request.second, request.database)
        case SQLITE_CREATE_INDEX, SQLITE_DROP_INDEX, SQLITE_CREATE_TRIGGER, SQLITE_DROP_TRIGGER:
            (action, table, column) = (.attach, request.second, nil)
        default: return nil
        }
        guard let table, !table.lowercased().hasPrefix("sqlite_") else { return nil }
        self.action = action
        self.table = table
        self.column = column
        inside = request.inside
    }
}
