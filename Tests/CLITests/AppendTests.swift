import Foundation
import Testing

@Suite("annals append")
struct AppendTests {
    @Test("Data comes as an argument, after -, or from standard input")
    func sources() throws {
        let store = try TestStore.people()
        let first = try store.succeed(
            "append", "person.added", "person/1", #"{"name":"Ada","age":36}"#, "--json"
        ).json
        #expect(first["schema"] as? String == "annals.append/1")
        #expect(first["revision"] as? Int == 1)
        let second = try store.succeed(
            ["append", "person.moved", "person/1", "-", "--json"], input: #"{"city":"Rome"}"#
        ).json
        #expect(second["revision"] as? Int == 2)
        try store.succeed(["append", "person.moved", "person/1"], input: #"{"city":"Pisa"}"#)
        let row = try store.succeed("query", "SELECT name, city FROM people", "--format", "csv")
        #expect(row.output == "name,city\nAda,Pisa\n")
        try store.fail("DATA_MISSING", status: 64, ["append", "person.moved", "person/1"])
    }

    @Test("Metadata, tags, id and times are kept")
    func parts() throws {
        let store = try TestStore.people()
        try store.succeed(
            "append", "person.added", "person/1", #"{"name":"Ada"}"#, "--metadata",
            #"{"actor":"me"}"#, "--tag", "a", "--tag", "b", "--id", "x-1", "--occurred",
            "1999-12-31T23:59:59.5+01:00", "--schema-version", "3")
        let event = try #require(
            try store.succeed("log", "--last", "1", "--json").jsonLines.first)
        #expect(event["id"] as? String == "x-1")
        #expect(event["tags"] as? [String] == ["a", "b"])
        #expect(event["occurred"] as? String == "1999-12-31T22:59:59.500Z")
        #expect((event["metadata"] as? [String: String])?["actor"] == "me")
        #expect(event["schemaVersion"] as? Int == 3)
    }

    @Test(
        "What breaks a constraint is refused with constraint, type and handler; nothing changes",
        arguments: [
            ("CONSTRAINT_CHECK", #"{"name":"Bob","age":-1}"#, "age"),
            ("CONSTRAINT_UNIQUE", #"{"name":"Ada"}"#, "people.name"),
            ("CONSTRAINT_NOT_NULL", "{}", "people.name"),
            ("CONSTRAINT_FOREIGN_KEY", #"{"name":"Bob","team":"none"}"#, "FOREIGN KEY"),
        ])
    func constraints(code: String, data: String, named: String) throws {
        let store = try TestStore.people()
        try store.succeed("append", "person.added", "person/1", #"{"name":"Ada"}"#)
        let before = try store.content()
        let error = try store.fail(code, ["append", "person.added", "person/2", data])
        let message = try #require(error["message"] as? String)
        #expect(message.contains(named) && message.contains("person.added"))
        #expect(error["file"] as? String == "001_people.sql")
        #expect(error["line"] is Int)
        #expect(error["type"] as? String == "person.added")
        #expect(error["stream"] as? String == "person/2")
        #expect(error["projection"] as? String == "people")
        #expect(try store.content() == before)
    }

    @Test("Unchecked, it is in the log, and the projection tells where it halted")
    func unchecked() throws {
        let store = try TestStore.people()
        try store.succeed("append", "person.added", "person/1", "{}", "--unchecked")
        let error = try store.fail("PROJECTION_HALTED", ["import", "/dev/null"])
        #expect(error["position"] is Int && error["line"] is Int)
        let people = try store.projection("people")
        #expect(people["state"] as? String == "halted")
        #expect((people["halt"] as? String)?.contains("001_people.sql") == true)
        let next = try #require(try store.status()["next"] as? String)
        #expect(next == "annals rebuild people --quarantine")
        #expect(try store.run("status", "--check").status == 3)
        let rebuilt = try store.succeed("rebuild", "--quarantine", "--json").json
        let projections = try #require(rebuilt["projections"] as? [[String: Any]])
        #expect(projections.first?["quarantined"] as? Int == 1)
        #expect(try store.projection("people")["state"] as? String == "current")
    }

    @Test("Conditions hold, or the append fails with what was found")
    func conditions() throws {
        let store = try TestStore.people()
        try store.succeed("append", "t", "s", "{}", "--if-none-match", "--tag", "a")
        let stream = try store.fail(
            "STREAM_REVISION", ["append", "t", "s", "{}", "--if-none-match"])
        #expect((stream["found"] as? [String: Any])?["revision"] as? Int == 1)
        try store.succeed("append", "t", "s", "{}", "--if-revision", "1", "--tag", "b")
        try store.fail("STREAM_REVISION", ["append", "t", "s", "{}", "--if-revision", "1"])
        let head = try store.head()
        let match = try store.fail(
            "EVENTS_MATCH",
            ["append", "u", "z", "{}", "--if-none-match-tag", "a", "--if-none-match-type", "t"])
        #expect((match["found"] as? [String: Any])?["position"] as? Int == head - 1)
        try store.succeed(
            "append", "u", "z", "{}", "--if-none-match-tag", "a", "--after", "\(head - 1)")
        try store.fail("USAGE", status: 64, ["append", "u", "z", "{}", "--after", "1"])
        try store.fail(
            "USAGE", status: 64,
            ["append", "u", "z", "{}", "--if-none-match", "--if-revision", "0"])
    }

    @Test("The same id with the same content is the earlier result, with other content a conflict")
    func ids() throws {
        let store = try TestStore.people()
        let first = try store.succeed("append", "t", "s", #"{"a":1}"#, "--id", "i", "--json").json
        let again = try store.succeed("append", "t", "s", #"{"a":1}"#, "--id", "i", "--json").json
        #expect(first["position"] as? Int == again["position"] as? Int)
        #expect(first["isNew"] as? Bool == true && again["isNew"] as? Bool == false)
        try store.fail("ID_CONFLICT", ["append", "t", "s", #"{"a":2}"#, "--id", "i"])
    }

    static let long = String(repeating: "x", count: 256)
    static let deep =
        #"{"a":"# + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}"

    @Test("Bad input is refused with its own code, and nothing changes")
    func badInput() throws {
        let store = try TestStore.people()
        let before = try store.files()
        let cases: [(String, [String])] = [
            ("DATA_INVALID", ["t", "s", "[1]"]),
            ("DATA_INVALID", ["t", "s", #"{"a":NaN}"#]),
            ("DATA_INVALID", ["t", "s", #"{"a":1,"a":2}"#]),
            ("DATA_INVALID", ["t", "s", Self.deep]),
            ("DATA_INVALID", ["t", "s", #"{"a":"\ud800"}"#]),
            ("METADATA_INVALID", ["t", "s", "{}", "--metadata", "x"]),
            ("TYPE_INVALID", ["", "s", "{}"]),
            ("STREAM_INVALID", ["t", "", "{}"]),
            ("STREAM_INVALID", ["t", Self.long, "{}"]),
            ("TYPE_INVALID", ["a\u{7}b", "s", "{}"]),
            ("TAG_INVALID", ["t", "s", "{}", "--tag", ""]),
            ("ID_INVALID", ["t", "s", "{}", "--id", Self.long]),
            ("RESERVED_STREAM", ["t", "annals/admin", "{}"]),
            ("SCHEMA_VERSION_INVALID", ["t", "s", "{}", "--schema-version", "0"]),
        ]
        for (code, arguments) in cases { try store.fail(code, ["append"] + arguments) }
        let place = try store.fail("DATA_INVALID", ["append", "t", "s", "{\"a\":\n 1 2}"])
        #expect(place["line"] as? Int == 2 && place["column"] as? Int == 4)
        try store.fail("USAGE", status: 64, ["append", "t", "s", "{}", "--occurred", "yesterday"])
        #expect(try store.files() == before)
    }

    @Test("65 MiB of data are refused")
    func tooLarge() throws {
        let store = try TestStore.people()
        let file = store.folder.appendingPathComponent("large.json")
        try (Data(#"{"a":""#.utf8) + Data(repeating: 0x78, count: 65 << 20) + Data(#""}"#.utf8))
            .write(to: file)
        let before = try store.files()
        let run = try store.start(["append", "t", "s", "-", "--json"], input: file).wait()
        #expect(run.status == 1)
        #expect(try run.errorCode == "DATA_TOO_LARGE")
        #expect(try store.files() == before)
    }

    @Test("An argument that is not UTF-8 is refused; U+FFFD itself is a character as any other")
    func encoding() throws {
        let store = try TestStore.people()
        let script = #"exec "$0" append t s "$(printf '{"a":"\377"}')""#
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, Program.path]
        process.environment = ["ANNALS_STORE": store.path]
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(text.contains("ARGUMENT_ENCODING"))
        try store.succeed("append", "t", "s", #"{"a":"\#u{FFFD}"}"#)
    }
}
