public import EventModel
import SQLite

/// A projection's schema as SQL text for review: equal for schemas that mean the same, byte for byte.
///
/// Tables come in the order of their names, each with its indexes and triggers; then the views. SQLite
/// takes the text as it is.
public struct SchemaDump: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The numbers of the migrations that the schema is made of, ascending.
    public let versions: [Int]
    /// The text, with a line end at its end.
    public let text: String

    /// Makes the schema that a version set gives in a new file.
    /// - Throws: `invalid` with file, line and column when SQLite refuses a statement.
    public init(of definition: ProjectionDefinition, versions: [Int]) throws(AnnalsError) {
        let trace = try DefinitionTrace(definition, versions: versions)
        if let problem = trace.problem { throw problem }
        self.init(definition.name, versions, trace.schema, SQLRendering(trace.connection))
    }

    /// Reads the schema of a finished file; nothing is changed.
    /// - Throws: what SQLite says when the file cannot be read.
    public static func read(path: String, projection: String) throws(AnnalsError) -> SchemaDump {
        try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            let connection = try Connection(path: path, mode: .readOnly)
            try connection.execute("BEGIN")
            defer { do { try connection.execute("ROLLBACK") } catch {} }
            let versions = try connection.rows(
                "SELECT version FROM schema_migrations ORDER BY version")
            return SchemaDump(
                projection, versions.compactMap { Int($0[0]) }, try Schema(connection),
                SQLRendering(connection))
        }
    }

    private init(
        _ projection: String, _ versions: [Int], _ schema: Schema, _ rendering: SQLRendering
    ) {
        self.projection = projection
        self.versions = versions
        let title = """
            -- The schema of the projection \(projection) at version \(versions.last ?? 0), made of
            -- the migrations \(Self.ranges(versions)).
            -- Written by 'annals schema dump', for review; the migrations are what counts.
            """
        var blocks = [title]
        for table in schema.tables {
            let indexes = table.indexes.compactMap(\.sql).map(rendering.line)
            blocks.append(([rendering.table(table.sql)] + indexes).joined(separator: "\n"))
            blocks += schema.triggers(of: table.name).map { rendering.trigger($0.sql) }
        }
        for view in schema.views {
            blocks.append(rendering.view(view.sql))
            blocks += schema.triggers(of: view.name).map { rendering.trigger($0.sql) }
        }
        text = blocks.joined(separator: "\n\n") + "\n"
    }

    /// `001–005, 020`; `none` without any.
    static func ranges(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        guard !ranges.isEmpty else { return "none" }
        return ranges.map(text).joined(separator: ", ")
    }

    /// `001–005`, or `001` for one number.
    static func text(_ range: ClosedRange<Int>) -> String {
        let first = Migration.padded(range.lowerBound)
        return range.count == 1 ? first : "\(first)–\(Migration.padded(range.upperBound))"
    }
}

extension Schema {
    /// The triggers of a table or view, in the order of their names.
    func triggers(of table: String) -> [Object] {
        triggers.filter { $0.table.asciiLowercased == table.asciiLowercased }
    }
}
