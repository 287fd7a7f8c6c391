import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

@Suite("Checked appends: constraints hold before the fact")
struct CheckedAppendTests {
    @Test(
        "A violated constraint refuses the append with its name, the type and the handler's place",
        arguments: [
            (Stock.added("b", name: "one"), "CONSTRAINT_UNIQUE", "items.name"),
            (Stock.counted("one", -1), "CONSTRAINT_CHECK", "quantity >= 0"),
            (
                Event(type: "item.added", stream: "stock/c", data: "{}"), "CONSTRAINT_NOT_NULL",
                "items.name"
            ),
            (Stock.added("d", parent: "nobody"), "CONSTRAINT_FOREIGN_KEY", "FOREIGN KEY"),
        ])
    func refused(_ event: Event, _ code: String, _ constraint: String) throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("one"), Stock.counted("one", 0)])
        let head = try stock.store.log.head()
        let before = try stock.store.digest(of: Stock.name)

        let error = try #require(refusal { try stock.store.appendAndWait([event]) })

        #expect(error.code == code)
        #expect(error.kind == .invalid)
        #expect(error.message.contains(constraint))
        #expect(error.message.contains(event.type))
        #expect(error.context.type == event.type)
        #expect(error.context.projection == Stock.name)
        let file = event.type == "item.added" ? "001_items.sql" : "003_totals.sql"
        #expect(error.context.file == file)
        let text = try String(
            contentsOfFile: "\(stock.projections.path)/stock/Migrations/\(file)", encoding: .utf8)
        let number = try #require(error.context.line)
        let verb = event.type == "item.added" ? "INSERT INTO items" : "UPDATE items"
        #expect(text.components(separatedBy: "\n")[number - 1].hasPrefix(verb))
        #expect(error.message.contains("\(file):\(number)"))
        #expect(try stock.store.log.head() == head)
        #expect(try stock.store.digest(of: Stock.name) == before)
        // The writer goes on as if nothing had been.
        _ = try stock.store.appendAndWait([Stock.added("two")])
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test("All events of an append are refused with the one that is refused")
    func allOrNothing() throws {
        let stock = try StockStore()
        let head = try stock.store.log.head()
        let events = [Stock.added("a"), Stock.counted("a", 3), Stock.counted("a", -4)]
        #expect(refusal { try stock.store.appendAndWait(events) }?.code == "CONSTRAINT_CHECK")
        #expect(try stock.store.log.head() == head)
        #expect(try stock.rows("SELECT id FROM items") == ["box"])
        _ = try stock.store.appendAndWait(Array(events.dropLast()))
        #expect(try stock.rows("SELECT quantity FROM items WHERE id = 'a'") == ["3"])
    }

    @Test("Appends that share a turn are refused one by one")
    func sharedTurn() async throws {
        let stock = try StockStore()
        let store = stock.store
        let outcomes = await withTaskGroup(of: (Int, String).self) { group in
            for index in 0..<60 {
                group.addTask {
                    do {
                        // Every name is wanted by two.
                        _ = try await store.append([
                            Stock.added("i\(index)", name: "n\(index / 2)")
                        ])
                        return (index, "won")
                    } catch {
                        return (index, (error as? AnnalsError)?.code ?? "\(error)")
                    }
                }
            }
            var outcomes = Array(repeating: "", count: 60)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
        for pair in 0..<30 {
            #expect(
                [outcomes[2 * pair], outcomes[2 * pair + 1]].sorted()
                    == ["CONSTRAINT_UNIQUE", "won"])
        }
        #expect(try stock.rows("SELECT count(*) FROM items") == ["31"])
        #expect(try store.verify(Stock.name).isEqual)
    }

    @Test("A parent may come later in the same append, not in a later one")
    func deferredForeignKey() throws {
        let stock = try StockStore()
        let child = Stock.added("child", parent: "parent")
        #expect(
            refusal { try stock.store.appendAndWait([child]) }?.code == "CONSTRAINT_FOREIGN_KEY")
        // The key must hold at the end of each event, for batches of a replay may end there.
        #expect(
            refusal { try stock.store.appendAndWait([child, Stock.added("parent")]) }?.code
                == "CONSTRAINT_FOREIGN_KEY")
        _ = try stock.store.appendAndWait([Stock.added("parent"), child])
        #expect(try stock.rows("SELECT parent FROM items WHERE id = 'child'") == ["parent"])
    }

    @Test("Conditions and ids hold through the store")
    func conditionsAndIDs() throws {
        let stock = try StockStore()
        var event = Stock.added("a")
        event.id = "id-1"
        let first = try stock.store.appendAndWait(
            [event], condition: .stream("stock/a", .noStream))
        let again = try stock.store.appendAndWait([event])
        #expect(again.places.map(\.position) == first.places.map(\.position))
        #expect(again.places.map(\.isNew) == [false])
        #expect(try stock.rows("SELECT count(*) FROM items WHERE id = 'a'") == ["1"])

        event.data = Array(#"{"name":"other"}"#.utf8)
        let other = try #require(refusal { try stock.store.appendAndWait([event]) })
        #expect(other.kind == .conflict)
        #expect(other.conflict == .id("id-1", position: first.lastPosition))

        let stale = try #require(
            refusal {
                try stock.store.appendAndWait(
                    [Stock.counted("a", 1)],
                    condition: .stream("stock/a", .exactly(Revision(7))))
            })
        #expect(
            stale.conflict
                == .stream("stock/a", expected: .exactly(Revision(7)), found: Revision(1)))
        #expect(try stock.rows("SELECT quantity FROM items WHERE id = 'a'") == ["0"])
    }

    @Test("The store's own streams are not for callers")
    func reservedStream() async throws {
        let stock = try StockStore()
        let event = Event(type: "x", stream: "annals/admin", data: "{}")
        #expect(refusal { try stock.store.appendAndWait([event]) }?.code == "RESERVED_STREAM")
        await #expect(throws: AnnalsError(.invalid, "RESERVED_STREAM", "")) {
            try await stock.store.appendUnchecked([event])
        }
    }

    @Test("Events appended unchecked before are applied in the same turn")
    func afterUnchecked() async throws {
        let stock = try StockStore()
        _ = try await stock.store.appendUnchecked([Stock.added("a"), Stock.counted("a", 5)])
        _ = try stock.store.appendAndWait([Stock.counted("a", -5)])
        #expect(
            refusal { try stock.store.appendAndWait([Stock.counted("a", -1)]) }?.code
                == "CONSTRAINT_CHECK")
        #expect(try stock.rows("SELECT quantity FROM items WHERE id = 'a'") == ["0"])
    }

    @Test("Two processes race for one name, again and again: exactly one wins")
    func twoProcesses() throws {
        let stock = try StockStore()
        for round in 0..<(isSoak ? 50 : 5) {
            let racers = try (0..<2).map {
                try DriverProcess(
                    stock.path, "add", ["racer-\(round)-\($0)", "name-\(round)"], waits: true)
            }
            for racer in racers { racer.go() }
            let words = racers.map { racer in
                racer.finish().lines.joined().split(separator: " ").prefix(2).joined(separator: " ")
            }
            #expect(words.sorted() == ["done won", "error CONSTRAINT_UNIQUE"])
        }
        #expect(try stock.store.verify(Stock.name).isEqual)
    }
}
