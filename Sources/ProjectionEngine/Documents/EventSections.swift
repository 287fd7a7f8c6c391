import SQLite

/// The part of a projection's page that describes what events do.
struct EventSections {
    private let trace: DefinitionTrace
    private let versions: [Int]

    init(_ trace: DefinitionTrace, _ versions: [Int]) {
        self.trace = trace
        self.versions = versions
    }

    /// A table of event types with their handlers, then seeds and upcasts if there are any.
    var lines: [String] {
        let definition = trace.definition
        let handlers = definition.handlers(in: versions)
        var parts: [String] = []
        if !handlers.isEmpty {
            let types = Set(handlers.map(\.eventType)).sorted()
            parts = [
                "## Events",
                ProjectionPage.table(
                    ["type", "handlers", "fields that they read", "tables that they write"],
                    types.map { type in row(type, handlers.filter { $0.eventType == type }) }),
            ]
        }
        let seeds = definition.seeds(in: versions).map { seed in
            [
                ProjectionPage.code(seed.type), ProjectionPage.code(seed.stream),
                ProjectionPage.code(seed.id), ProjectionPage.code("\(seed.file):\(seed.line)"),
            ]
        }
        if !seeds.isEmpty {
            parts += ["## Seeds", ProjectionPage.table(["type", "stream", "id", "place"], seeds)]
        }
        let upcasts = definition.upcasts(in: versions).map { upcast in
            [
                ProjectionPage.code(upcast.eventType), "\(upcast.from)", "\(upcast.to)",
                ProjectionPage.code("\(upcast.section.file):\(upcast.section.firstLine)"),
            ]
        }
        if !upcasts.isEmpty {
            parts += [
                "## Upcasts", ProjectionPage.table(["type", "from", "to", "place"], upcasts),
            ]
        }
        return parts
    }

    private func row(_ type: String, _ handlers: [HandlerInForce]) -> [String] {
        let statements = trace.inForce.filter { $0.part == .on(type: type) }
        var tables: [String] = []
        for table in statements.flatMap(\.written) where !tables.contains(table) {
            tables.append(table)
        }
        return [
            ProjectionPage.code(type),
            handlers.map { ProjectionPage.code("\($0.section.file):\($0.section.firstLine - 1)") }
                .joined(separator: ", "),
            Set(statements.flatMap(\.fields)).sorted().map(ProjectionPage.code)
                .joined(separator: ", "),
            tables.map(ProjectionPage.code).joined(separator: ", "),
        ]
    }
}

/// The part of a projection's page that shows its views.
struct ViewSections {
    private let trace: DefinitionTrace

    init(_ trace: DefinitionTrace) { self.trace = trace }

    /// A heading and the statement of each view and trigger.
    var lines: [String] {
        let rendering = SQLRendering(trace.connection)
        var parts: [String] = []
        if !trace.schema.views.isEmpty {
            parts.append("## Views")
            parts += trace.schema.views.flatMap {
                ["### \(ProjectionPage.code($0.name))", Self.block(rendering.view($0.sql))]
            }
        }
        if !trace.schema.triggers.isEmpty {
            parts.append("## Triggers")
            parts += trace.schema.triggers.flatMap {
                ["### \(ProjectionPage.code($0.name))", Self.block(rendering.trigger($0.sql))]
            }
        }
        return parts
    }

    private static func block(_ sql: String) -> String { "```sql\n\(sql)\n```" }
}
