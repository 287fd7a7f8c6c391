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

    @Test("What an import did before it failed is told: its line, and the files so far")
    func failedImport() throws {
        let store = try TestStore.people()
        try store.write(PeopleProjection.lines(1...3), to: "first.jsonl")
        let other = PeopleProjection.lines(2...2).replacing("Person 2", with: "Other")
        try store.write(PeopleProjection.lines(4...1_500) + other, to: "second.jsonl")
        let start = try store.head()
        let run = try store.run("import", "first.jsonl", "second.jsonl", "--json")
        #expect(run.status == 1)
        let error = try run.errorObject
        #expect(error["code"] as? String == "ID_CONFLICT")
        #expect(error["file"] as? String == "second.jsonl" && error["line"] as? Int == 1_498)
        #expect((error["message"] as? String)?.hasPrefix("second.jsonl:1498:1: ") == true)
        let files = try #require(try run.json["files"] as? [[String: Any]])
        #expect(files.map { $0["file"] as? String } == ["first.jsonl", "second.jsonl"])
        #expect(files.map { $0["appended"] as? Int } == [3, 1_000])
        #expect(files.map { $0["complete"] as? Bool } == [true, false])
        #expect(try store.head() == start + 1_003)
    }

    @Test(
        "A line that repeats an earlier one without an id of its own is skipped, another is refused"
    )
    func repeatedLines() throws {
        func line(_ revision: Int, _ age: Int) -> String {
            #"{"specversion":"1.0","id":"note/1@\#(revision)","source":"s","type":"note.made","#
                + #""subject":"note/1","data":{"age":\#(age)}}"# + "\n"
        }
        // The repetition stands in the same batch, in the next one, and in an import again.
        for distance in [1, 1_200] {
            let store = try TestStore.people()
            let start = try store.head()
            let lines = (1...distance).map { line($0, $0) }.joined() + line(1, 1)
            for round in 0..<2 {
                let result = try store.succeed(["import", "-", "--json"], input: lines).json
                let file = try #require((result["files"] as? [[String: Any]])?.first)
                #expect(file["read"] as? Int == distance + 1)
                #expect(file["appended"] as? Int == (round == 0 ? distance : 0))
                #expect(try store.head() == start + distance)
            }
            let other = try TestStore.people()
            let wrong = (1...distance).map { line($0, $0) }.joined() + line(1, 2)
            let error = try other.fail("IMPORT_REVISION", ["import", "-"], input: wrong)
            #expect(error["line"] as? Int == distance + 1)
        }
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
        let done = try #require((try run.json["files"] as? [[String: Any]])?.first)
        #expect(done["complete"] as? Bool == false)
        #expect(try store.head() == start + (try #require(done["appended"] as? Int)))
        #expect(run.error.contains("stopping at the next safe point"))
        try store.succeed("import", file.path)
        #expect(try store.head() == start + 12_000)
    }
}
