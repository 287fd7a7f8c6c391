public import Annals
public import EventModel
internal import GRDB
internal import LogStorage
public import ProjectionEngine

/// "Given these events, expect these rows", for one projection at any of its versions.
///
/// The events pass through a real log and the projection's own SQL through the store's engine. The
/// seeds of the version come first, as in a new store.
///
/// ```swift
/// @Test func lending() throws {
///     try ProjectionScenario(folder: "Projections/library", version: 1)
///         .given([
///             Event(type: "book.added", stream: "book/b-1", data: #"{"title": "Emma"}"#),
///             Event(type: "book.lent", stream: "book/b-1", data: #"{"reader": "Ada"}"#),
///         ])
///         .expectRows(
///             "SELECT title, reader FROM loans JOIN books ON id = book_id", [["Emma", "Ada"]])
/// }
///
/// @Test func sameRowsHoweverItIsBuilt() throws {
///     try checkDeterminism(folder: "Projections/library", events: manyEvents)
/// }
/// ```
public struct ProjectionScenario: Sendable {
    /// The projection.
    public let definition: ProjectionDefinition
    /// The numbers of the migrations in force, ascending.
    public let versions: [Int]
    private var events: [Event] = []
    private var time = Timestamp(milliseconds: 1_767_225_600_000)

    /// Loads the projection of a folder.
    ///
    /// - Parameters:
    ///   - folder: The folder with `projection.yaml`.
    ///   - version: The greatest migration in force, 0 for none; `nil` for the newest.
    ///   - modules: The optional modules that are enabled; `nil` for those of a new store.
    /// - Throws: What is wrong with the definition; `TARGET_UNKNOWN`.
    public init(
        folder: String, version: Int? = nil, modules: Set<String>? = nil
    ) throws(AnnalsError) {
        try self.init(try .load(folder: folder), version: version, modules: modules)
    }

    /// Takes a definition that is loaded already; see `init(folder:version:modules:)`.
    public init(
        _ definition: ProjectionDefinition, version: Int? = nil, modules: Set<String>? = nil
    ) throws(AnnalsError) {
        try definition.check()
        if let version, version != 0, definition.migration(version) == nil {
            throw AnnalsError(
                .invalid, "TARGET_UNKNOWN",
                "The projection '\(definition.name)' has no migration \(version).",
                hint:
                    "It has \(definition.migrations.map { "\($0.number)" }.joined(separator: ", ")).",
                context: .init(projection: definition.name))
        }
        self.definition = definition
        versions = definition.versionSet(
            upTo: version, enabledModules: modules ?? definition.defaultModules)
    }

    /// The scenario with these events behind those that it has.
    public func given(_ events: [Event]) -> ProjectionScenario {
        var scenario = self
        scenario.events += events
        return scenario
    }

    /// The scenario with another time of recording for the events given, which is what an event
    /// without a time of its own has.
    public func recorded(at time: Timestamp) -> ProjectionScenario {
        var scenario = self
        scenario.time = time
        return scenario
    }

    /// The rows that a statement gives, in its order.
    /// - Throws: `EVENT_REFUSED` for an event that a handler refuses; an event that no log would take;
    ///   `QUERY_INVALID`.
    public func rows(_ sql: String) throws(AnnalsError) -> [[QueryValue]] {
        let build = try ScenarioBuild(definition, seedsOf: versions, events, at: time)
        let file = try build.file(versions: versions, batchEvents: 16_384)
        defer { withExtendedLifetime(file) {} }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: file.path, configuration: configuration).read { db in
                try Row.fetchAll(db, sql: sql).map { $0.databaseValues.map(QueryValue.init) }
            }
        } catch {
            throw AnnalsError(
                .invalid, "QUERY_INVALID", "\(error)", context: .init(projection: definition.name))
        }
    }

    /// How the rows of a statement differ from those expected, one line for each; empty when equal.
    public func differences(
        _ sql: String, _ expected: [[QueryValue]]
    ) throws(AnnalsError) -> [String] {
        let found = try rows(sql)
        var lines: [String] = []
        for index in 0..<max(found.count, expected.count) {
            let was = index < found.count ? found[index] : nil
            let wanted = index < expected.count ? expected[index] : nil
            if was == wanted { continue }
            lines.append("row \(index + 1): expected \(shown(wanted)), found \(shown(was))")
        }
        return lines
    }

    /// Throws when the rows of a statement are not those expected, saying which differ.
    /// - Returns: the scenario, to expect more of it.
    /// - Throws: `ROWS_DIFFER`, and as `rows`.
    @discardableResult
    public func expectRows(
        _ sql: String, _ expected: [[QueryValue]]
    ) throws(AnnalsError) -> ProjectionScenario {
        let lines = try differences(sql, expected)
        if lines.isEmpty { return self }
        throw AnnalsError(
            .invalid, "ROWS_DIFFER",
            "\(sql)\n\(lines.joined(separator: "\n"))", context: .init(projection: definition.name))
    }

    private func shown(_ row: [QueryValue]?) -> String {
        row.map { "(\($0.map(\.shown).joined(separator: ", ")))" } ?? "no row"
    }
}

extension QueryValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob(Array(value))
        }
    }
}
