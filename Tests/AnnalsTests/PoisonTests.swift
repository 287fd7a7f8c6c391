import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Events that a handler refuses")
struct PoisonTests {
    /// A store whose log has an event that its projection cannot take, between two that it can.
    private func poisoned() async throws -> StockStore {
        let stock = try StockStore()
        _ = try await stock.store.appendUnchecked([
            Stock.added("a"), Stock.counted("a", -1), Stock.added("b"),
        ])
        return stock
    }

    @Test("Catch-up stops before it, says where and why, and status tells")
    func halt() async throws {
        let stock = try await poisoned()
        let error = try #require(refusal { try stock.store.catchUp(Stock.name) })
        #expect(error.code == "PROJECTION_HALTED")
        let position = try #require(error.context.position)
        #expect(error.context.type == "item.counted")
        #expect(error.context.file == "003_totals.sql")
        #expect(error.context.line != nil)
        #expect(error.message.contains("CHECK"))
        let status = try stock.store.status().projections[0]
        #expect(status.state == .halted)
        #expect(status.checkpoint == Position(position.value - 1))
        #expect(status.halt?.contains("position \(position)") == true)
        // What comes before it is there, and readers go on.
        #expect(try stock.rows("SELECT id FROM items ORDER BY id") == ["a", "box"])
        #expect(try stock.store.verify(Stock.name).isEqual)
        // The next opening neither fails nor steps over it.
        let store = try stock.temporary.reopen()
        #expect(try store.status().projections[0].checkpoint == status.checkpoint)
    }

    @Test("What is noted of a halt is noted once: later openings leave the log's bytes alone")
    func haltOnce() async throws {
        let stock = try await poisoned()
        _ = refusal { try stock.store.catchUp(Stock.name) }
        stock.temporary.close()
        let file = URL(fileURLWithPath: "\(stock.path)/log/data.mdb")
        let before = try Data(contentsOf: file)
        _ = refusal { try stock.temporary.reopen().migrate(Stock.name, to: .version(99)) }
        stock.temporary.close()
        #expect(try Data(contentsOf: file) == before)
    }

    @Test("A halted projection refuses its appends, and only its own")
    func appendsWhileHalted() async throws {
        let stock = try await poisoned()
        _ = refusal { try stock.store.catchUp(Stock.name) }
        let store = stock.store
        let codes = await withTaskGroup(of: String.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let event =
                        index.isMultiple(of: 2)
                        ? Stock.added("n\(index)")
                        : Event(type: "other.thing", stream: "other/\(index)", data: "{}")
                    do {
                        _ = try await store.append([event])
                        return "\(index % 2) done"
                    } catch {
                        return "\(index % 2) \((error as? AnnalsError)?.code ?? "\(error)")"
                    }
                }
            }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(codes == ["0 PROJECTION_HALTED", "1 done"])
    }

    @Test("A migration that mends the handler clears it")
    func mended() async throws {
        let stock = try await poisoned()
        _ = refusal { try stock.store.catchUp(Stock.name) }
        stock.temporary.close()
        try """
        -- Migration: 004_mend
        -- Description: Counts stop at zero
        -- Module: items
        -- Depends: 003

        -- Up: none

        -- On item.counted
        UPDATE items SET quantity = max(0, quantity + $delta), counts = counts + 1
        WHERE id = @key;

        -- Down: replay

        """.write(toFile: stock.migrationFile("004_mend"), atomically: true, encoding: .utf8)
        let store = try stock.temporary.reopen()
        #expect(try store.migrate(Stock.name).applied.map(\.number) == [4])
        let status = try store.status().projections[0]
        #expect(status.halt == nil)
        #expect(status.lag == 0)
        #expect(try stock.rows("SELECT quantity FROM items WHERE id = 'a'") == ["0"])
        #expect(try store.verify(Stock.name).isEqual)
    }

    @Test("Put aside on request, it is recorded, and from then on while live too")
    func quarantine() async throws {
        let stock = try await poisoned()
        _ = refusal { try stock.store.catchUp(Stock.name) }
        #expect(refusal { try stock.store.rebuild(Stock.name) }?.code == "EVENT_REFUSED")
        let result = try stock.store.rebuild(Stock.name, quarantines: true)
        #expect(result.quarantined == 1)
        #expect(try stock.rows("SELECT id FROM items ORDER BY id") == ["a", "b", "box"])
        #expect(
            try stock.rows("SELECT type, stream, file FROM quarantine")
                == ["item.counted|stock/a|003_totals.sql"])
        #expect(try stock.store.verify(Stock.name).isEqual)

        // The policy holds while the projection follows the log …
        _ = try await stock.store.appendUnchecked([Stock.counted("b", -9), Stock.counted("b", 9)])
        _ = try stock.store.catchUp(Stock.name)
        #expect(try stock.store.digest(of: Stock.name).quarantined == 2)
        // … in the catch-up of a checked append …
        _ = try await stock.store.appendUnchecked([Stock.counted("b", -10)])
        _ = try stock.store.appendAndWait([Stock.counted("b", -9)])
        #expect(try stock.store.digest(of: Stock.name).quarantined == 3)
        // … and a checked append is refused all the same.
        #expect(
            refusal { try stock.store.appendAndWait([Stock.counted("b", -1)]) }?.code
                == "CONSTRAINT_CHECK")
        try stock.temporary.reopen()
        #expect(try stock.store.verify(Stock.name).isEqual)
        _ = try stock.store.rollback(Stock.name, to: .version(1))
        #expect(try stock.store.digest(of: Stock.name).quarantined == 3)
        #expect(try stock.store.verify(Stock.name).isEqual)
    }
}
