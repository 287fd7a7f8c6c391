public import EventModel
internal import ProjectionEngine
internal import SQLite

/// A handler that an adoption needs.
public struct AdoptionHandler: Sendable, Equatable {
    /// The event's type.
    public let type: String
    /// The section for a migration file.
    public let text: String
    /// Whether the projection has a handler of the type.
    public let isPresent: Bool
}

extension EventStore {
    /// The handlers by which a projection takes over the rows of a file and removes seeded ones, as
    /// sections for its migrations; nothing is changed.
    /// - Throws: `ADOPT_SCHEMA`, `FILE_…`.
    public func adoptionHandlers(
        _ file: String, as projection: String
    ) throws(AnnalsError) -> [AdoptionHandler] {
        let definition = try handle(projection).definition
        let source = try AdoptionSource(path: file)
        try AdoptionPlan.checkLimits(source)
        let match = try definition.match(schemaOf: source.connection)
        let handled = Set(definition.handlers(in: match.versions).map(\.eventType))
        var tables: [AdoptedTable] = []
        for name in match.tables { tables.append(try .read(name, source)) }
        return try AdoptionOrder.sorted(tables, handled: handled).flatMap { table in
            let scaffold = HandlerScaffold(
                word: table.word, table: table.name, columns: table.columns, key: table.declaredKey)
            var sections = [("\(table.word).adopted", scaffold.adopted)]
            if !table.deferred.isEmpty {
                sections.append(("\(table.word).linked", scaffold.linked(table.deferred)))
            }
            if !table.declaredKey.isEmpty {
                sections.append(("\(table.word).removed", scaffold.removed))
            }
            return sections.map {
                AdoptionHandler(type: $0, text: $1, isPresent: handled.contains($0))
            }
        }
    }
}
