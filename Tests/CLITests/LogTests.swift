import Foundation
import Testing

@Suite("annals log, streams and types")
struct LogTests {
    private func store() throws -> TestStore {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        return store
    }

    private func positions(_ store: TestStore, _ arguments: String...) throws -> [Int] {
        try store.succeed(["log", "--json"] + arguments).jsonLines.compactMap {
            $0["position"] as? Int
        }
    }

    @Test("With --json each event is a line, the whole log, the store's own events included")
    func shape() throws {
        let store = try store()
        let lines = try store.succeed("log", "--json").jsonLines
        #expect(lines.count == (try store.head()))
        #expect(lines.first?["stream"] as? String == "annals/admin")
        let names: Set = [
            "position", "type", "stream", "revision", "id", "occurred", "recorded", "tags",
            "metadata", "data", "schemaVersion",
        ]
        for line in lines { #expect(Set(line.keys) == names) }
    }

    @Test("Data with line ends stays on its line")
    func lineEnds() throws {
        let store = try TestStore.people()
        try store.succeed("append", "t", "s", "{\n \"a\":\r\n 1\n}")
        let line = try store.succeed("log", "--last", "1", "--json").json
        #expect((line["data"] as? [String: Int]) == ["a": 1])
    }

    @Test("Filters by stream, type, position and number")
    func filters() throws {
        let store = try store()
        let head = try store.head()
        #expect(try positions(store, "--stream", "person/20") == [head])
        #expect(try positions(store, "--type", "person.added").count == 20)
        #expect(try positions(store, "--type", "person.added", "--stream", "person/1").count == 1)
        #expect(try positions(store, "--tag", "none") == [])
        #expect(try positions(store, "--after", "\(head - 2)") == [head - 1, head])
        #expect(try positions(store, "--before", "3") == [1, 2])
        #expect(try positions(store, "--limit", "2") == [1, 2])
        #expect(try positions(store, "--last", "2") == [head - 1, head])
        #expect(try positions(store, "--reverse", "--limit", "2") == [head, head - 1])
        #expect(
            try positions(store, "--reverse", "--after", "1", "--before", "4") == [3, 2])
    }

    @Test("Filters by the time of recording")
    func times() throws {
        let store = try store()
        let lines = try store.succeed("log", "--json").jsonLines
        let first = try #require(lines.first?["recorded"] as? String)
        let last = try #require(lines.last?["recorded"] as? String)
        let sameAsFirst = lines.filter { $0["recorded"] as? String == first }.count
        #expect(try positions(store, "--to-time", first) == Array(1...sameAsFirst))
        #expect(try positions(store, "--from-time", first).count == lines.count)
        #expect(try positions(store, "--from-time", last).last == lines.count)
        #expect(try positions(store, "--from-time", "2999-01-01T00:00:00Z") == [])
    }

    @Test("It follows the appends of other processes")
    func follow() throws {
        let store = try store()
        let head = try store.head()
        let following = try store.start([
            "log", "--json", "--after", "\(head)", "--follow", "--limit", "3",
        ])
        for number in 1...3 { try store.succeed("append", "t", "s/\(number)", "{}") }
        let run = try following.wait()
        #expect(run.status == 0)
        #expect(try run.jsonLines.map { $0["position"] as? Int } == [head + 1, head + 2, head + 3])
    }

    @Test("For people a line has position, time, type, stream, tags and data, controls written out")
    func text() throws {
        let store = try TestStore.people()
        try store.succeed("append", "t", "s", "{\"a\":\"\u{9B}31m\"}", "--tag", "red")
        let line = try store.succeed("log", "--last", "1").output
        #expect(line.contains("  t  s@1  #red  {\"a\":\"\\u{9B}31m\"}"))
        #expect(!line.unicodeScalars.contains("\u{9B}"))
    }

    @Test("Streams and types are listed with counts and last position")
    func names() throws {
        let store = try store()
        let types = try store.succeed("types", "--json").json
        let added = try #require(
            (types["types"] as? [[String: Any]])?.first { $0["name"] as? String == "person.added" })
        #expect(added["count"] as? Int == 20)
        #expect(added["lastPosition"] as? Int == (try store.head()))
        let streams = try store.succeed("streams", "--prefix", "person/1", "--json").json
        #expect((streams["streams"] as? [Any])?.count == 11)
        let table = try store.succeed("streams").output.split(separator: "\n")
        #expect(table.count == 22 && table[0].hasPrefix("STREAM"))
    }

    @Test("Options that contradict each other are refused")
    func usage() throws {
        let store = try TestStore.people()
        for arguments in [
            ["--follow", "--reverse"], ["--follow", "--before", "3"],
            ["--last", "1", "--limit", "1"],
            ["--limit", "0"], ["--after", "-1"], ["--from-time", "noon"],
        ] { try store.fail("USAGE", status: 64, ["log"] + arguments) }
    }
}
