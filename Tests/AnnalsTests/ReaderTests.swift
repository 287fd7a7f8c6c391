import AnnalsTesting
import EventModel
import Foundation
import GRDB
import LogStorage
import Testing

@testable import Annals

@Suite("Reading through the store")
struct ReaderTests {
    @Test("A reader follows migrations, rollbacks and rebuilds")
    func followsSwitches() throws {
        let stock = try StockStore(migrates: false)
        let reader = try stock.store.reader(of: Stock.name)
        #expect(refusal { try reader.read { _ in } }?.code == "PROJECTION_NOT_BUILT")
        _ = try stock.store.migrate(Stock.name, to: .version(1))
        _ = try stock.store.appendAndWait([Stock.added("a"), Stock.counted("a", 4)])
        func columns() throws -> Int {
            try reader.read { try $0.columns(in: "items").count }
        }
        #expect(try columns() == 4)
        _ = try stock.store.migrate(Stock.name)
        #expect(try columns() == 5)
        _ = try stock.store.rollback(Stock.name, to: .version(1))
        #expect(try columns() == 4)
        _ = try stock.store.rebuild(Stock.name)
        #expect(
            try reader.read {
                try Int.fetchOne($0, sql: "SELECT quantity FROM items WHERE id = 'a'")
            }
                == 4)
    }

    @Test("One read is one snapshot, and nothing is written through it")
    func snapshot() throws {
        let stock = try StockStore()
        let reader = try stock.store.reader(of: Stock.name)
        let count = "SELECT count(*) FROM items"
        let (before, after) = try reader.read { db in
            let before = try Int.fetchOne(db, sql: count)
            _ = try stock.store.appendAndWait([Stock.added("a")])
            _ = try stock.store.rebuild(Stock.name)
            return (before, try Int.fetchOne(db, sql: count))
        }
        #expect(before == 1)
        #expect(after == 1)
        #expect(try reader.read { try Int.fetchOne($0, sql: count) } == 2)
        #expect(throws: DatabaseError.self) {
            try reader.read { try $0.execute(sql: "DELETE FROM items") }
        }
        #expect(try stock.rows("SELECT count(*) FROM items") == ["2"])
    }

    /// The retained file cannot be sealed while somebody reads it; it is not the only way back.
    @Test("A long read of a retained generation does not keep the store from going back to it")
    func longRead() throws {
        let stock = try StockStore()
        _ = try stock.store.rollback(Stock.name, to: .version(3))
        let reader = try stock.store.reader(of: Stock.name)
        try reader.read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM items")
            _ = try stock.store.migrate(Stock.name)
            _ = try stock.store.appendAndWait([Stock.added("a")])
            let result = try stock.store.rollback(Stock.name, to: .version(3))
            #expect(result.to == 3)
        }
        #expect(try stock.rows("SELECT count(*) FROM items") == ["2"])
        #expect(try stock.store.verify(Stock.name).isEqual)
    }

    @Test("The error of a read is the caller's own")
    func callersError() throws {
        struct Own: Error {}
        let stock = try StockStore()
        let reader = try stock.store.reader(of: Stock.name)
        var calls = 0
        #expect(throws: Own.self) {
            try reader.read { _ in
                calls += 1
                throw Own()
            }
        }
        #expect(calls == 1)
        #expect(refusal { try stock.store.reader(of: "other") }?.code == "PROJECTION_UNKNOWN")
    }

    @Test(
        "A query reads and nothing else",
        arguments: [
            ("DELETE FROM items", "QUERY_REFUSED"), ("PRAGMA user_version = 3", "QUERY_REFUSED"),
            ("ATTACH 'x' AS y", "QUERY_REFUSED"), ("SELECT 1; SELECT 2", "QUERY_INVALID"),
            ("SELECT * FROM nothing", "QUERY_INVALID"), ("", "QUERY_INVALID"),
            ("SELECT ?", "QUERY_INVALID"), ("COMMIT", "QUERY_REFUSED"),
        ])
    func queries(_ sql: String, _ code: String) throws {
        let stock = try StockStore()
        #expect(refusal { try stock.rows(sql) }?.code == code)
        #expect(try stock.rows("SELECT count(*) FROM items") == ["1"])
    }

    @Test("A subscription gives what is there, then what comes, from this process and another")
    func subscription() async throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("first")])
        let log = stock.store.log
        let follower = Task {
            var ids: [String] = []
            var last = Position.start
            for try await event in log.subscribe(to: EventQuery(types: ["item.added"])) {
                #expect(event.position > last)
                last = event.position
                ids.append(String(event.stream.dropFirst("stock/".count)))
                if ids.count == 2 + 30 + 60 { break }
            }
            return ids
        }
        let other = try DriverProcess(stock.path, "unchecked", ["u", "60", "7"])
        for index in 0..<30 {
            _ = try await stock.store.append([
                Stock.added("c\(index)"), Stock.counted("c\(index)", 1),
            ])
        }
        #expect(other.finish().isClean)
        let ids = try await follower.value
        #expect(Array(ids.prefix(2)) == ["box", "first"])
        #expect(ids.filter { $0.hasPrefix("c") } == (0..<30).map { "c\($0)" })
        #expect(ids.filter { $0.hasPrefix("u") } == (0..<60).map { "u-\($0)" })
    }
}
