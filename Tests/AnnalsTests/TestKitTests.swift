import Annals
import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@Suite("The test kit, as its users have it")
struct TestKitTests {
    /// The example of `ProjectionScenario`'s comment.
    @Test("Given these events, expect these rows")
    func example() throws {
        let folder = try library()
        try ProjectionScenario(folder: "\(folder.path)/library", version: 1)
            .given([
                Event(type: "book.added", stream: "book/b-1", data: #"{"title": "Emma"}"#),
                Event(type: "book.lent", stream: "book/b-1", data: #"{"reader": "Ada"}"#),
            ])
            .expectRows(
                "SELECT title, reader FROM loans JOIN books ON id = book_id", [["Emma", "Ada"]])
    }

    private func library() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            name: library
            modules:
              - { name: lending, range: [1, 9] }
            """, to: "library/projection.yaml")
        try folder.write(
            """
            -- Migration: 001_books
            -- Description: Books and their loans
            -- Module: lending

            -- Up
            CREATE TABLE books (id TEXT PRIMARY KEY, title TEXT NOT NULL) STRICT;
            CREATE TABLE loans (book_id TEXT PRIMARY KEY, reader TEXT NOT NULL) STRICT;

            -- On book.added
            INSERT INTO books (id, title) VALUES (@key, $title);

            -- On book.lent
            INSERT INTO loans (book_id, reader) VALUES (@key, $reader);

            -- Down: replay
            """, to: "library/Migrations/001_books.sql")
        return folder
    }

    @Test("A scenario works at any version and with any modules, and begins with the seeds")
    func versions() throws {
        let folder = try Stock.folder()
        let path = "\(folder.path)/stock"
        let events = [Stock.added("a"), Stock.counted("a", 3)]
        try ProjectionScenario(folder: path).given(events)
            .expectRows(
                "SELECT id, quantity, counts FROM items ORDER BY id",
                [
                    ["a", 3, 1], ["box", 0, 0],
                ]
            )
            .expectRows("SELECT items, quantity FROM report", [[2, 3]])
        try ProjectionScenario(folder: path, version: 1).given(events)
            .expectRows(
                "SELECT id, quantity, parent FROM items ORDER BY id",
                [
                    ["a", 3, nil], ["box", 0, nil],
                ])
        let without = try ProjectionScenario(folder: path, modules: []).given(events)
        #expect(throws: AnnalsError.self) { try without.rows("SELECT * FROM report") }
        #expect(without.versions == [1, 2, 3])
        #expect(throws: AnnalsError(.invalid, "TARGET_UNKNOWN", "")) {
            try ProjectionScenario(folder: path, version: 7)
        }
    }

    @Test("Rows that differ are told one by one")
    func differences() throws {
        let folder = try Stock.folder()
        let scenario = try ProjectionScenario(folder: "\(folder.path)/stock")
            .given([Stock.added("a")])
        let sql = "SELECT id, quantity, parent FROM items ORDER BY id"
        #expect(try scenario.differences(sql, [["a", 0, nil], ["box", 0, nil]]).isEmpty)
        #expect(
            try scenario.differences(sql, [["a", 1, nil]]) == [
                "row 1: expected ('a', 1, NULL), found ('a', 0, NULL)",
                "row 2: expected no row, found ('box', 0, NULL)",
            ])
        #expect(throws: AnnalsError(.invalid, "ROWS_DIFFER", "")) {
            try scenario.expectRows(sql, [])
        }
    }

    @Test("An event that the handlers refuse is told with its place")
    func refusedEvent() throws {
        let folder = try Stock.folder()
        let scenario = try ProjectionScenario(folder: "\(folder.path)/stock")
            .given([Stock.added("a"), Stock.counted("a", -1)])
        let error = try #require(refusal { try scenario.rows("SELECT 1") })
        #expect(error.code == "EVENT_REFUSED")
        #expect(error.context.file == "003_totals.sql")
        let invalid = try ProjectionScenario(folder: "\(folder.path)/stock")
            .given([Event(type: "x", stream: "x/1", data: "[]")])
        #expect(refusal { try invalid.rows("SELECT 1") }?.kind == .invalid)
    }

    @Test("Times come from the event, or from the time of recording that the test says")
    func times() throws {
        let folder = try Stock.folder()
        var second = Stock.counted("a", 2)
        second.occurred = Timestamp(milliseconds: 42)
        try ProjectionScenario(folder: "\(folder.path)/stock")
            .recorded(at: Timestamp(milliseconds: 7_000))
            .given([Stock.added("a"), Stock.counted("a", 1), second])
            .expectRows("SELECT delta, at FROM moves ORDER BY revision", [[1, 7000], [2, 42]])
    }

    @Test("Builds with any batches agree at each version, and chance is refused beforehand")
    func determinism() throws {
        let folder = try Stock.folder()
        let events = (0..<50).flatMap { [Stock.added("i\($0)"), Stock.counted("i\($0)", $0)] }
        let digests = try checkDeterminism(folder: "\(folder.path)/stock", events: events)
        #expect(digests.map(\.version) == [1, 2, 3, 10])
        #expect(Set(digests.map(\.digest)).count == 4)

        let unstable = try Stock.folder([
            "001_items": Stock.items.replacingOccurrences(
                of: "VALUES (@key, @revision, $text)",
                with: "VALUES (@key, @revision, $text || random())")
        ])
        let error = try #require(
            refusal { try checkDeterminism(folder: "\(unstable.path)/stock", events: events) })
        #expect(error.context.file == "001_items.sql")
        #expect(error.message.contains("random"))
    }

    @Test("A clock stands still until it is moved, and a store records by it")
    func clock() throws {
        let stock = try StockStore()
        let clock = stock.temporary.clock
        let start = clock.now
        _ = try stock.store.appendAndWait([Stock.added("a")])
        clock.advance(milliseconds: 5)
        _ = try stock.store.appendAndWait([Stock.added("b")])
        clock.now = Timestamp(milliseconds: 1)
        _ = try stock.store.appendAndWait([Stock.added("c")])
        var recorded: [Int64] = []
        for id in ["a", "b", "c"] {
            try stock.store.log.readStream("stock/\(id)") {
                recorded.append($0.recorded.milliseconds - start.milliseconds)
            }
        }
        // A clock that goes back does not take the log's times back.
        #expect(recorded == [0, 5, 5])
    }

    @Test("A temporary store goes with its value, and reopens in between")
    func temporaryStore() throws {
        var path = ""
        do {
            let temporary = try TemporaryStore()
            path = temporary.path
            _ = try temporary.store.appendAndWait([Event(type: "x", stream: "x/1", data: "{}")])
            try temporary.reopen()
            #expect(try temporary.store.log.head() == Position(1))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("A failpoint runs what a test put there")
    func failpoint() throws {
        let stock = try StockStore(migrates: false)
        let mark = "\(stock.projections.path)/reached"
        try Failpoints.withArmed("build.finished", .run { markReached(mark) }) {
            _ = try stock.store.migrate(Stock.name)
        }
        #expect(FileManager.default.fileExists(atPath: mark))
    }
}

private func markReached(_ path: String) {
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
}
