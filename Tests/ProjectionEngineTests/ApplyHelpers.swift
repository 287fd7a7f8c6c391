import EventModel
import Foundation
import SQLite

@testable import ProjectionEngine

/// A log in memory.
struct ListSource: EventSource {
    var events: [RecordedEvent]

    func head() throws -> Position { events.last?.position ?? .start }

    func forEachEvent(
        after: Position, through: Position, limit: Int, _ body: (borrowing EventView) throws -> Void
    ) throws -> Position {
        var last = after
        for event in events.filter({ $0.position > after && $0.position <= through }).prefix(limit)
        {
            try withView(of: event, body)
            last = event.position
        }
        return last
    }
}

/// Lends an event's memory as the log lends it.
func withView(
    of event: RecordedEvent, _ body: (borrowing EventView) throws -> Void
) rethrows {
    let (type, stream) = (Array(event.type.utf8), Array(event.stream.utf8))
    let id = Array((event.id ?? "").utf8)
    let tags: [UInt8] = []
    try body(
        EventView(
            position: event.position, revision: event.revision, recorded: event.recorded,
            occurred: event.occurred, schemaVersion: event.schemaVersion, type: type.span,
            stream: stream.span, id: id.span, tagCount: 0, tags: tags.span,
            metadata: event.metadata.span, data: event.data.span))
}

/// An event at a position, one second after the one before.
func event(
    _ position: UInt64, _ type: String, _ data: String, stream: String = "thing/t-1",
    id: String? = nil, schemaVersion: Int = 1, metadata: String = ""
) -> RecordedEvent {
    let time = Timestamp(milliseconds: 1_700_000_000_000 + Int64(position) * 1000)
    return RecordedEvent(
        position: Position(position), revision: Revision(position), recorded: time, occurred: time,
        type: type, stream: stream, id: id, tags: [], schemaVersion: schemaVersion,
        data: Array(data.utf8), metadata: Array(metadata.utf8))
}

/// A projection of one module, from the text of its migrations below their headers.
func definition(_ bodies: String...) throws -> ProjectionDefinition {
    var migrations: [Migration] = []
    for (index, body) in bodies.enumerated() {
        let name = Migration.fullName(index + 1, "step")
        let text = """
            -- Migration: \(name)
            -- Description: A step
            -- Module: main

            \(body)

            -- Down: replay
            """
        migrations.append(try Migration.parse(file: name + ".sql", bytes: Array(text.utf8)))
    }
    let module = Module(
        name: "main", range: 1...99, description: "", depends: [], isOptional: false,
        isEnabledByDefault: true)
    return ProjectionDefinition(
        name: "things", description: "", modules: [module], migrations: migrations, origin: .builtIn
    )
}

/// A folder that is removed with the test, and projection files in it.
final class Workshop {
    let path = NSTemporaryDirectory() + "apply-" + UUID().uuidString

    private var created = 0

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func create(
        _ definition: ProjectionDefinition, name: String? = nil, bulk: Bool = true
    ) throws -> ProjectionDatabase {
        created += 1
        return try ProjectionDatabase.create(
            path: "\(path)/\(name ?? String(created)).sqlite", definition: definition,
            versions: definition.migrations.map(\.number),
            appliedAt: Timestamp(milliseconds: 1), logID: "log", bulk: bulk)
    }

    /// A finished file with the events applied.
    func build(
        _ definition: ProjectionDefinition, _ events: [RecordedEvent], name: String? = nil,
        batchEvents: Int = 100, bulk: Bool = true
    ) throws -> ProjectionDatabase {
        let database = try create(definition, name: name, bulk: bulk)
        try database.apply(
            from: ListSource(events: events), through: Position(.max), batchEvents: batchEvents)
        try database.finishBulk()
        return database
    }
}

extension ProjectionDatabase {
    /// The rows of a query, the values with their types as SQLite's quote() writes them.
    func rows(_ sql: String) throws -> [[String]] {
        guard let statement = try connection.prepare(sql).statement else { return [] }
        var found: [[String]] = []
        var run = statement.run()
        while try run.step() {
            var row: [String] = []
            for index in 0..<statement.columnCount { row.append(run.text(at: index) ?? "NULL") }
            found.append(row)
        }
        return found
    }
}

/// The error of a body that must fail.
func annalsError(_ body: () throws -> Void) -> AnnalsError? {
    do {
        try body()
        return nil
    } catch {
        return error as? AnnalsError
    }
}

/// A generator that gives the same values for the same seed.
struct SeededDice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
