import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Migrate, roll back, rebuild, replay, verify")
struct MigrationTests {
    /// A store with some history, at the newest version.
    private func filled() throws -> StockStore {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([
            Stock.added("a"), Stock.counted("a", 5),
            Event(type: "item.noted", stream: "stock/a", data: #"{"text":"fragile"}"#),
            Stock.added("b", parent: "a"), Stock.counted("b", 2), Stock.counted("a", -3),
            Event(type: "item.renamed", stream: "stock/a", data: #"{"to":"A"}"#),
            Event(
                type: "item.renamed", stream: "stock/b", data: #"{"name":"B"}"#, schemaVersion: 2),
        ])
        return stock
    }

    @Test("A new store at its newest version has tables, seed and modules")
    func newStore() throws {
        let stock = try StockStore()
        let status = try stock.store.status().projections[0]
        #expect(status.version == Stock.newest)
        #expect(status.applied.map(\.number) == [1, 2, 3, 10])
        #expect(status.applied.map(\.module) == ["items", "items", "items", "reports"])
        #expect(status.pending.isEmpty)
        #expect(try stock.rows("SELECT id, name FROM items") == ["box|box"])
        #expect(try stock.rows("SELECT * FROM report") == ["1|1|0"])
        #expect(try stock.store.modules(of: Stock.name).map(\.isEnabled) == [true, true])
    }

    @Test("Each version shows what its handlers make of the same history")
    func eachVersion() throws {
        let stock = try filled()
        // Version 3 takes no notes any more: a replay at it has none, older rows included.
        #expect(try stock.rows("SELECT count(*) FROM notes") == ["0"])
        #expect(
            try stock.rows("SELECT id, name, quantity, counts, parent FROM items ORDER BY id")
                == ["a|A|2|2|-", "b|B|2|1|a", "box|box|0|0|-"])
        #expect(try stock.rows("SELECT items, quantity FROM report") == ["3|4"])

        _ = try stock.store.rollback(Stock.name, to: .version(2))
        #expect(try stock.rows("SELECT text FROM notes") == ["fragile"])
        #expect(
            try stock.rows("SELECT item, revision, delta FROM moves ORDER BY 1, 2")
                == ["a|2|5", "a|4|-3", "b|2|2"])
        #expect(refusal { try stock.rows("SELECT counts FROM items") }?.code == "QUERY_INVALID")

        _ = try stock.store.rollback(Stock.name, to: .version(1))
        // The new names have no handler yet.
        #expect(try stock.rows("SELECT name FROM items ORDER BY id") == ["a", "b", "box"])
        #expect(refusal { try stock.rows("SELECT * FROM moves") }?.code == "QUERY_INVALID")
    }

    @Test("Down and up again loses nothing: the digests of every version are those of a replay")
    func thereAndBack() throws {
        let stock = try filled()
        let newest = try stock.store.digest(of: Stock.name).digest
        for version in [3, 2, 1, 0] {
            let result = try stock.store.rollback(Stock.name, to: .version(version))
            #expect(result.to == version)
            #expect(try stock.store.verify(Stock.name).isEqual, "version \(version)")
        }
        #expect(try stock.store.status().projections[0].version == 0)
        #expect(try stock.store.status().projections[0].pending.map(\.number) == [1, 2, 3, 10])
        for version in [1, 2, 3, 10] {
            let result = try stock.store.migrate(Stock.name, to: .version(version))
            #expect(result.applied.map(\.number) == [version])
            #expect(try stock.store.verify(Stock.name).isEqual, "version \(version)")
        }
        #expect(try stock.store.digest(of: Stock.name).digest == newest)
        // The seed is in the log once, whatever was applied how often.
        #expect(try stock.store.log.lastRevision(of: "stock/box") == Revision(1))
        #expect(try stock.rows("SELECT count(*) FROM items WHERE id = 'box'") == ["1"])
    }

    @Test("A rollback says what is no longer shown, and one step is the default")
    func hidden() throws {
        let stock = try filled()
        let plan = try stock.store.planRollback(Stock.name, to: .version(1))
        #expect(plan.rolledBack == [10, 3, 2])
        #expect(plan.hidden == [.init(type: "item.renamed", count: 2)])
        #expect(try stock.store.status().projections[0].version == 10)
        let all = try stock.store.planRollback(Stock.name, to: .version(0))
        #expect(
            all.hidden.map { "\($0.type) \($0.count)" }
                == ["item.added 3", "item.counted 3", "item.renamed 2"])
        #expect(try stock.store.rollback(Stock.name).rolledBack == [10])
        #expect(try stock.store.rollback(Stock.name, to: .steps(2)).rolledBack == [3, 2])
        #expect(try stock.rows("SELECT count(*) FROM items") == ["3"])
    }

    @Test("A rollback uses the retained file and catches it up, else it replays")
    func retained() throws {
        let stock = try filled()
        _ = try stock.store.rollback(Stock.name, to: .version(2))
        // Forward too: the newest version's file is the one that was just left.
        _ = try stock.store.appendAndWait([Stock.added("d"), Stock.counted("d", 3)])
        let forward = try stock.store.migrate(Stock.name)
        #expect(forward.way == .retained && forward.events < 10)
        #expect(try stock.rows("SELECT quantity, counts FROM items WHERE id = 'd'") == ["3|1"])
        #expect(try stock.store.verify(Stock.name).isEqual)
        _ = try stock.store.appendAndWait([Stock.added("c"), Stock.counted("c", 9)])
        let back = try stock.store.rollback(Stock.name, to: .version(2))
        #expect(back.usedRetained)
        #expect(try stock.rows("SELECT quantity FROM items WHERE id = 'c'") == ["9"])
        #expect(try stock.store.verify(Stock.name).isEqual)
        let further = try stock.store.rollback(Stock.name, to: .version(1))
        #expect(!further.usedRetained)
        #expect(further.events == Int(try stock.store.log.head().value) - 1)
        #expect(try stock.store.verify(Stock.name).isEqual)
        // Not more files than were asked for: the current one and two retained ones.
        #expect(try stock.generations().filter { $0.hasSuffix(".sqlite") }.count <= 3)
    }

    @Test("A retained file that is damaged is replaced by a replay")
    func damagedRetained() throws {
        let stock = try filled()
        _ = try stock.store.rollback(Stock.name, to: .version(3))
        _ = try stock.store.rollback(Stock.name, to: .version(2))
        _ = try stock.store.migrate(Stock.name, to: .version(3))
        let state = try #require(try stock.store.state(of: Stock.name))
        for retained in state.retained {
            try Data("damaged".utf8).write(
                to: URL(fileURLWithPath: "\(stock.path)/generations/\(retained.file)"))
        }
        let result = try stock.store.rollback(Stock.name, to: .version(2))
        #expect(!result.usedRetained)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test("A target on the wrong side is refused and the other verb named")
    func wrongSide() throws {
        let stock = try StockStore()
        let above = refusal { try stock.store.rollback(Stock.name, to: .version(11)) }
        #expect(above?.code == "TARGET_ABOVE")
        #expect(above?.hint.contains("migrate") == true)
        _ = try stock.store.rollback(Stock.name, to: .version(2))
        let below = refusal { try stock.store.migrate(Stock.name, to: .version(1)) }
        #expect(below?.code == "TARGET_BELOW")
        #expect(below?.hint.contains("rollback") == true)
        #expect(
            refusal { try stock.store.migrate(Stock.name, to: .version(4)) }?.code
                == "TARGET_UNKNOWN")
        #expect(refusal { try stock.store.migrate("nothing") }?.code == "PROJECTION_UNKNOWN")
        #expect(try stock.store.status().projections[0].version == 2)
    }

    @Test("A replay shows any position and time at any version, and the store does not change")
    func asOf() throws {
        let stock = try StockStore()
        let clock = stock.temporary.clock
        _ = try stock.store.appendAndWait([Stock.added("a"), Stock.counted("a", 1)])
        let early = try stock.store.log.head()
        let time = clock.now
        clock.advance(milliseconds: 60_000)
        _ = try stock.store.appendAndWait([Stock.counted("a", 10)])
        let before = try stock.store.digest(of: Stock.name)

        let sql = "SELECT quantity FROM items WHERE id = 'a'"
        #expect(try stock.rows(sql) == ["11"])
        #expect(try lines(of: stock.store, sql, asOf: AsOf(position: early)) == ["1"])
        #expect(try lines(of: stock.store, sql, asOf: AsOf(time: time)) == ["1"])
        #expect(
            try lines(of: stock.store, sql, asOf: AsOf(position: early, version: 1)) == ["1"])
        #expect(
            refusal {
                try lines(of: stock.store, "SELECT counts FROM items", asOf: AsOf(version: 2))
            }?
            .code == "QUERY_INVALID")
        // "Now" in such a query is that time.
        #expect(
            try lines(of: stock.store, "SELECT unixepoch()", asOf: AsOf(time: time))
                == ["\(time.milliseconds / 1000)"])

        let path = "\(stock.projections.path)/then.sqlite"
        let result = try stock.store.replay(Stock.name, asOf: AsOf(position: early), into: path)
        #expect(result.position == early)
        #expect(result.versions == [1, 2, 3, 10])
        #expect(
            refusal { try stock.store.replay(Stock.name, into: path) }?.code == "FILE_EXISTS")
        #expect(
            refusal { try stock.store.position(AsOf(position: Position(999))) }?.code
                == "POSITION_UNKNOWN")
        #expect(try stock.store.digest(of: Stock.name) == before)
    }

    @Test("Verify finds rows that the log does not give")
    func verifyFinds() throws {
        let stock = try filled()
        #expect(try stock.store.verify(Stock.name).isEqual)
        let current = try #require(try stock.store.state(of: Stock.name)?.current)
        stock.temporary.close()
        try sqlite(
            "\(stock.path)/generations/\(current.file)",
            "UPDATE items SET quantity = 77 WHERE id = 'a'")
        let store = try stock.temporary.reopen()
        let found = try store.verify(Stock.name)
        #expect(!found.isEqual)
        #expect(try store.rebuild(Stock.name).digest == found.replayDigest)
        #expect(try store.verify(Stock.name).isEqual)
    }

    @Test("An edited migration blocks and is named; comments, spacing and names do not block")
    func drift() throws {
        let stock = try filled()
        let file = stock.migrationFile("002_moves")
        stock.temporary.close()

        try Stock.moves.replacingOccurrences(
            of: "SET name = $name", with: "SET name = upper($name)"
        )
        .write(toFile: file, atomically: true, encoding: .utf8)
        try stock.temporary.reopen()
        let drift = try #require(try stock.store.status().projections[0].drift.first)
        #expect(drift.kind == .edited)
        #expect(drift.number == 2)
        #expect(drift.part == "On item.renamed")
        #expect(drift.was != nil && drift.now != nil && drift.was != drift.now)
        #expect(try stock.store.status().projections[0].state == .drift)
        for refused in [
            refusal { try stock.store.catchUp(Stock.name) },
            refusal { try stock.store.rebuild(Stock.name) },
            refusal { try stock.store.rollback(Stock.name) },
            refusal { try stock.store.migrate(Stock.name) },
        ] {
            #expect(refused?.code == "MIGRATION_DRIFT")
            #expect(refused?.message.contains("002_moves") == true)
        }
        stock.temporary.close()

        let commented = Stock.moves.replacingOccurrences(
            of: "-- On item.counted\n", with: "-- On item.counted\n-- why\n")
        try commented.write(toFile: file, atomically: true, encoding: .utf8)
        try stock.temporary.reopen()
        #expect(try stock.store.status().projections[0].drift.map(\.kind) == [.cosmetic])
        _ = try stock.store.rebuild(Stock.name)
        stock.temporary.close()

        try FileManager.default.removeItem(atPath: file)
        try Stock.moves.replacingOccurrences(of: "002_moves", with: "002_movements")
            .write(
                toFile: stock.migrationFile("002_movements"), atomically: true, encoding: .utf8)
        try stock.temporary.reopen()
        #expect(try stock.store.status().projections[0].drift.map(\.kind) == [.renamed])
        _ = try stock.store.rebuild(Stock.name)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test("A migration that is applied but not there any more is named, and blocks")
    func missing() throws {
        let stock = try filled()
        stock.temporary.close()
        try FileManager.default.removeItem(atPath: stock.migrationFile("010_report"))
        let store = try stock.temporary.reopen()
        let status = try store.status().projections[0]
        #expect(status.drift.map(\.kind) == [.missing])
        #expect(status.drift[0].summary.contains("010_report"))
        #expect(refusal { try store.rollback(Stock.name) }?.code == "MIGRATION_DRIFT")
        // What is there stays readable.
        #expect(try lines(of: store, "SELECT items FROM report") == ["3"])
    }

    @Test("A migration that fails leaves the version that was there, and no file")
    func failingMigration() throws {
        let stock = try StockStore(migrations: ["001_items": Stock.items])
        _ = try stock.store.appendAndWait([Stock.added("a"), Stock.counted("a", 500)])
        let before = try stock.store.digest(of: Stock.name)
        let files = try stock.generations()
        stock.temporary.close()
        // Valid by itself, but not with what is in the log.
        try Stock.moves.replacingOccurrences(
            of: "delta INTEGER NOT NULL", with: "delta INTEGER NOT NULL CHECK (delta < 100)"
        ).write(toFile: stock.migrationFile("002_moves"), atomically: true, encoding: .utf8)
        let store = try stock.temporary.reopen()
        let error = try #require(refusal { try store.migrate(Stock.name) })
        #expect(error.code == "EVENT_REFUSED")
        #expect(error.context.file == "002_moves.sql")
        #expect(error.context.position == Position(4))
        #expect(try store.digest(of: Stock.name) == before)
        #expect(try store.status().projections[0].version == 1)
        #expect(
            try stock.generations().filter { $0.hasSuffix(".sqlite") }
                == files.filter { $0.hasSuffix(".sqlite") })
        _ = try store.appendAndWait([Stock.counted("a", 1)])
    }

    @Test("Between the switch and the seed no reader and no append meets a table without its seed")
    func seedComesWithTheSwitch() throws {
        let stock = try StockStore(migrates: false)
        let seen = "\(stock.projections.path)/go"
        let driver = try DriverProcess(
            stock.path, "migrate", [Stock.name], failpoint: "switch.after-pointer=pause:\(seen)")
        #expect(driver.line() == "paused")
        #expect(try stock.rows("SELECT id FROM items") == ["box"])
        try raise(seen)
        #expect(driver.finish().isClean)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    /// Appended before it was known to be good, a seed would halt its projection for ever: an id has
    /// one content.
    @Test("A seed that its own handler refuses is not appended")
    func refusedSeed() throws {
        let bad = Stock.items.replacingOccurrences(of: #"{ "name": "box" }"#, with: #"{ "x": 1 }"#)
        let stock = try StockStore(migrates: false, migrations: ["001_items": bad])
        let error = refusal { try stock.store.migrate(Stock.name) }
        #expect(error?.code == "CONSTRAINT_NOT_NULL")
        #expect(try stock.store.log.position(ofID: "seed/box") == nil)
        #expect(try stock.store.status().projections[0].version == 0)
        stock.temporary.close()
        try Stock.items.write(
            toFile: stock.migrationFile("001_items"), atomically: true, encoding: .utf8)
        _ = try stock.temporary.reopen().migrate(Stock.name)
        #expect(try stock.rows("SELECT id FROM items") == ["box"])
    }
}
