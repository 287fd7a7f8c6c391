import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Rehearsals of migrations")
struct RehearsalTests {
    /// Every file of a store with its bytes; what may change by reading is left out.
    private func files(_ stock: StockStore) throws -> [String: Data] {
        var found: [String: Data] = [:]
        let paths = try #require(FileManager.default.enumerator(atPath: stock.path))
        for case let name as String in paths
        where !name.hasSuffix("lock.mdb") && !name.hasSuffix("-shm") {
            guard let bytes = FileManager.default.contents(atPath: "\(stock.path)/\(name)") else {
                continue
            }
            if !name.hasSuffix("-wal") || !bytes.isEmpty { found[name] = bytes }
        }
        return found
    }

    @Test(
        "M1.7 A rehearsal foretells version, digest and rows, seeds included, and changes nothing")
    func foretells() throws {
        let stock = try StockStore(migrates: false)
        for event in [Stock.added("a"), Stock.counted("a", 4), Stock.counted("a", -1)] {
            _ = try stock.store.appendAndWait([event])
        }
        let before = try files(stock)
        let head = try stock.store.log.head()
        for target in [1, 2, 10] {
            let rehearsal = try stock.store.rehearseMigration(
                Stock.name, to: .version(target))
            #expect(rehearsal.refusal == nil)
            #expect(rehearsal.events == Int(head.value))
            #expect(try files(stock) == before)
            #expect(try stock.store.log.head() == head)

            let twin = try StockStore(migrates: false)
            for event in [Stock.added("a"), Stock.counted("a", 4), Stock.counted("a", -1)] {
                _ = try twin.store.appendAndWait([event])
            }
            let result = try twin.store.migrate(Stock.name, to: .version(target))
            #expect(result.to == rehearsal.plan.to)
            #expect(try twin.store.digest(of: Stock.name).digest == rehearsal.digest)
            for table in rehearsal.tables {
                #expect(
                    try twin.rows("SELECT count(*) FROM \(table.table)") == ["\(table.rows)"])
            }
        }
    }

    @Test("The handlers that took longest are named with their calls")
    func slowest() throws {
        let stock = try StockStore(migrates: false)
        for index in 0..<20 {
            _ = try stock.store.appendAndWait([
                Stock.added("i\(index)"), Stock.counted("i\(index)", 1),
                Stock.counted("i\(index)", 2),
            ])
        }
        let slowest = try stock.store.rehearseMigration(Stock.name).slowest
        // Two modules handle each of these types; the seed is applied as a candidate.
        #expect(
            Set(slowest.map { "\($0.eventType) \($0.file) \($0.calls)" }) == [
                "item.added 001_items.sql 20", "item.added 010_report.sql 20",
                "item.counted 003_totals.sql 40", "item.counted 010_report.sql 40",
            ])
        #expect(slowest.map(\.totalMs) == slowest.map(\.totalMs).sorted(by: >))
        #expect(slowest.allSatisfy { $0.totalMs > 0 && $0.meanMs == $0.totalMs / Double($0.calls) })
        let first = try #require(slowest.first { $0.file == "001_items.sql" })
        let lines = Stock.items.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[first.line - 1].hasPrefix("INSERT INTO items"))
    }

    @Test("The first event that a handler refuses is a result, with its place, and nothing changes")
    func refused() throws {
        let stock = try StockStore(migrations: ["001_items": Stock.items])
        _ = try stock.store.appendAndWait([Stock.added("a"), Stock.counted("a", 500)])
        stock.temporary.close()
        try Stock.moves.replacingOccurrences(
            of: "delta INTEGER NOT NULL", with: "delta INTEGER NOT NULL CHECK (delta < 100)"
        ).write(toFile: stock.migrationFile("002_moves"), atomically: true, encoding: .utf8)
        try stock.temporary.reopen()
        let before = try files(stock)
        let rehearsal = try stock.store.rehearseMigration(Stock.name)
        let refusal = try #require(rehearsal.refusal)
        #expect(refusal.code == "EVENT_REFUSED")
        #expect(refusal.context.type == "item.counted")
        #expect(refusal.context.file == "002_moves.sql" && refusal.context.line != nil)
        #expect(refusal.message.contains("CHECK constraint failed"))
        let position = try #require(refusal.context.position)
        #expect(rehearsal.events == Int(position.value) - 1)
        #expect(rehearsal.digest == nil && rehearsal.tables.isEmpty)
        #expect(try files(stock) == before)
    }

    @Test("M1.10 What would be applied in spite of a refusal is named, and is what migrate applies")
    func healthyPrefix() throws {
        let moves = Stock.moves.replacingOccurrences(
            of: "delta INTEGER NOT NULL", with: "delta INTEGER NOT NULL CHECK (delta < 100)")
        let stock = try StockStore(
            migrates: false, migrations: ["001_items": Stock.items, "002_moves": moves])
        let events = [Stock.added("a"), Stock.counted("a", 500)]
        _ = try stock.store.log.appendAndWait(PreparedAppend(events))
        let before = try files(stock)
        let rehearsal = try stock.store.rehearseMigration(Stock.name)
        #expect(rehearsal.refusal?.context.migration == 2)
        #expect(rehearsal.healthy.map(\.number) == [1])
        var grouped = MigrateOptions()
        grouped.isGrouped = true
        #expect(
            try stock.store.rehearseMigration(Stock.name, options: grouped).healthy.isEmpty)
        let first = try stock.store.rehearseMigration(Stock.name, to: .version(1))
        #expect(first.refusal == nil && first.healthy == first.plan.steps)
        #expect(try files(stock) == before)
        let result = try stock.store.attemptMigration(Stock.name)
        #expect(result.applied.map(\.number) == [1] && result.failure?.code == "EVENT_REFUSED")
    }

    @Test("A seed that would be refused is found before anything is appended")
    func refusedSeed() throws {
        let bad = Stock.items.replacingOccurrences(of: #"{ "name": "box" }"#, with: #"{ "x": 1 }"#)
        let stock = try StockStore(migrates: false, migrations: ["001_items": bad])
        let rehearsal = try stock.store.rehearseMigration(Stock.name)
        #expect(rehearsal.refusal?.code == "CONSTRAINT_NOT_NULL")
        #expect(try stock.store.log.head() == .start)
    }

    @Test("With nothing to do there is nothing to rehearse")
    func nothing() throws {
        let stock = try StockStore()
        let rehearsal = try stock.store.rehearseMigration(Stock.name)
        #expect(rehearsal.plan.steps.isEmpty && rehearsal.refusal == nil && rehearsal.digest == nil)
    }

    @Test("Scratch folders go with their owner, and those of killed processes with the next one")
    func sweep() throws {
        let base = FileManager.default.temporaryDirectory.path
        let dead = "\(base)/annals-scratch-\(UUID().uuidString)"
        let other = "\(base)/annals-scratch-notes-\(UUID().uuidString)"
        for path in [dead, other] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        try Data("left".utf8).write(to: URL(fileURLWithPath: "\(dead)/rehearsal.sqlite"))
        var living: ScratchFolder? = try ScratchFolder()
        let path = try #require(living?.path)
        #expect(!FileManager.default.fileExists(atPath: dead))
        #expect(FileManager.default.fileExists(atPath: other))
        let second = try ScratchFolder()
        #expect(FileManager.default.fileExists(atPath: path))
        living = nil
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(FileManager.default.fileExists(atPath: second.path))
        try FileManager.default.removeItem(atPath: other)
    }
}
