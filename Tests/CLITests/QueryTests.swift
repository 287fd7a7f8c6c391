import Foundation
import SQLite
import Testing

@Suite("annals query and replay")
struct QueryTests {
    private func store() throws -> TestStore {
        let store = try TestStore.people()
        try store.succeed("append", "person.added", "person/1", #"{"name":"Ada, \"A\"","age":36}"#)
        try store.succeed("append", "person.moved", "person/1", #"{"city":"東京"}"#)
        return store
    }

    @Test("Rows come as a table, a document or CSV; the projection may be left out")
    func formats() throws {
        let store = try store()
        let sql = "SELECT name, age, city, NULL AS n FROM people"
        let table = try store.succeed("query", "people", sql).output.split(separator: "\n")
        #expect(table == ["name      age  city     n", "Ada, \"A\"   36  東京  NULL"])
        let csv = try store.succeed("query", sql, "--format", "csv").output
        #expect(csv == "name,age,city,n\n\"Ada, \"\"A\"\"\",36,東京,\n")
        let json = try store.succeed("query", sql, "--json").json
        #expect(json["schema"] as? String == "annals.query/1")
        #expect(json["columns"] as? [String] == ["name", "age", "city", "n"])
        let row = try #require((json["rows"] as? [[String: Any]])?.first)
        #expect(row["age"] as? Int == 36 && row["n"] is NSNull)
        let same = try store.succeed(["query", "-", "--format", "json"], input: sql).output
        #expect(same == (try store.succeed("query", sql, "--json").output))
    }

    @Test("Columns of one name, bytes and infinities have a place in a document")
    func oddValues() throws {
        let store = try store()
        let json = try store.succeed(
            "query", "SELECT 1 AS a, 2 AS a, x'00ff' AS b, 9e999 AS c", "--json"
        ).json
        #expect(json["columns"] as? [String] == ["a", "a:1", "b", "c"])
        let row = try #require((json["rows"] as? [[String: Any]])?.first)
        #expect(row["a:1"] as? Int == 2 && row["b"] as? String == "AP8=")
        #expect(row["c"] as? String == "Infinity")
    }

    @Test("As of a position, a time and a version")
    func asOf() throws {
        let store = try store()
        let head = try store.head()
        let sql = "SELECT city FROM people"
        let then = try store.succeed("query", sql, "--at-position", "\(head - 1)", "--json").json
        #expect((then["rows"] as? [[String: Any]])?.first?["city"] is NSNull)
        let count = "SELECT count(*) AS n FROM people"
        let none = try store.succeed(
            "query", count, "--at-time", "2001-01-01T00:00:00Z", "--format", "csv")
        #expect(none.output == "n\n0\n")
        try store.fail("QUERY_INVALID", ["query", sql, "--at-version", "people"])
        try store.fail("POSITION_UNKNOWN", ["query", sql, "--at-position", "999"])
        let now = try store.succeed(
            "query", "SELECT date('now') AS d", "--at-time", "2001-02-03T04:05:06Z", "--format",
            "csv")
        #expect(now.output == "d\n2001-02-03\n")
        let both = ["--at-time", "2001-02-03T04:05:06Z", "--at-position", "1"]
        try store.fail("USAGE", status: 64, ["query", sql] + both)
    }

    @Test("A statement may begin with a comment; an option that is not there is no statement")
    func comments() throws {
        let store = try store()
        for sql in [
            "-- how many = all\nSELECT 7 AS n", "--\nSELECT 7 AS n", "/* x */ SELECT 7 AS n",
        ] {
            #expect(try store.succeed("query", "people", sql, "--format", "csv").output == "n\n7\n")
            #expect(try store.succeed("query", sql, "--format", "csv").output == "n\n7\n")
        }
        let error = try store.fail("USAGE", status: 64, ["query", "SELECT 1", "--josn"])
        #expect((error["message"] as? String)?.contains("--josn") == true)
        try store.fail("USAGE", status: 64, ["query", "-x", "SELECT 1"])
    }

    @Test(
        "What fails while it runs is told apart from what is written wrongly, without half an answer"
    )
    func failsLate() throws {
        let store = try store()
        let late = """
            WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3)
            SELECT CASE n WHEN 3 THEN json('{') ELSE n END FROM c
            """
        try store.fail("QUERY_FAILED", ["query", late])
        let table = try store.run("query", late)
        #expect(table.status == 1 && table.output.isEmpty && table.error.contains("QUERY_FAILED"))
    }

    @Test("A query is bounded: depth, length and joined SELECTs")
    func bounds() throws {
        let store = try store()
        let deep =
            "SELECT " + String(repeating: "(1+", count: 600) + "1"
            + String(repeating: ")", count: 600)
        try store.fail("QUERY_INVALID", ["query", deep])
        let joined = Array(repeating: "SELECT 1", count: 200).joined(separator: " UNION ALL ")
        try store.fail("QUERY_INVALID", ["query", joined])
        try store.fail("QUERY_FAILED", ["query", "SELECT length(zeroblob(300 << 20) || 'x')"])
    }

    @Test("A long answer is whole in every format")
    func longAnswer() throws {
        let store = try store()
        let count = 30_000
        let sql = """
            WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < \(count))
            SELECT n, 'row ' || n || char(10) || '東京 and some more text to fill it up' AS text FROM c
            """
        let json = try store.succeed("query", sql, "--json").json
        let rows = try #require(json["rows"] as? [[String: Any]])
        #expect(rows.map { $0["n"] as? Int } == (1...count).map { $0 })
        #expect(
            rows.last?["text"] as? String == "row \(count)\n東京 and some more text to fill it up")
        let table = try store.succeed("query", sql).output.split(separator: "\n")
        #expect(table.count == count + 1 && table[0] == "    n  text")
        #expect(table[1] == "    1  row 1\\n東京 and some more text to fill it up")
        #expect(table.last == "\(count)  row \(count)\\n東京 and some more text to fill it up")
    }

    @Test(
        "Nothing but reading",
        arguments: [
            ("QUERY_REFUSED", "DELETE FROM people"), ("QUERY_REFUSED", "PRAGMA user_version = 3"),
            ("QUERY_REFUSED", "ATTACH ':memory:' AS x"),
            ("QUERY_INVALID", "SELECT nope FROM people"),
            ("QUERY_INVALID", "SELECT 1; SELECT 2"), ("QUERY_INVALID", "SELECT ?"),
            ("QUERY_INVALID", ""),
        ])
    func refused(code: String, sql: String) throws {
        let store = try store()
        let before = try store.files()
        let error = try store.fail(code, ["query", sql])
        if sql.contains("nope") {
            #expect(error["line"] as? Int == 1 && error["column"] as? Int == 8)
        }
        #expect(try store.files() == before)
    }

    @Test("With several projections one must be named, and exist")
    func ambiguous() throws {
        let store = try TestStore.builtIn()
        let error = try store.fail("PROJECTION_AMBIGUOUS", status: 64, ["query", "SELECT 1"])
        #expect((error["hint"] as? String)?.contains("agents, rotation, usage") == true)
        try store.fail("PROJECTION_UNKNOWN", ["query", "none", "SELECT 1"])
        try store.fail("PROJECTION_AMBIGUOUS", status: 64, ["rollback"])
        try store.fail("PROJECTION_AMBIGUOUS", status: 64, ["migrate", "--to", "1"])
    }

    @Test("A replay makes a file of its own, at a position and a version")
    func replay() throws {
        let store = try store()
        let head = try store.head()
        let live = try store.projection("people")["digest"] as? String
        let made = try store.succeed("replay", "people", "--into", "whole.sqlite", "--json").json
        #expect(made["schema"] as? String == "annals.replay/1")
        #expect(made["digest"] as? String == live && made["position"] as? Int == head)
        let early = try store.succeed(
            "replay", "people", "--into", "early.sqlite", "--to-position", "\(head - 1)",
            "--at-version", "1", "--json"
        ).json
        #expect(early["versions"] as? [Int] == [1])
        let file = try Connection(
            path: store.folder.appendingPathComponent("early.sqlite").path, mode: .readOnly)
        #expect(try file.int64("SELECT count(*) FROM people") == 1)
        #expect(try file.int64("SELECT count(*) FROM pragma_table_info('people')") == 4)
        try store.fail("FILE_EXISTS", ["replay", "people", "--into", "whole.sqlite"])
        try store.fail("USAGE", status: 64, ["replay", "people"])
    }

    @Test("Without a projection the events themselves are shown")
    func replayEvents() throws {
        let store = try store()
        let lines = try store.succeed("replay", "--to-position", "2", "--json").jsonLines
        #expect(lines.map { $0["position"] as? Int } == [1, 2])
        let both = ["--to-position", "2", "--to-time", "2001-01-01T00:00:00Z"]
        try store.fail("USAGE", status: 64, ["replay"] + both)
        let past = try store.succeed("replay", "--to-time", "2001-01-01T00:00:00Z")
        #expect(past.output.isEmpty)
    }
}
