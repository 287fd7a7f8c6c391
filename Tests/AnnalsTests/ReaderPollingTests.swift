import AnnalsTesting
import EventModel
import Foundation
import GRDB
import LogStorage
import Synchronization
import Testing

@testable import Annals

/// M2.8: another process switches generations while this one reads, through the link and through the
/// library, every few milliseconds.
@Suite("Readers beside migrations, rollbacks and kills", .serialized)
struct ReaderPollingTests {
    @Test("They never see a missing or empty table, nor two versions in one read")
    func polling() async throws {
        let stock = try StockStore(migrates: false)
        _ = try stock.store.migrate(Stock.name, to: .version(1))
        _ = try await stock.store.appendUnchecked(
            (0..<3_000).flatMap { [Stock.added("i\($0)"), Stock.counted("i\($0)", 1)] })
        _ = try stock.store.catchUp(Stock.name)
        let polls = Polls()
        defer { polls.stop() }
        let (store, link) = (stock.store, "\(stock.path)/stock.sqlite")
        polls.repeatedly("link") {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            return try DatabaseQueue(path: link, configuration: configuration).read(Self.check)
        }
        polls.repeatedly("library") { try store.reader(of: Stock.name).read(Self.check) }
        let reader = try store.reader(of: Stock.name)
        polls.repeatedly("one reader") { try reader.read(Self.check) }
        for round in 0..<(isSoak ? 20 : 2) { try await work(on: stock, round) }
        polls.stop()
        let (problems, versions, count) = polls.result
        #expect(problems.isEmpty, "\(problems.prefix(5))")
        // All of them were seen: a poll that only ever meets one version would show nothing.
        #expect(versions.isSuperset(of: [[1], [1, 2, 3], [1, 2, 3, 10]]), "\(versions)")
        #expect(count > 100)
        print("readers: \(count) reads, \(versions.count) version sets")
    }

    /// Migrations by a build, in place and to a retained file, rollbacks, and kills at any moment.
    private func work(on stock: StockStore, _ round: Int) async throws {
        func run(_ arguments: String..., killAfterMs: Double? = nil) throws {
            let driver = try DriverProcess(
                stock.path, arguments[0], Array(arguments.dropFirst()), waits: killAfterMs != nil)
            if let killAfterMs {
                driver.go()
                usleep(UInt32(killAfterMs * 1000))
                driver.kill()
            }
            let end = driver.finish()
            #expect(end.isClean || killAfterMs != nil, "\(arguments): \(end.lines)")
        }
        try run("migrate", Stock.name, "3")
        try run("migrate", Stock.name, "10")
        let way = try stock.store.state(of: Stock.name)?.retained.first?.versions
        #expect(way == [1, 2, 3])
        try run("rollback", Stock.name, "3")
        try run("migrate", Stock.name, "10")
        try run("rollback", Stock.name, "1")
        for step in 1...6 {
            try run("migrate", Stock.name, killAfterMs: Double(step * 9 + round))
        }
        try run("rollback", Stock.name, "1")
    }

    /// One read: what the file says it is made of is what it holds, all of it.
    /// - Returns: the version set.
    private static func check(_ db: Database) throws -> [Int] {
        let sql = "SELECT version FROM schema_migrations ORDER BY version"
        let versions = try Int.fetchAll(db, sql: sql)
        let tables = Set(
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'"))
        var expected: Set = ["schema_migrations", "checkpoint", "quarantine", "items", "notes"]
        if versions.contains(2) { expected.insert("moves") }
        if versions.contains(10) { expected.insert("report") }
        guard tables == expected else { throw Wrong("tables \(tables) at \(versions)") }
        let items = try Int.fetchOne(db, sql: "SELECT count(*) FROM items") ?? 0
        guard items == 3_001 else { throw Wrong("\(items) items at \(versions)") }
        let columns = try db.columns(in: "items").map(\.name)
        guard columns.contains("counts") == versions.contains(3) else {
            throw Wrong("columns \(columns) at \(versions)")
        }
        if versions.contains(2) {
            let moves = try Int.fetchOne(db, sql: "SELECT count(*) FROM moves") ?? 0
            guard moves == 3_000 else { throw Wrong("\(moves) moves at \(versions)") }
        }
        if versions.contains(10) {
            let row = try Row.fetchOne(db, sql: "SELECT items, quantity FROM report")
            guard row == ["items": 3_001, "quantity": 3_000] else {
                throw Wrong("report \(String(describing: row))")
            }
        }
        guard try Int.fetchAll(db, sql: sql) == versions else { throw Wrong("two versions") }
        return versions
    }
}

private struct Wrong: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What the polling readers saw, from several threads.
private final class Polls: Sendable {
    private struct State {
        var problems: [String] = []
        var versions: Set<[Int]> = []
        var count = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let running = DispatchGroup()

    var result: (problems: [String], versions: Set<[Int]>, count: Int) {
        state.withLock { ($0.problems, $0.versions, $0.count) }
    }

    /// Ends the reading and waits for its end.
    func stop() {
        state.withLock { $0.isStopped = true }
        running.wait()
    }

    /// Reads every two milliseconds until `stop`, on a thread of its own: other tests may keep those of
    /// tasks busy.
    func repeatedly(_ who: String, _ read: @escaping @Sendable () throws -> [Int]) {
        running.enter()
        Thread.detachNewThread { [self] in
            poll(who, read)
            running.leave()
        }
    }

    private func poll(_ who: String, _ read: () throws -> [Int]) {
        while !state.withLock({ $0.isStopped }) {
            let outcome = Result(catching: read)
            state.withLock { state in
                state.count += 1
                switch outcome {
                case .success(let versions): state.versions.insert(versions)
                case .failure(let error): state.problems.append("\(who): \(error)")
                }
            }
            usleep(2_000)
        }
    }
}
