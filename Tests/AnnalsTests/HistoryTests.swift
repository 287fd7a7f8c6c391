import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

@Suite("What was done to a store")
struct HistoryTests {
    @Test("E5.1 E5.2 E5.4 E5.7 The acts of a store are read with their types, in their order")
    func acts() throws {
        let stock = try StockStore(migrates: false)
        let store = stock.store
        #expect(try store.history().isEmpty)
        _ = try store.migrate(Stock.name)
        _ = try store.rollback(Stock.name, to: .version(2))
        _ = try store.rebuild(Stock.name)
        let history = try store.history(of: Stock.name)
        #expect(
            history.map(\.act) == [
                .migrationApplied, .migrationApplied, .migrationApplied, .migrationApplied,
                .migrationRolledBack, .migrationRolledBack, .projectionRebuilt,
            ])
        #expect(history.prefix(4).map(\.facts.version) == [1, 2, 3, 10])
        #expect(
            history.prefix(4).allSatisfy {
                $0.facts.durationMs != nil && $0.facts.logPosition != nil
            })
        let back = history[4].facts
        #expect(back.version == 10 && back.from == 10 && back.to == 2 && back.name == "report")
        #expect(history.map(\.position) == history.map(\.position).sorted())
        #expect(history.allSatisfy { $0.facts.projection == Stock.name && $0.data.hasPrefix("{") })
        #expect(try store.history(after: history[5].position).map(\.act) == [.projectionRebuilt])
        #expect(try store.history(of: "none").isEmpty)
    }

    @Test("E5.6 A validation is recorded when that is asked for, and only then")
    func validated() throws {
        let stock = try StockStore()
        let head = try stock.store.log.head()
        let validation = try stock.store.validate(Stock.name)
        #expect(try stock.store.log.head() == head)
        let position = try stock.store.record([validation])
        let told = try #require(try stock.store.history(after: head).first)
        #expect(told.act == .storeValidated && told.position == position && told.facts.ok == true)
        // What is wrong is told with it.
        stock.temporary.close()
        try FileManager.default.removeItem(atPath: stock.migrationFile("010_report"))
        try stock.temporary.reopen()
        try stock.store.record([try stock.store.validate(Stock.name)])
        let bad = try #require(try stock.store.history().last)
        #expect(bad.facts.ok == false && bad.data.contains("MIGRATION_DRIFT"))
    }
}
