import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

/// A migration of the stock projection with these sections: 010 of the module `reports`, whose
/// handlers run beside the others, or 002 of the module `items`.
private func migration(
    _ up: String, _ handlers: String = "", down: String = "replay", module: String = "reports"
) -> String {
    """
    -- Migration: \(module == "reports" ? "010" : "002")_next
    -- Description: A test's own
    -- Module: \(module)

    -- Up
    \(up)

    \(handlers)

    \(down == "replay" ? "-- Down: replay" : "-- Down\n" + down)

    """
}

@Suite("Migrations in a copy of the present file")
struct InPlaceTests {
    /// A store at version 1 with some history, to which a migration came.
    private func store(_ next: String) throws -> StockStore {
        let stock = try StockStore(migrations: ["001_items": Stock.items]) {
            $0.retainedGenerations = 0
        }
        _ = try stock.store.appendAndWait([
            Stock.added("a"), Stock.counted("a", 4), Stock.added("b", parent: "a"),
            Stock.counted("b", 2), Stock.counted("a", -1),
            Event(type: "item.noted", stream: "stock/a", data: #"{"text":"fragile"}"#),
            Event(type: "item.moved", stream: "stock/a", data: #"{"to":"attic"}"#),
        ])
        stock.temporary.close()
        let name = next.contains("-- Migration: 010") ? "010_next" : "002_next"
        try next.write(toFile: stock.migrationFile(name), atomically: true, encoding: .utf8)
        try stock.temporary.reopen()
        return stock
    }

    private static let counts = """
        CREATE TABLE counts (item TEXT PRIMARY KEY, sum INTEGER NOT NULL);
        """
    private static let counted = """
        -- On item.counted
        INSERT INTO counts VALUES (@key, $delta)
        ON CONFLICT (item) DO UPDATE SET sum = sum + excluded.sum;
        """

    @Test(
        "M1.9 What only adds tables of its own is run in a copy, equal to a replay; and back again",
        arguments: [
            (counts, counted, "DROP TABLE counts;", 3),
            // A type that no handler knew, several tables with keys among them, a trigger, an index.
            (
                """
                CREATE TABLE places (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
                CREATE TABLE stays (
                    item TEXT NOT NULL, place INTEGER NOT NULL REFERENCES places ON DELETE CASCADE,
                    PRIMARY KEY (item, place)
                ) WITHOUT ROWID;
                CREATE TABLE arrivals (n INTEGER PRIMARY KEY, item TEXT);
                CREATE INDEX arrivals_item ON arrivals (item);
                CREATE TRIGGER arrived AFTER INSERT ON stays BEGIN
                    INSERT INTO arrivals (item) VALUES (new.item);
                END;
                INSERT INTO places (name) VALUES ('nowhere');
                """,
                """
                -- On item.moved
                INSERT INTO places (name) VALUES ($to) ON CONFLICT DO NOTHING;
                INSERT INTO stays SELECT @key, id FROM places WHERE name = $to;

                -- On item.noted
                DELETE FROM places WHERE name = (SELECT value FROM json_each('["nowhere"]'));
                """,
                "DROP TABLE arrivals; DROP TABLE stays; DROP TABLE places;", 2
            ),
            // A view shows what is there: nothing is to be replayed.
            (
                "CREATE VIEW many AS SELECT id FROM items WHERE quantity > 1;", "",
                "DROP VIEW many;", 0
            ),
        ])
    func eligible(_ up: String, _ handlers: String, _ down: String, _ events: Int) throws {
        let stock = try store(migration(up, handlers, down: down))
        let one = try stock.store.digest(of: Stock.name).digest
        let plan = try stock.store.planMigration(Stock.name)
        #expect(plan.way == .inPlace, "\(plan.because)")
        #expect(plan.events == events)
        let result = try stock.store.migrate(Stock.name)
        #expect(result.way == .inPlace)
        #expect(result.events == events)
        #expect(try stock.store.verify(Stock.name).isEqual)
        #expect(try stock.store.validate(Stock.name).problems.isEmpty)
        let two = try stock.store.digest(of: Stock.name)
        _ = try stock.store.rebuild(Stock.name)
        #expect(try stock.store.digest(of: Stock.name).digest == two.digest)

        _ = try stock.store.appendAndWait([Stock.counted("b", 5)])
        let back = try stock.store.rollback(Stock.name)
        #expect(back.way == .inPlace && back.events == 0)
        #expect(try stock.store.verify(Stock.name).isEqual)
        #expect(try stock.store.digest(of: Stock.name).digest != one)
        #expect(try stock.store.validate(Stock.name).problems.isEmpty)
    }

    @Test(
        "What is not provably equal is built anew, and the reason names the place",
        arguments: [
            ("ALTER TABLE items ADD COLUMN x TEXT;", "", "changes more"),
            ("CREATE INDEX items_quantity ON items (quantity);", "", "changes more"),
            (
                "CREATE TRIGGER t AFTER INSERT ON items BEGIN SELECT 1; END;", "", "changes more"
            ),
            ("CREATE TABLE copy AS SELECT * FROM items;", "", "changes more"),
            (
                counts + "INSERT INTO counts SELECT id, quantity FROM items;", "",
                "010_next.sql:6 touches items"
            ),
            (counts + "UPDATE items SET quantity = 0;", "", "touches items"),
            (
                "CREATE TABLE c (item TEXT PRIMARY KEY REFERENCES items (id));", "",
                "a foreign key leads from c to items"
            ),
            (
                counts, "-- On item.counted\nUPDATE items SET quantity = 1 WHERE id = @key;",
                "(handler of item.counted) touches items"
            ),
            (
                counts,
                "-- On item.moved\nINSERT INTO counts SELECT id, 1 FROM items WHERE id = @key;",
                "(handler of item.moved) touches items"
            ),
            // SQLite copies such a table without asking the authorizer about it.
            (
                """
                CREATE TABLE twin (
                    item TEXT NOT NULL, revision INTEGER NOT NULL, text TEXT NOT NULL,
                    PRIMARY KEY (item, revision)
                ) STRICT;
                """,
                "-- On item.moved\nDELETE FROM twin; INSERT INTO twin SELECT * FROM notes;",
                "touches notes"
            ),
            (
                "CREATE VIEW v AS SELECT id FROM items; CREATE TABLE t (id TEXT PRIMARY KEY);",
                "-- On item.moved\nINSERT INTO t SELECT id FROM v WHERE id = @key;",
                "touches items"
            ),
            (
                """
                CREATE TABLE t (id TEXT PRIMARY KEY);
                CREATE TRIGGER tt AFTER INSERT ON t BEGIN
                    UPDATE items SET quantity = 0 WHERE id = new.id;
                END;
                """,
                "-- On item.moved\nINSERT INTO t VALUES (@key);", "touches items"
            ),
            (counts, "-- Seed item.added stock/s seed/s\n{\"name\":\"s\"}", "seed"),
            (
                counts, "-- Upcast item.moved 1 2\njson_object('where', @data ->> '$.to')",
                "upcasts item.moved"
            ),
        ])
    func ineligible(_ up: String, _ handlers: String, _ because: String) throws {
        let stock = try store(migration(up, handlers))
        let plan = try stock.store.planMigration(Stock.name)
        #expect(plan.way == .rebuild)
        #expect(plan.because.contains(because), "\(plan.because)")
        #expect(try stock.store.migrate(Stock.name).way == .rebuild)
        #expect(try stock.store.verify(Stock.name).isEqual)
        #expect(try stock.store.rollback(Stock.name).way == .rebuild)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test(
        "A handler that is replaced or removed decides about rows that are there",
        arguments: [
            (counted, "the handler of item.counted is another one (001_items.sql:"),
            ("-- Off item.noted", "removes the handler of item.noted"),
        ])
    func replacedHandlers(_ handlers: String, _ because: String) throws {
        let stock = try store(migration(Self.counts, handlers, module: "items"))
        let plan = try stock.store.planMigration(Stock.name)
        #expect(plan.way == .rebuild && plan.because.contains(because), "\(plan.because)")
        #expect(try stock.store.migrate(Stock.name).way == .rebuild)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test(
        "A Down that does not drop exactly what Up made is not run",
        arguments: [
            ("replay", "010_next has no SQL in its Down"), ("SELECT 1;", "leaves something behind"),
            ("DROP TABLE counts; DELETE FROM notes;", "touches notes"),
            ("DROP TABLE counts; DROP TABLE notes;", "changes more"),
            ("DROP TABLE counts; CREATE TABLE counts (x);", "changes more"),
        ])
    func wrongDown(_ down: String, _ because: String) throws {
        let stock = try store(migration(Self.counts, Self.counted, down: down))
        _ = try stock.store.migrate(Stock.name)
        let state = try #require(try stock.store.state(of: Stock.name))
        let choice = try stock.store.way(to: [1], of: Stock.name, from: state)
        #expect(choice.way == .rebuild)
        #expect(choice.because.contains(because), "\(choice.because)")
        #expect(try stock.store.rollback(Stock.name).way == .rebuild)
        #expect(try stock.store.verify(Stock.name).isEqual)
        #expect(try stock.rows("SELECT text FROM notes") == ["fragile"])
    }

    @Test("A new handler that refuses an event stops the migration as a replay would")
    func refusedEvent() throws {
        let stock = try store(
            migration(
                "CREATE TABLE t (n INTEGER CHECK (n < 4));",
                "-- On item.counted\nINSERT INTO t VALUES ($delta);"))
        let before = try stock.store.digest(of: Stock.name)
        let files = try stock.generations()
        #expect(try stock.store.planMigration(Stock.name).way == .inPlace)
        let error = try #require(refusal { try stock.store.migrate(Stock.name) })
        #expect(error.code == "EVENT_REFUSED")
        #expect(error.context.file == "010_next.sql" && error.context.type == "item.counted")
        let path = "\(stock.projections.path)/replay.sqlite"
        let replay = refusal {
            try stock.store.replay(Stock.name, asOf: AsOf(version: 10), into: path)
        }
        #expect(replay?.context.position == error.context.position)
        #expect(replay?.message == error.message)
        #expect(try stock.store.digest(of: Stock.name) == before)
        #expect(try stock.generations() == files)
    }

    @Test("Not in place: refused events are put aside, or the file is not what the migrations say")
    func otherFiles() throws {
        let stock = try store(migration(Self.counts, Self.counted))
        #expect(try stock.store.planMigration(Stock.name).way == .inPlace)
        _ = try stock.store.rebuild(Stock.name, quarantines: true)
        #expect(try stock.store.planMigration(Stock.name).because.contains("put aside"))
        _ = try stock.store.rebuild(Stock.name)
        #expect(try stock.store.planMigration(Stock.name).way == .inPlace)
        let current = try #require(try stock.store.state(of: Stock.name)?.current)
        stock.temporary.close()
        try FileManager.default.removeItem(atPath: "\(stock.path)/generations/\(current.file)")
        try stock.temporary.reopen()
        #expect(try stock.store.planMigration(Stock.name).way == .rebuild)
    }

    @Test("Events that come while the copy is made are in it")
    func concurrentAppends() throws {
        let stock = try store(migration(Self.counts, Self.counted))
        stock.temporary.close()
        let seen = "\(stock.projections.path)/go"
        let driver = try DriverProcess(
            stock.path, "migrate", [Stock.name], failpoint: "build.created=pause:\(seen)")
        #expect(driver.line() == "paused")
        try stock.temporary.reopen()
        _ = try stock.store.appendAndWait([Stock.counted("b", 30), Stock.added("c")])
        try raise(seen)
        #expect(driver.finish().isClean)
        #expect(try stock.rows("SELECT sum FROM counts ORDER BY item") == ["3", "32"])
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test(
        "kill -9 at every failpoint leaves the old version or the new one",
        arguments: [
            "build.created", "build.applied", "build.finished", "switch.before-pointer",
            "switch.after-pointer", "switch.after-link",
        ])
    func killed(_ failpoint: String) throws {
        let stock = try store(migration(Self.counts, Self.counted, down: "DROP TABLE counts;"))
        for verb in [["migrate", Stock.name], ["rollback", Stock.name, "1"]] {
            stock.temporary.close()
            let driver = try DriverProcess(
                stock.path, verb[0], Array(verb.dropFirst()), failpoint: "\(failpoint)=crash")
            #expect(!driver.finish().isClean)
            try stock.temporary.reopen()
            let isDone = failpoint == "switch.after-pointer" || failpoint == "switch.after-link"
            let goal = verb[0] == "migrate" ? 10 : 1
            let version = try stock.store.status().projections[0].version
            #expect(version == (isDone ? goal : 11 - goal))
            #expect(try stock.store.verify(Stock.name).isEqual)
            if verb[0] == "migrate" { _ = try stock.store.migrate(Stock.name) }
            let state = try #require(try stock.store.state(of: Stock.name))
            let named = ([state.current].compactMap { $0 } + state.retained).map(\.file)
            let kept = try stock.generations().filter { $0.hasSuffix(".sqlite") }
            #expect(Set(kept).isSubset(of: named))
            // Without it the way back is the copy.
            for file in state.retained.map(\.file) where kept.contains(file) {
                try FileManager.default.removeItem(atPath: "\(stock.path)/generations/\(file)")
            }
        }
    }
}
