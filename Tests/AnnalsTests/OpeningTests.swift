import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Migrating when a store is opened")
struct OpeningTests {
    @Test("M0.11 M1.12 M2.8 An opening that migrates tells what it applied, the next one nothing")
    func once() throws {
        let stock = try StockStore(migrates: false)
        stock.temporary.close()
        var options = EventStore.Options()
        options.migrates = true
        for expected in [[1, 2, 3, 10], []] {
            let store = try EventStore(at: stock.path, options: options)
            #expect(store.migratedOnOpen.flatMap(\.applied).map(\.number) == expected)
            #expect(try store.needsMigration(Stock.name) == false)
            #expect(try store.verify(Stock.name).isEqual)
        }
    }

    @Test("M2.6 A store that must not be changed says that it needs a migration")
    func needed() throws {
        let stock = try StockStore(migrates: false)
        #expect(try stock.store.needsMigration(Stock.name))
        _ = try stock.store.migrate(Stock.name)
        #expect(try stock.store.needsMigration(Stock.name) == false)
        #expect(stock.store.migratedOnOpen.isEmpty)
    }

    @Test("Several processes that open at once migrate once; all of them find it done")
    func race() throws {
        let stock = try StockStore(migrates: false)
        stock.temporary.close()
        let drivers = try (0..<6).map { _ in
            try DriverProcess(stock.path, "opened", migrates: true)
        }
        let ends = drivers.map { $0.finish() }
        #expect(ends.allSatisfy { $0.isClean }, "\(ends)")
        #expect(
            ends.map { $0.lines.last ?? "" }.sorted() == Array(repeating: "done 0", count: 5) + [
                "done 4"
            ])
        let store = try stock.temporary.reopen()
        #expect(try store.log.types().first { $0.name == "migration.applied" }?.count == 4)
        #expect(try store.verify(Stock.name).isEqual)
    }
}
