public import EventModel
import SQLite

/// A page about a projection in Markdown: a diagram of its tables, each table with its columns and with
/// the events that write it, its modules and its versions.
///
/// What an event writes is what SQLite's authorizer saw when its handlers were compiled, so what they do
/// through triggers and foreign keys is there too. The page is the same on every machine.
public struct ProjectionPage: Sendable, Equatable {
    /// The first line of every page, by which a page is known.
    public static let mark = "<!-- Written by 'annals docs'; changes made here are lost. -->"

    /// The projection.
    public let projection: String
    /// The numbers of the migrations that it is about, ascending.
    public let versions: [Int]
    /// The text, with a line end at its end.
    public let text: String

    /// Describes a projection at a version set.
    /// - Throws: `invalid` with file, line and column when SQLite refuses a statement.
    public init(of definition: ProjectionDefinition, versions: [Int]) throws(AnnalsError) {
        let trace = try DefinitionTrace(definition, versions: versions)
        if let problem = trace.problem { throw problem }
        projection = definition.name
        self.versions = versions
        let migrations = definition.migrations(in: versions)
        let sections = [
            [Self.mark, "# \(definition.name)"] + Self.paragraph(definition.description),
            [
                "Version \(versions.last ?? 0), made of the migrations "
                    + "\(SchemaDump.ranges(versions))."
            ], EntityDiagram(trace.schema).section, TableSections(trace).lines,
            ViewSections(trace).lines, EventSections(trace, versions).lines,
            Self.modules(definition, versions), Self.history(migrations),
        ]
        text = sections.flatMap(\.self).joined(separator: "\n\n") + "\n"
    }

    static func paragraph(_ text: String) -> [String] { text.isEmpty ? [] : ["\(escaped(text))."] }

    /// A table of Markdown.
    static func table(_ titles: [String], _ rows: [[String]]) -> String {
        ([titles, titles.map { _ in "---" }] + rows).map {
            "| \($0.joined(separator: " | ")) |"
        }.joined(separator: "\n")
    }

    /// Text that is no Markdown and no cell's end.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "|\\<>*_`[]".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    /// SQL or a name inside a line.
    static func code(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let line = text.replacing("\n", with: " ").replacing("|", with: "\\|")
        return line.contains("`") ? "`` \(line) ``" : "`\(line)`"
    }

    private static func modules(_ definition: ProjectionDefinition, _ versions: [Int]) -> [String] {
        let rows = definition.modules.map { module in
            let own = definition.migrations.filter { $0.module == module.name }.map(\.number)
            let next = (own.max() ?? module.range.lowerBound - 1) + 1
            return [
                code(module.name),
                SchemaDump.text(module.range),
                SchemaDump.ranges(own), SchemaDump.ranges(own.filter(versions.contains)),
                module.range.contains(next) ? Migration.padded(next) : "full",
                module.depends.map(code).joined(separator: ", "), module.isOptional ? "yes" : "no",
                escaped(module.description),
            ]
        }
        return [
            "## Modules",
            table(
                [
                    "module", "numbers", "used", "shown here", "next", "depends on", "optional",
                    "what it is for",
                ], rows),
        ]
    }

    private static func history(_ migrations: [Migration]) -> [String] {
        let rows = migrations.map { migration in
            [
                code(migration.fullName), code(migration.module), escaped(migration.description),
                migration.depends.map(Migration.padded).joined(separator: ", "),
                migration.down == .replay ? "replay" : "SQL",
            ]
        }
        return [
            "## Versions",
            table(["migration", "module", "what it is for", "depends on", "down"], rows),
        ]
    }
}
