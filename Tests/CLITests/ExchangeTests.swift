import Foundation
import Testing

@Suite("annals import and export")
struct ExchangeTests {
    /// The lines with what the store's clock put there taken out.
    private func withoutRecordedTimes(_ file: URL) throws -> String {
        try String(contentsOf: file, encoding: .utf8).replacing(
            #/"recordedtime":"[^"]*",?/#, with: "")
    }

    @Test("Export, import into a new store and export again give equal lines, plain and gzip")
    func roundTrip() throws {
        let store = try TestStore.people()
        try store.succeed(
            "append", "person.added", "person/0", "{\"name\": \"Ada\",\n \"age\": 36}", "--tag",
            "x",
            "--metadata", #"{"actor":"me"}"#)
        try store.succeed(
            ["import", "-"], input: PeopleProjection.lines(1...50))
        let exported = try store.succeed("export", "first.jsonl.gz", "--json").json
        #expect(exported["events"] as? Int == 51)
        try store.succeed("export", "first.jsonl")
        let other = try TestStore.people()
        let result = try other.succeed(
            "import", store.folder.appendingPathComponent("first.jsonl.gz").path, "--json"
        ).json
        let file = try #require((result["files"] as? [[String: Any]])?.first)
        #expect(file["appended"] as? Int == 51 && file["skipped"] as? Int == 0)
        try other.succeed("export", "second.jsonl")
        let first = try withoutRecordedTimes(store.folder.appendingPathComponent("first.jsonl"))
        let second = try withoutRecordedTimes(other.folder.appendingPathComponent("second.jsonl"))
        #expect(first == second && !first.isEmpty)
        #expect(
            try store.projection("people")["digest"] as? String
                == (try other.projection("people")["digest"] as? String))
    }

    @Test("After an import every checkpoint equals the head; --no-project leaves them")
    func checkpoints() throws {
        let store = try TestStore.people()
        let lines = PeopleProjection.lines(1...10)
        let left = try store.succeed(["import", "-", "--no-project", "--json"], input: lines).json
        let people = try #require((left["projections"] as? [[String: Any]])?.first)
        #expect(people["lag"] as? Int == 10)
        let again = try store.succeed(["import", "-", "--json"], input: lines).json
        #expect(again["schema"] as? String == "annals.import/1")
        let file = try #require((again["files"] as? [[String: Any]])?.first)
        #expect(file["file"] as? String == "standard input")
        #expect(file["skipped"] as? Int == 10 && file["appended"] as? Int == 0)
        #expect(try store.projection("people")["checkpoint"] as? Int == (try store.head()))
    }

    @Test("A gzip stream on standard input is recognised")
    func gzipInput() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...5))
        try store.succeed("export", "out.gz")
        let other = try TestStore.people()
        let run = try other.start(
            ["import", "-", "--json"], input: store.folder.appendingPathComponent("out.gz")
        ).wait()
        #expect(run.status == 0, "\(run.error)")
        #expect(try other.head() == (try store.head()))
    }

    @Test(
        "A bad line is told with file, line and column, and nothing of any file is appended",
        arguments: [
            ("IMPORT_JSON", #"{"specversion":"1.0",,}"#, 22),
            (
                "DATA_NOT_OBJECT",
                #"{"specversion":"1.0","id":"9","source":"s","type":"t","subject":"s","data":[1]}"#,
                76
            ),
            (
                "IMPORT_ATTRIBUTE",
                #"{"specversion":"1.0","id":"9","source":"s","type":"t","data":{}}"#, nil
            ),
            (
                "RESERVED_STREAM",
                #"{"specversion":"1.0","id":"9","source":"s","type":"t","subject":"annals/x","data":{}}"#,
                nil
            ),
        ] as [(String, String, Int?)])
    func badLine(code: String, line: String, column: Int?) throws {
        let store = try TestStore.people()
        try store.write(PeopleProjection.lines(1...2), to: "good.jsonl")
        try store.write(PeopleProjection.lines(3...4) + line + "\n", to: "bad.jsonl")
        let before = try store.files()
        let error = try store.fail(code, ["import", "good.jsonl", "bad.jsonl"])
        #expect(error["file"] as? String == "bad.jsonl")
        #expect(error["line"] as? Int == 3)
        if let column { #expect(error["column"] as? Int == column) }
        #expect((error["message"] as? String)?.hasPrefix("bad.jsonl:3:") == true)
        #expect(try store.files() == before)
    }

    @Test("A missing, a damaged and a cut file are refused")
    func badFiles() throws {
        let store = try TestStore.people()
        try store.fail("FILE_MISSING", ["import", "none.jsonl"])
        try store.write("no gzip", to: "false.gz")
        try store.fail("FILE_CORRUPT", ["import", "false.gz"])
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...500))
        try store.succeed("export", "whole.gz")
        let bytes = try Data(contentsOf: store.folder.appendingPathComponent("whole.gz"))
        try bytes.prefix(bytes.count / 2).write(
            to: store.folder.appendingPathComponent("half.gz"))
        try store.fail("FILE_TRUNCATED", ["import", "half.gz"])
        try store.fail("FILE_MISSING", ["export", "no/such/folder.jsonl"])
    }

    @Test("Filters choose what is exported; standard output holds nothing else")
    func filters() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...5))
        let run = try store.succeed("export", "--stream", "person/3")
        #expect(run.output.split(separator: "\n").count == 1)
        #expect(run.output.contains(#""subject":"person/3""#))
    }

    @Test("Killed in the middle, an import is repeated without duplicates")
    func killed() throws {
        let store = try TestStore.people()
        let start = try store.head()
        let file = try store.write(PeopleProjection.lines(1...12_000), to: "people.jsonl")
        let running = try store.start(["import", file.path])
        while try store.head() == start, running.process.isRunning {}
        kill(running.process.processIdentifier, SIGKILL)
        _ = try running.wait()
        let middle = try store.head()
        #expect(middle > start)
        try store.succeed("import", file.path)
        #expect(try store.head() == start + 12_000)
        let verified = try store.succeed("verify", "--json").json
        let people = try #require((verified["projections"] as? [[String: Any]])?.first)
        #expect(people["equal"] as? Bool == true)
        let count = try store.succeed(
            "query", "SELECT count(*) AS n FROM people", "--format", "csv")
        #expect(count.output == "n\n12000\n")
    }

    @Test("The first interrupt stops at a safe point and says which")
    func interrupted() throws {
        let store = try TestStore.people()
        let start = try store.head()
        let file = try store.write(PeopleProjection.lines(1...12_000), to: "people.jsonl")
        let running = try store.start(["import", file.path, "--json"])
        while try store.head() == start, running.process.isRunning {}
        kill(running.process.processIdentifier, SIGINT)
        let run = try running.wait()
        #expect(run.status == 1)
        let error = try run.errorObject
        #expect(error["code"] as? String == "INTERRUPTED")
        #expect((error["message"] as? String)?.contains("stay") == true)
        #expect(run.error.contains("stopping at the next safe point"))
        try store.succeed("import", file.path)
        #expect(try store.head() == start + 12_000)
    }
}
