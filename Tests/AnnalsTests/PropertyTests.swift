import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

/// `ANNALS_SEED` repeats a run.
@Suite("Random lives of a store against a model in memory")
struct PropertyTests {
    @Test("Whatever happened, the rows are what the events say", arguments: 0..<(isSoak ? 40 : 6))
    func randomLife(_ number: Int) async throws {
        let seed =
            ProcessInfo.processInfo.environment["ANNALS_SEED"].flatMap(UInt64.init)
            ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("random life \(number): ANNALS_SEED=\(seed)")
        let life = try StoreLife(seed: seed)
        for step in 0..<(isSoak ? 80 : 30) {
            let what = try await life.step()
            try life.check("ANNALS_SEED=\(seed), step \(step): \(what)")
        }
        try life.checkEveryVersion()
    }
}

/// What the events say about items, as a fold in Swift.
struct StockModel {
    struct Item: Equatable {
        var name: String
        var quantity = 0
        var counts = 0
    }

    var items = ["box": Item(name: "box")]
    var order = ["box"]
    var moves: [String] = []
    /// What version 1 shows, where items keep their first name.
    var firstNames = ["box": "box"]

    mutating func add(_ id: String, _ name: String) {
        items[id] = Item(name: name)
        firstNames[id] = name
        order.append(id)
    }

    mutating func count(_ id: String, _ delta: Int, revision: UInt64) {
        items[id]?.quantity += delta
        items[id]?.counts += 1
        moves.append("\(id)|\(revision)|\(delta)")
    }

    /// The rows of each table at a version, as `lines(of:)` gives them.
    func rows(at version: Int) -> [String: [String]] {
        guard version > 0 else { return [:] }
        let ids = items.keys.sorted()
        func row(_ id: String) -> String {
            guard let item = items[id] else { return "" }
            let name = version == 1 ? firstNames[id] ?? "" : item.name
            return "\(id)|\(name)|\(item.quantity)" + (version >= 3 ? "|\(item.counts)" : "")
        }
        var rows = [
            "SELECT id, name, quantity\(version >= 3 ? ", counts" : "") FROM items ORDER BY id":
                ids.map(row)
        ]
        if version >= 2 {
            rows["SELECT item || '|' || revision || '|' || delta FROM moves ORDER BY 1"] =
                moves.sorted()
        }
        if version >= 10 {
            let sum = items.values.reduce(0) { $0 + $1.quantity }
            rows["SELECT items, quantity FROM report"] = ["\(items.count)|\(sum)"]
        }
        return rows
    }
}

/// One store and its model, which take the same steps.
final class StoreLife {
    private let stock: StockStore
    private var model = StockModel()
    private var random: SeededRandom
    private var revisions: [String: UInt64] = ["box": 1]
    private var version = Stock.newest
    private var number = 0
    /// Events in the log that the projection may not have yet.
    private var isBehind = false

    init(seed: UInt64) throws {
        random = SeededRandom(seed)
        stock = try StockStore()
    }

    private func pick<T>(_ values: [T]) -> T {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    /// Does something; says what.
    func step() async throws -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2: return try await append(isChecked: true)
        case 3, 4: return try await append(isChecked: false)
        case 5: return try refused()
        case 6:
            let target = pick([1, 2, 3, 10].filter { $0 >= version } + [10])
            let result = try stock.store.migrate(Stock.name, to: .version(target))
            return moved("migrate to", target, isCaughtUp: !result.applied.isEmpty)
        case 7:
            let target = pick([0, 1, 2, 3, 10].filter { $0 <= version })
            let result = try stock.store.rollback(Stock.name, to: .version(target))
            return moved("rollback to", target, isCaughtUp: !result.rolledBack.isEmpty)
        case 8:
            _ = try stock.store.rebuild(Stock.name)
            return moved("rebuild", version)
        case 9:
            try stock.temporary.reopen()
            return moved("reopen", version)
        case 10:
            _ = try stock.store.catchUp(Stock.name)
            return moved("catch up", version)
        default: return try killed()
        }
    }

    private func moved(_ what: String, _ target: Int, isCaughtUp: Bool = true) -> String {
        version = target
        if isCaughtUp { isBehind = false }
        return "\(what) \(target)"
    }

    /// One to five events, all of which every version takes.
    private func append(isChecked: Bool) async throws -> String {
        var events: [Event] = []
        var planned: [(inout StockModel) -> Void] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            number += 1
            let known = pick(model.order)
            let revision = revisions[known, default: 0] + 1
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let id = "i\(number)"
                revisions[id] = 1
                events.append(Stock.added(id, name: "n\(number)"))
                planned.append { $0.add(id, "n\(id.dropFirst())") }
            case 2:
                revisions[known] = revision
                let delta = Int.random(in: 0...9, using: &random)
                events.append(Stock.counted(known, delta))
                planned.append { $0.count(known, delta, revision: revision) }
            default:
                revisions[known] = revision
                let name = "renamed-\(number)"
                events.append(
                    Event(
                        type: "item.renamed", stream: "stock/\(known)", data: #"{"to":"\#(name)"}"#)
                )
                planned.append { $0.items[known]?.name = name }
            }
        }
        if isChecked {
            _ = try await stock.store.append(events)
            // A projection without a handler for any of them is not asked, and catches up later.
            let isAsked =
                version > 1 || version == 1 && events.contains { $0.type != "item.renamed" }
            isBehind = !isAsked
        } else {
            _ = try await stock.store.appendUnchecked(events)
            isBehind = true
        }
        for change in planned { change(&model) }
        return "append \(events.count) \(isChecked ? "checked" : "unchecked")"
    }

    /// What breaks a constraint is refused, with all that comes with it.
    private func refused() throws -> String {
        guard version > 0 else { return "nothing" }
        let id = pick(model.order)
        let before = try stock.store.log.head()
        number += 1
        let events = [
            Stock.added("i\(number)", name: "n\(number)"),
            pick([Stock.counted(id, -100_000), Stock.added(id, name: "again-\(number)")]),
        ]
        let error = refusal { try stock.store.appendAndWait(events) }
        #expect(error?.code.hasPrefix("CONSTRAINT_") == true, "\(String(describing: error))")
        #expect(try stock.store.log.head() == before)
        isBehind = false
        return "a refused append"
    }

    /// Another program dies in the middle of a rebuild or a migration, then this one opens the store.
    private func killed() throws -> String {
        let failpoint = pick(Array(Failpoints.names.prefix(6)))
        stock.temporary.close()
        let driver = try DriverProcess(
            stock.path, "rebuild", [Stock.name], failpoint: "\(failpoint)=crash")
        #expect(!driver.finish().isClean)
        try stock.temporary.reopen()
        return moved("killed at \(failpoint)", version)
    }

    func check(_ what: String) throws {
        let store = stock.store
        let status = try store.status().projections[0]
        #expect(status.version == version, "\(what)")
        let verification = try store.verify(Stock.name)
        #expect(verification.isEqual, "\(what)")
        if isBehind { return }
        #expect(status.lag == 0, "\(what)")
        for (sql, rows) in model.rows(at: version) {
            #expect(try lines(of: store, sql) == rows, "\(what): \(sql)")
        }
    }

    /// Every version of the whole history, as a replay and as the model have it.
    func checkEveryVersion() throws {
        for version in [1, 2, 3, 10] {
            for (sql, rows) in model.rows(at: version) {
                #expect(
                    try lines(of: stock.store, sql, asOf: AsOf(version: version)) == rows,
                    "version \(version)")
            }
        }
        #expect(try stock.store.log.verify().problemCount == 0)
    }
}
