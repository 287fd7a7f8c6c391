import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Projections whose files are wrong")
struct LoadFailureTests {
    static let other = """
        name: other
        modules:
          - { name: all, range: [1, 9] }
        """

    static let seen = """
        -- Migration: 001_seen
        -- Description: Which items were seen
        -- Module: all

        -- Up
        CREATE TABLE seen (id TEXT PRIMARY KEY) STRICT;

        -- On item.seen
        INSERT INTO seen (id) VALUES (@key);

        -- Down
        DROP TABLE seen;

        """

    /// A store with two projections.
    private func two() throws -> StockStore {
        let stock = try StockStore(migrates: false)
        try stock.projections.write(Self.other, to: "other/projection.yaml")
        try stock.projections.write(Self.seen, to: "other/Migrations/001_seen.sql")
        let store = try stock.temporary.reopen()
        for projection in store.projections { _ = try store.migrate(projection) }
        _ = try store.appendAndWait([Stock.added("a")])
        return stock
    }

    @Test("What is wrong with one projection's files is thrown where that one is used")
    func oneIsWrong() throws {
        let stock = try two()
        stock.temporary.close()
        try stock.projections.write("-- Nothing\n", to: "stock/Migrations/004_wrong.sql")
        let store = try stock.temporary.reopen()
        #expect(store.projections == ["other", "stock"])
        #expect(store.loadFailures["stock"]?.context.file == "004_wrong.sql")
        let status = try store.status()
        #expect(status.projections.map(\.state) == [.current, .drift])
        #expect(status.projections[1].error?.context.line != nil)
        #expect(status.projections[1].drift.isEmpty)
        #expect(status.projections[1].version == Stock.newest)
        let refused = [
            refusal { try store.migrate("stock") }, refusal { try store.rollback("stock") },
            refusal { try store.rebuild("stock") }, refusal { try store.catchUp("stock") },
            refusal { try store.verify("stock") }, refusal { try store.modules(of: "stock") },
        ]
        for error in refused {
            #expect(error?.code == store.loadFailures["stock"]?.code)
            #expect(error?.context.projection == "stock")
        }
        #expect(try store.validate("stock").problems.map(\.context.file) == ["004_wrong.sql"])
        // The rows that are there can be read, and the other projection lives on.
        #expect(try lines(of: store, "SELECT count(*) FROM items") == ["2"])
        #expect(try store.rebuild("other").version == 1)
        #expect(try store.diagnoseFiles().map(\.projection) == ["stock"])
    }

    @Test("An append that should ask an unreadable projection is refused; unchecked it is not")
    func appends() async throws {
        let stock = try two()
        stock.temporary.close()
        try stock.projections.write("name: [", to: "stock/projection.yaml")
        try stock.temporary.reopen()
        let head = try stock.store.log.head()
        let event = Event(type: "item.seen", stream: "stock/a", data: "{}")
        let error = refusal { try stock.store.appendAndWait([event]) }
        #expect(error?.code == "MANIFEST_SYNTAX")
        #expect(error?.hint.contains("--unchecked") == true)
        #expect(try stock.store.log.head() == head)
        _ = try await stock.store.appendUnchecked([event])
        #expect(try stock.store.catchUp("other") == head.next)
        stock.temporary.close()
        try stock.projections.write(Stock.manifest, to: "stock/projection.yaml")
        let mended = try stock.temporary.reopen()
        #expect(try mended.status().projections.allSatisfy { $0.state == .current && $0.lag == 0 })
        #expect(try mended.verify("stock").isEqual)
    }

    @Test(
        "While an applied migration is gone nobody knows what it would refuse: appends are refused")
    func goneMigration() async throws {
        let stock = try two()
        stock.temporary.close()
        try FileManager.default.removeItem(atPath: stock.migrationFile("002_moves"))
        try stock.temporary.reopen()
        let head = try stock.store.log.head()
        for type in ["item.moved", "item.seen"] {
            let event = Event(type: type, stream: "stock/box", data: #"{"to":"x"}"#)
            let error = refusal { try stock.store.appendAndWait([event]) }
            #expect(error?.code == "MIGRATION_DRIFT")
            #expect(try stock.store.log.head() == head)
        }
        _ = try await stock.store.appendUnchecked([
            Event(type: "item.seen", stream: "stock/b", data: "{}")
        ])
        #expect(try stock.store.log.head() == head.next)
    }

    @Test("While a built projection is no longer defined at all, appends are refused, too")
    func goneDefinition() throws {
        let stock = try two()
        stock.temporary.close()
        try FileManager.default.removeItem(
            atPath: "\(stock.projections.path)/other/projection.yaml")
        try stock.temporary.reopen()
        let head = try stock.store.log.head()
        let error = refusal { try stock.store.appendAndWait([Stock.added("b")]) }
        #expect(error?.code == "PROJECTION_UNKNOWN" && error?.hint.contains("--unchecked") == true)
        #expect(try stock.store.log.head() == head)
        stock.temporary.close()
        try stock.projections.write(Self.other, to: "other/projection.yaml")
        _ = try stock.temporary.reopen().rollback("other", to: .version(0))
        stock.temporary.close()
        try FileManager.default.removeItem(
            atPath: "\(stock.projections.path)/other/projection.yaml")
        _ = try stock.temporary.reopen().appendAndWait([Stock.added("b")])
    }

    @Test("Without its projections folder a store still has its log and its rows")
    func folderIsMissing() throws {
        let stock = try two()
        stock.temporary.close()
        let away = "\(stock.projections.path)-away"
        try FileManager.default.moveItem(atPath: stock.projections.path, toPath: away)
        try stock.temporary.reopen()
        #expect(stock.store.folderFailure?.code == "FILE_UNREADABLE")
        #expect(try stock.store.status().projections.map(\.state) == [.drift, .drift])
        #expect(try stock.store.log.types().map(\.name).contains("item.added"))
        #expect(try lines(of: stock.store, "SELECT count(*) FROM items") == ["2"])
        #expect(refusal { try stock.store.migrate("stock") }?.code == "FILE_UNREADABLE")
        stock.temporary.close()
        try FileManager.default.moveItem(atPath: away, toPath: stock.projections.path)
        #expect(try stock.temporary.reopen().status().next == "")
    }

    @Test("Two folders that hold one projection make that one unusable, no other")
    func twice() throws {
        let stock = try two()
        stock.temporary.close()
        try stock.projections.write(Stock.manifest, to: "third/projection.yaml")
        let store = try stock.temporary.reopen()
        #expect(store.loadFailures.mapValues(\.code) == ["stock": "PROJECTION_DUPLICATE"])
        #expect(try store.status().projections.map(\.state) == [.current, .drift])
    }

    @Test("M0.3 A hole keeps what waits from being applied, and appends go on")
    func hole() throws {
        let stock = try StockStore(migrations: ["001_items": Stock.items])
        stock.temporary.close()
        try Stock.totals.replacingOccurrences(of: "-- Depends: 002\n", with: "")
            .write(toFile: stock.migrationFile("003_totals"), atomically: true, encoding: .utf8)
        let store = try stock.temporary.reopen()
        let status = try store.status()
        #expect(status.projections[0].state == .pending)
        #expect(status.projections[0].error?.code == "MIGRATION_GAP")
        #expect(status.next == "annals validate stock")
        #expect(try store.validate(Stock.name).problems.map(\.code) == ["MIGRATION_GAP"])
        #expect(refusal { try store.migrate(Stock.name) }?.code == "MIGRATION_GAP")
        _ = try store.appendAndWait([Stock.added("a")])
        #expect(try store.rebuild(Stock.name).version == 1)
    }

    @Test("M0.8 A renumbered file is drift that names both numbers, whatever holes it leaves")
    func renumbered() throws {
        let stock = try StockStore(migrations: ["001_items": Stock.items, "002_moves": Stock.moves])
        stock.temporary.close()
        try FileManager.default.removeItem(atPath: stock.migrationFile("002_moves"))
        try Stock.moves.replacingOccurrences(of: "002_moves", with: "003_moves")
            .write(toFile: stock.migrationFile("003_moves"), atomically: true, encoding: .utf8)
        let store = try stock.temporary.reopen()
        let drift = try #require(try store.drift(of: Stock.name).first)
        #expect(drift.kind == .renumbered && drift.number == 2 && drift.movedTo == 3)
        #expect(drift.isBlocking && drift.summary.contains("renumbered to 003"))
        #expect(try store.status().projections[0].state == .drift)
        let error = refusal { try store.migrate(Stock.name) }
        #expect(error?.code == "MIGRATION_DRIFT")
        #expect(error?.hint.contains("modules reassign 002 003") == true)
        #expect(try store.validate(Stock.name).drift.map(\.kind) == [.renumbered])
    }

    @Test("M0.8 Files that moved up by one are each known by name and content")
    func shifted() throws {
        let stock = try StockStore(migrations: [
            "001_items": Stock.items, "002_moves": Stock.moves, "003_totals": Stock.totals,
        ])
        stock.temporary.close()
        for (old, new, text) in [
            ("002_moves", "003_moves", Stock.moves), ("003_totals", "004_totals", Stock.totals),
        ] {
            try FileManager.default.removeItem(atPath: stock.migrationFile(old))
            try text.replacingOccurrences(of: old, with: new)
                .replacingOccurrences(of: "-- Depends: 002", with: "-- Depends: 003")
                .write(toFile: stock.migrationFile(new), atomically: true, encoding: .utf8)
        }
        try Self.seen.replacingOccurrences(of: "001_seen", with: "002_seen")
            .replacingOccurrences(of: "Module: all", with: "Module: items")
            .write(toFile: stock.migrationFile("002_seen"), atomically: true, encoding: .utf8)
        let drift = try stock.temporary.reopen().drift(of: Stock.name)
        #expect(drift.map(\.number) == [2, 3])
        #expect(drift.map(\.movedTo) == [3, 4])
        #expect(drift.map(\.kind) == [.renumbered, .renumbered])
    }

    @Test("Every applied migration that is gone is named at once")
    func allMissing() throws {
        let stock = try StockStore()
        stock.temporary.close()
        for name in ["002_moves", "003_totals", "010_report"] {
            try FileManager.default.removeItem(atPath: stock.migrationFile(name))
        }
        let store = try stock.temporary.reopen()
        for error in [
            refusal { try store.migrate(Stock.name) }, refusal { try store.rollback(Stock.name) },
        ] {
            #expect(error?.code == "MIGRATION_DRIFT")
            for name in ["002_moves", "003_totals", "010_report"] {
                #expect(error?.message.contains(name) == true)
            }
        }
    }
}
