import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

@Suite("Plans of migrations")
struct PlanTests {
    /// The reason of each step, as `number reason`.
    private func reasons(_ plan: MigrationPlan) -> [String] {
        plan.steps.map { "\($0.number) \($0.reason.rawValue)" }
    }

    @Test("M1.6 The steps are in order, each with its reason; nothing to do is an empty plan")
    func steps() throws {
        let stock = try StockStore(migrates: false)
        let whole = try stock.store.planMigration(Stock.name)
        #expect(reasons(whole) == ["1 pending", "2 pending", "3 pending", "10 pending"])
        #expect(whole.from == 0 && whole.to == 10 && whole.way == .rebuild)
        let part = try stock.store.planMigration(Stock.name, to: .version(3))
        #expect(reasons(part) == ["1 dependency", "2 dependency", "3 pending"])
        #expect(part.steps[0].detail == "003_totals depends on it")
        _ = try stock.store.migrate(Stock.name)
        let nothing = try stock.store.planMigration(Stock.name)
        #expect(nothing.steps.isEmpty && nothing.way == nil && nothing.events == 0)
    }

    @Test("A late lower number is one, and goes between what is applied")
    func late() throws {
        let stock = try StockStore(migrations: [
            "001_items": Stock.items, "002_moves": Stock.moves, "010_report": Stock.report,
        ])
        stock.temporary.close()
        try Stock.totals.write(
            toFile: stock.migrationFile("003_totals"), atomically: true, encoding: .utf8)
        try stock.temporary.reopen()
        let plan = try stock.store.planMigration(Stock.name)
        #expect(reasons(plan) == ["3 late"])
        #expect(plan.steps[0].detail.contains("010_report"))
        #expect(plan.to == 10)
    }

    @Test("M0.7 The migrations of a module that was enabled later are a back-fill")
    func backfill() throws {
        let stock = try StockStore(migrates: false)
        stock.temporary.close()
        try Stock.manifest.replacingOccurrences(of: ", default: enabled", with: "")
            .write(
                toFile: "\(stock.projections.path)/stock/projection.yaml", atomically: true,
                encoding: .utf8)
        try stock.temporary.reopen()
        _ = try stock.store.migrate(Stock.name)
        #expect(try stock.store.planMigration(Stock.name).steps.isEmpty)
        try stock.store.updateState(of: Stock.name) { $0.modules.append("reports") }
        let plan = try stock.store.planMigration(Stock.name)
        #expect(reasons(plan) == ["10 backfill"])
        #expect(plan.steps[0].detail.contains("'reports'"))
    }

    @Test("Events are counted by type, and time comes from a measured rate or is unknown")
    func costs() async throws {
        let stock = try StockStore(migrates: false)
        _ = try stock.store.migrate(Stock.name, to: .version(1))
        _ = try stock.store.appendAndWait([
            Stock.added("a"), Stock.counted("a", 1), Stock.counted("a", 2),
            Event(type: "weather.changed", stream: "weather/1", data: "{}"),
        ])
        let early = try stock.store.planMigration(Stock.name)
        #expect(early.events == Int(try stock.store.log.head().value))
        #expect(early.types.map { "\($0.type) \($0.count)" } == ["item.added 2", "item.counted 2"])
        #expect(early.eventsPerSecond == nil && early.estimateMs == nil)
        let live = try #require(early.disk.neededBytes)
        #expect(live > 0 && early.disk.fits == true)

        _ = try await stock.store.appendUnchecked((0..<2_000).map { Stock.added("i\($0)") })
        _ = try stock.store.catchUp(Stock.name)
        let caughtUp = try #require(try stock.store.planMigration(Stock.name).eventsPerSecond)
        _ = try stock.store.rebuild(Stock.name)
        let plan = try stock.store.planMigration(Stock.name)
        let rate = try #require(plan.eventsPerSecond)
        #expect(rate > 0 && rate != caughtUp)
        #expect(plan.estimateMs == Double(plan.events) / rate * 1000)
        #expect(try #require(plan.disk.neededBytes) > live)
    }

    @Test("The way of the plan is the way that is taken")
    func way() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("a")])
        _ = try stock.store.rollback(Stock.name, to: .version(2))
        _ = try stock.store.appendAndWait([Stock.added("b"), Stock.counted("b", 3)])
        let plan = try stock.store.planMigration(Stock.name)
        #expect(plan.way == .retained)
        #expect(plan.disk.neededBytes == 0)
        let result = try stock.store.migrate(Stock.name)
        #expect(result.way == .retained && result.events == plan.events)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test("A retained file is passed over once the current one is distrusted")
    func distrust() throws {
        let stock = try StockStore()
        _ = try stock.store.rollback(Stock.name, to: .version(2))
        try stock.store.updateState(of: Stock.name) { $0.distrust = "rows of events that are gone" }
        #expect(try stock.store.planMigration(Stock.name).way == .rebuild)
    }

    @Test("What migrate would refuse, the plan refuses")
    func refused() throws {
        let stock = try StockStore()
        #expect(
            refusal { try stock.store.planMigration(Stock.name, to: .version(3)) }?.code
                == "TARGET_BELOW")
        #expect(
            refusal { try stock.store.planMigration(Stock.name, to: .version(-1)) }?.code
                == "TARGET_UNKNOWN")
        stock.temporary.close()
        try FileManager.default.removeItem(atPath: stock.migrationFile("010_report"))
        try stock.temporary.reopen()
        #expect(
            refusal { try stock.store.planMigration(Stock.name) }?.code == "MIGRATION_DRIFT")
    }

    @Test(
        "A migration whose new file would not fit is refused before it begins, unless it is told to"
    )
    func space() throws {
        let stock = try StockStore(migrates: false)
        _ = try stock.store.migrate(Stock.name, to: .version(1))
        _ = try stock.store.appendAndWait([Stock.added("a")])
        stock.temporary.close()
        let files = try stock.generations().filter { $0.hasSuffix(".sqlite") }
        var options = EventStore.Options()
        options.freeBytes = { 4_096 }
        let store = try EventStore(at: stock.path, options: options)
        #expect(try store.planMigration(Stock.name).disk.fits == false)
        let head = try store.log.head()
        let error = refusal { try store.migrate(Stock.name) }
        #expect(error?.code == "DISK_FULL" && error?.kind == .unavailable)
        #expect(error?.message.contains("4096 are free") == true)
        #expect(try store.log.head() == head)
        #expect(try stock.generations().filter { $0.hasSuffix(".sqlite") } == files)
        var anyway = MigrateOptions()
        anyway.ignoresFreeSpace = true
        #expect(try store.migrate(Stock.name, options: anyway).to == 10)
        // A file that is there needs no space.
        _ = try store.rollback(Stock.name, to: .version(1))
        #expect(try store.migrate(Stock.name).way == .retained)
    }

    @Test("A state from before rates were kept is read")
    func olderState() throws {
        let text = """
            {"applied":[],"modules":["items"],"nextGeneration":1,"outgoing":[],
            "quarantines":false,"retained":[]}
            """
        let state = try ProjectionState.decode(Array(text.utf8), of: Stock.name)
        #expect(state.measured == nil)
    }
}
