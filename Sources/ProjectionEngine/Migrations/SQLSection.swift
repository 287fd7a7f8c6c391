public import EventModel

/// A piece of SQL as a migration file holds it, with its place in the file.
public struct SQLSection: Sendable, Equatable {
    /// The SQL, of one or more statements; its first character is the first of a line.
    public let sql: String
    /// The file's name, as errors show it (`002_add_weight.sql`).
    public let file: String
    /// The line of the SQL's first character, from 1.
    public let firstLine: Int

    /// Joins a piece of SQL and its place.
    public init(sql: String, file: String, firstLine: Int) {
        self.sql = sql
        self.file = file
        self.firstLine = firstLine
    }

    /// The place in the file of a UTF-8 offset in `sql`; beyond the end stands for the end.
    public func location(utf8Offset: Int) -> (line: Int, column: Int) {
        let (line, column) = lineAndColumn(utf8Offset, in: sql.utf8)
        return (firstLine + line - 1, column)
    }

    /// An error at a UTF-8 offset in `sql`: its message begins with `file:line:column`.
    public func error(
        _ code: String, at utf8Offset: Int, _ message: String, hint: String = "",
        projection: String? = nil, migration: Int? = nil
    ) -> AnnalsError {
        let (line, column) = location(utf8Offset: utf8Offset)
        return .inFile(
            code, file, line, column, message, hint: hint, projection: projection,
            migration: migration)
    }
}
