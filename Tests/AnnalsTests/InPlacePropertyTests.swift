import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

/// `ANNALS_SEED` repeats a run.
@Suite("Random migrations in place against replays")
struct InPlacePropertyTests {
    @Test(
        "A copy that took them is what a replay gives, there and back",
        arguments: 0..<(isSoak ? 200 : 12))
    func equalToReplay(_ number: Int) async throws {
        let seed =
            ProcessInfo.processInfo.environment["ANNALS_SEED"].flatMap(UInt64.init)
            ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("in place \(number): ANNALS_SEED=\(seed)")
        var random = SeededRandom(seed)
        let stock = try StockStore(migrations: ["001_items": Stock.items]) {
            $0.retainedGenerations = 0
        }
        try await append(Int.random(in: 0...120, using: &random), to: stock, &random)
        stock.temporary.close()
        let count = Int.random(in: 1...3, using: &random)
        // A module has one handler of a type: a later one would replace it.
        var types = RandomMigration.types.shuffled(using: &random)
        for index in 0..<count {
            let name = "\(Migration.padded(10 + index))_random\(index)"
            let text = RandomMigration(number: index, &types, &random).text(name)
            try text.write(toFile: stock.migrationFile(name), atomically: true, encoding: .utf8)
        }
        try stock.temporary.reopen()
        let store = stock.store
        let target = 10 + Int.random(in: 0..<count, using: &random)
        let plan = try store.planMigration(Stock.name, to: .version(target))
        #expect(plan.way == .inPlace, "ANNALS_SEED=\(seed): \(plan.because)")
        let there = try store.migrate(Stock.name, to: .version(target))
        #expect(there.way == .inPlace && there.events == plan.events, "ANNALS_SEED=\(seed)")
        #expect(try store.verify(Stock.name).isEqual, "ANNALS_SEED=\(seed)")
        // The same handlers go on with what comes.
        try await append(Int.random(in: 1...40, using: &random), to: stock, &random)
        #expect(try store.verify(Stock.name).isEqual, "ANNALS_SEED=\(seed), later events")
        let further = try store.migrate(Stock.name)
        #expect(further.way == (target == 9 + count ? nil : .inPlace), "ANNALS_SEED=\(seed)")
        #expect(try store.verify(Stock.name).isEqual, "ANNALS_SEED=\(seed), the rest")
        for version in stride(from: 9 + count, to: 9, by: -1) {
            let state = try #require(try store.state(of: Stock.name))
            let lower = state.versions.filter { $0 < version }
            let because = try store.way(to: lower, of: Stock.name, from: state).because
            let back = try store.rollback(Stock.name)
            #expect(back.way == .inPlace && back.events == 0, "ANNALS_SEED=\(seed): \(because)")
            #expect(try store.verify(Stock.name).isEqual, "ANNALS_SEED=\(seed), \(version)")
        }
    }

    /// Appends events of every type that a handler of a random migration may know.
    private func append(
        _ count: Int, to stock: StockStore, _ random: inout SeededRandom
    ) async throws {
        var events: [Event] = []
        for _ in 0..<count {
            let item = Int.random(in: 0..<9, using: &random)
            let delta = Int.random(in: 0...5, using: &random)
            let type = RandomMigration.types.randomElement(using: &random) ?? ""
            events.append(
                type == "item.added"
                    ? Stock.added("i\(UInt32.random(in: 0...UInt32.max, using: &random))")
                    : Event(
                        type: type, stream: "stock/\(item)",
                        data: #"{"delta":\#(delta),"text":"t\#(delta)","to":"p\#(item % 3)"}"#))
        }
        if !events.isEmpty { _ = try await stock.store.appendUnchecked(events) }
        _ = try stock.store.catchUp(Stock.name)
    }
}

/// A migration of the module `reports` that makes tables of its own, with whatever may hang on them.
struct RandomMigration {
    static let types = [
        "item.added", "item.counted", "item.noted", "item.moved", "item.sold", "weather.changed",
    ]

    private let prefix: String
    private var up: [String] = []
    private var handlers: [String] = []
    private var down: [String] = []

    init(number: Int, _ types: inout [String], _ random: inout SeededRandom) {
        prefix = "r\(number)"
        let tables = (0..<Int.random(in: 1...3, using: &random)).map { "\(prefix)_t\($0)" }
        for (index, table) in tables.enumerated() {
            let parent = index > 0 && Bool.random(using: &random) ? tables[index - 1] : nil
            addTable(table, parent, &random)
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            addHandler(types.removeLast(), tables, &random)
        }
    }

    private mutating func addTable(
        _ table: String, _ parent: String?, _ random: inout SeededRandom
    ) {
        let key =
            ["n INTEGER PRIMARY KEY", "n INTEGER PRIMARY KEY AUTOINCREMENT", "n TEXT"]
            .randomElement(using: &random) ?? ""
        let action = Bool.random(using: &random) ? " ON DELETE CASCADE" : ""
        let link = parent.map { " REFERENCES \($0) (k)\(action) DEFERRABLE INITIALLY DEFERRED" }
        up.append(
            "CREATE TABLE \(table) (\(key), k TEXT UNIQUE, v INTEGER DEFAULT 7,"
                + " up TEXT\(link ?? ""), at TEXT DEFAULT CURRENT_TIMESTAMP);")
        down.insert("DROP TABLE \(table);", at: 0)
        if Bool.random(using: &random) {
            up.append("CREATE INDEX \(table)_v ON \(table) (v, k);")
        }
        if Bool.random(using: &random) {
            up.append("CREATE VIEW \(table)_view AS SELECT v.k, i.id FROM \(table) v, items i;")
            down.insert("DROP VIEW \(table)_view;", at: 0)
        }
        if Bool.random(using: &random) {
            up.append("INSERT INTO \(table) (k) VALUES ('first'), ('second');")
        }
        if Bool.random(using: &random) {
            up.append("CREATE TABLE \(table)_log (n INTEGER PRIMARY KEY, k TEXT, v INTEGER);")
            up.append(
                "CREATE TRIGGER \(table)_tr AFTER INSERT ON \(table) BEGIN"
                    + " INSERT INTO \(table)_log (k, v) VALUES (new.k, new.v); END;")
            down.insert("DROP TABLE \(table)_log;", at: 0)
        }
    }

    private mutating func addHandler(
        _ type: String, _ tables: [String], _ random: inout SeededRandom
    ) {
        var statements: [String] = []
        for table in tables where Bool.random(using: &random) {
            let other = tables.randomElement(using: &random) ?? table
            statements.append(
                [
                    "INSERT INTO \(table) (k, v) VALUES (@key, $delta)"
                        + " ON CONFLICT (k) DO UPDATE SET v = v + coalesce($delta, 1);",
                    "INSERT OR REPLACE INTO \(table) (k, v) VALUES (@stream, @revision);",
                    "DELETE FROM \(table) WHERE v > 9;",
                    "INSERT INTO \(table) (k, v) SELECT 'x' || @position, count(*) FROM \(other);",
                    "UPDATE \(table) SET v = (SELECT max(v) FROM \(other)) WHERE k = @key;",
                ].randomElement(using: &random) ?? "")
        }
        guard !statements.isEmpty else { return }
        handlers.append("-- On \(type)\n" + statements.joined(separator: "\n"))
    }

    /// The file.
    func text(_ name: String) -> String {
        """
        -- Migration: \(name)
        -- Description: A random one
        -- Module: reports

        -- Up
        \(up.joined(separator: "\n"))

        \(handlers.joined(separator: "\n\n"))

        -- Down
        \(down.joined(separator: "\n"))

        """
    }
}
