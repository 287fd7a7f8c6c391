import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

@Suite("Import and export")
struct ExchangeTests {
    /// A store with events of every kind.
    private func varied() throws -> StockStore {
        let stock = try StockStore()
        let store = stock.store
        for index in 0..<40 {
            var added = Stock.added("i\(index)", name: #"näme \#(index) \"\\ 🌍"#)
            added.tags = ["kind:a", "number:\(index)"]
            added.metadata = Array(#"{"actor":"t","n":\#(index)}"#.utf8)
            if index.isMultiple(of: 3) { added.id = "client-\(index)" }
            var counted = Stock.counted("i\(index)", index)
            // Streams where some events have a client's id and some have none.
            if index.isMultiple(of: 2) { counted.id = "counted-\(index)" }
            counted.occurred = Timestamp(milliseconds: Int64(index) * 1_000_003 - 5_000_000)
            var renamed = Event(
                type: "item.renamed", stream: "stock/i\(index)", data: #"{"name":"r\#(index)"}"#)
            renamed.schemaVersion = 2
            stock.temporary.clock.advance(milliseconds: 7)
            _ = try store.appendAndWait([added, counted, Stock.counted("i\(index)", 1), renamed])
        }
        return stock
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Without what differs from store to store.
    private func withoutRecorded(_ text: String) -> String {
        text.replacingOccurrences(
            of: #","recordedtime":"[^"]*""#, with: "", options: .regularExpression)
    }

    @Test("Export, import elsewhere, export again: the same but for the times of recording")
    func roundTrip() async throws {
        let stock = try varied()
        let folder = stock.projections.path
        let first = try stock.store.exportEvents(to: "\(folder)/1.jsonl")
        #expect(first.events == 161)
        let zipped = try stock.store.exportEvents(to: "\(folder)/1.jsonl.gz")
        #expect(zipped.events == 161)

        for file in ["1.jsonl", "1.jsonl.gz"] {
            // The other store has its own seed, at another time.
            let other = try StockStore {
                $0.clock = { Timestamp(milliseconds: 1_900_000_000_000) }
            }
            let result = try await other.store.importEvents(from: "\(folder)/\(file)")
            try other.store.catchUpAll()
            #expect(result.read == 161)
            #expect(result.appended + result.skipped == 161)
            #expect(try other.store.status().projections[0].lag == 0)
            _ = try other.store.exportEvents(to: "\(folder)/2-\(file).jsonl")
            #expect(
                withoutRecorded(try text("\(folder)/2-\(file).jsonl"))
                    == withoutRecorded(try text("\(folder)/1.jsonl")))
            #expect(
                try other.store.digest(of: Stock.name).digest
                    == stock.store.digest(of: Stock.name).digest)
        }
    }

    @Test("An import again skips everything, and one that was cut is completed")
    func resumed() async throws {
        let stock = try varied()
        let file = "\(stock.projections.path)/all.jsonl"
        _ = try stock.store.exportEvents(to: file)
        let lines = try text(file).split(separator: "\n")
        let other = try StockStore(migrates: false)
        for count in [50, 51, 120, 161, 161] {
            let part = try stock.projections.write(
                lines.prefix(count).joined(separator: "\n") + "\n", to: "part.jsonl")
            let before = try other.store.log.head()
            let result = try await other.store.importEvents(from: part)
            #expect(result.skipped == Int(before.value))
            #expect(result.head == Position(UInt64(count)))
        }
        #expect(try other.store.log.verify().problemCount == 0)
    }

    @Test("A bad line is told with file, line and column, and nothing of the file is there")
    func badLine() async throws {
        let stock = try varied()
        let file = "\(stock.projections.path)/all.jsonl"
        _ = try stock.store.exportEvents(to: file)
        let good = try text(file)
        let start =
            #"{"specversion":"1.0","id":"x","source":"s","type":"t","subject":"s/1","data":"#
        for (bad, column) in [
            (start + "{\"a\":1,}}", start.count + 8), (start + "[1]}", start.count + 1),
            (start + #"{"a":1,"a":2}}"#, start.count + 8), ("nonsense", 1),
            (start + #"{"a":NaN}}"#, start.count + 6),
        ] {
            let broken = try stock.projections.write(good + bad + "\n", to: "broken.jsonl")
            let other = try StockStore(migrates: false)
            do {
                _ = try await other.store.importEvents(from: broken)
                Issue.record("\(bad) was taken")
            } catch {
                #expect(error.kind == .invalid)
                #expect(error.context.line == 162, "\(bad)")
                #expect(error.context.column == column, "\(bad): \(error.message)")
                #expect(error.message.hasPrefix("\(broken):162:\(column): "), "\(error.message)")
            }
            #expect(try other.store.log.head() == .start)
        }
    }

    @Test("An id with other content, and a gap in a stream, stop the import at their line")
    func conflicts() async throws {
        let stock = try varied()
        let folder = stock.projections
        let file = "\(folder.path)/all.jsonl"
        _ = try stock.store.exportEvents(to: file)
        let good = try text(file)
        let other = try StockStore(migrates: false)
        let changed = try folder.write(
            good.replacingOccurrences(of: #"{"delta":2}"#, with: #"{"delta":3}"#), to: "c.jsonl")
        _ = try await other.store.importEvents(from: changed)
        await #expect(throws: AnnalsError(.conflict, "ID_CONFLICT", "")) {
            try await other.store.importEvents(from: file)
        }

        // Lines without the first events of their streams, and without ids of their own.
        let late = good.split(separator: "\n").filter { $0.contains("stock/i5") }.dropFirst()
        let gap = try folder.write(late.joined(separator: "\n") + "\n", to: "gap.jsonl")
        let third = try StockStore(migrates: false)
        do {
            _ = try await third.store.importEvents(from: gap)
            Issue.record("a gap was taken")
        } catch {
            #expect(error.code == "IMPORT_REVISION")
            #expect(error.context.line == 1)
        }
    }

    /// While one batch is committed the next is looked at: an error there must wait for the commit, or
    /// the log would still grow after the import has failed.
    @Test("When a failed import returns, nothing of it is still on its way")
    func settled() async throws {
        let stock = try StockStore(migrates: false)
        var lines = ""
        for index in 1...2_500 {
            let revision = index == 2_400 ? index + 1 : index
            lines += #"{"specversion":"1.0","id":"s/1@\#(revision)","source":"s","type":"t","#
            lines += #""subject":"s/1","revision":\#(revision),"data":{}}"# + "\n"
        }
        let file = try stock.projections.write(lines, to: "gap.jsonl")
        for _ in 0..<5 {
            await #expect(throws: AnnalsError(.conflict, "IMPORT_REVISION", "")) {
                try await stock.store.importEvents(from: file)
            }
            #expect(try stock.store.log.head() == Position(2_000))
        }
    }

    @Test("What belongs to the store itself neither leaves nor enters")
    func storesOwn() async throws {
        let stock = try varied()
        let file = "\(stock.projections.path)/all.jsonl"
        _ = try stock.store.exportEvents(to: file)
        #expect(try !text(file).contains("annals/admin"))
        let own = try stock.projections.write(
            #"{"specversion":"1.0","id":"x","source":"s","type":"t","subject":"annals/x","data":{}}"#,
            to: "own.jsonl")
        await #expect(throws: AnnalsError(.invalid, "RESERVED_STREAM", "")) {
            try await stock.store.importEvents(from: own)
        }
    }

    @Test("Parts of a log are exported by query and position")
    func parts() throws {
        let stock = try varied()
        let path = "\(stock.projections.path)/part.jsonl"
        let byTag = try stock.store.exportEvents(EventQuery(tags: ["number:7"]), to: path)
        #expect(byTag.events == 1)
        #expect(try text(path).contains(#""subject":"stock/i7""#))
        let byType = try stock.store.exportEvents(EventQuery(types: ["item.counted"]), to: path)
        #expect(byType.events == 80)
        let head = try stock.store.log.head()
        let last = try stock.store.exportEvents(after: Position(head.value - 4), to: path)
        #expect(last.events == 4)
    }

    @Test("An export that fails leaves the earlier file as it was")
    func exportFails() throws {
        let stock = try varied()
        #expect(
            refusal { try stock.store.exportEvents(to: "/nowhere/at/all.jsonl") }?.kind != nil)
        let folder = "\(stock.projections.path)/folder.jsonl"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        #expect(refusal { try stock.store.exportEvents(to: folder) } != nil)
        #expect(FileManager.default.fileExists(atPath: folder))
    }
}
