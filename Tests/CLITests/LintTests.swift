import Foundation
import Testing

@Suite("annals lint")
struct LintTests {
    private func findings(_ run: Program.Run, _ key: String = "findings") throws -> [[String: Any]]
    {
        let document = try run.json
        #expect(document["schema"] as? String == "annals.lint/1")
        return try #require(document[key] as? [[String: Any]])
    }

    private func places(_ findings: [[String: Any]]) -> [String] {
        findings.map {
            "\($0["file"] ?? ""):\($0["line"] ?? 0):\($0["column"] ?? 0) \($0["code"] ?? "")"
        }
    }

    /// A third migration of the people's projection.
    private func add(_ up: String, _ sections: String = "", to store: TestStore) throws {
        let text = """
            -- Migration: 003_next
            -- Description: What comes next
            -- Module: core

            -- Up
            \(up)

            \(sections)
            -- Down: replay
            -- what it takes away only the log knows

            """
        try Data(text.utf8).write(to: store.migration("003_next.sql"))
    }

    @Test("M1.16 The built-in projections are clean; what they waive has a reason")
    func builtIn() throws {
        let store = try TestStore.builtIn()
        let run = try store.succeed("lint", "--json")
        #expect(try findings(run).isEmpty)
        for finding in try findings(run, "waived") {
            #expect((finding["waiver"] as? String)?.isEmpty == false, "\(finding)")
        }
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Projections")
        let folder = try store.succeed("lint", sources.path, "--json")
        #expect(try findings(folder).isEmpty)
        #expect(try folder.json["projections"] as? [String] == ["agents", "rotation", "usage"])
    }

    @Test("A warning has code, place and remedy, ends with 1 and changes nothing")
    func warning() throws {
        let store = try TestStore.people()
        let before = try store.files()
        let run = try store.run("lint", "--json")
        #expect(run.status == 1)
        let found = try findings(run)
        #expect(places(found) == ["001_people.sql:11:5 FOREIGN_KEY_UNINDEXED"])
        #expect(found[0]["severity"] as? String == "warning")
        #expect(found[0]["migration"] as? Int == 1)
        #expect(found[0]["projection"] as? String == "people")
        #expect((found[0]["message"] as? String)?.contains("people (team)") == true)
        #expect((found[0]["remedy"] as? String)?.contains("index") == true)
        #expect(try store.files() == before)
        let text = try store.run("lint")
        #expect(text.output.contains("001_people.sql:11:5: warning FOREIGN_KEY_UNINDEXED: "))
        #expect(text.output.contains("NOT CLEAN: 0 errors, 1 warning"))
    }

    @Test("A dropped column is told with how many values go, also when a replay must count them")
    func lostValues() throws {
        let store = try TestStore.people("--no-migrate")
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        try store.succeed(
            "append", "person.added", "person/x", #"{"name":"X"}"#)
        try add(
            "ALTER TABLE people DROP COLUMN age;",
            """
            -- On person.added
            INSERT INTO people (id, name, team) VALUES (@key, $name, $team);

            """, to: store)
        func drop() throws -> [String: Any] {
            let all = try findings(try store.run("lint", "--json"))
            return try #require(all.first { $0["code"] as? String == "DROP_COLUMN" }, "\(all)")
        }
        // Nothing is built: the version before is replayed to count.
        #expect(
            try drop()["message"] as? String
                == "the column people.age goes, with 20 values that are not NULL now.")
        try store.succeed("migrate", "--to", "2")
        let before = try store.files()
        #expect((try drop()["message"] as? String)?.contains("with 20 values") == true)
        #expect(try store.files() == before)
        try store.succeed("migrate")
        // What was applied has happened.
        #expect(try drop()["severity"] as? String == "note")
    }

    @Test("A handler's slip of the pen is found in the log: type and field")
    func slips() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...3))
        try store.succeed("append", "person.retired", "person/p1", #"{"year":1999}"#)
        try store.succeed("append", "person.moved", "person/p1", #"{"city":"Bonn"}"#)
        try add(
            "-- Up: none\n",
            """
            -- On person.retierd
            UPDATE people SET city = $city WHERE id = @key;

            -- On person.moved
            UPDATE people SET city = $citty WHERE id = @key;

            """, to: store)
        let file = store.migration("003_next.sql")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing("-- Up\n-- Up: none", with: "-- Up: none").utf8).write(to: file)
        let found = try findings(try store.run("lint", "--json")).filter {
            ($0["code"] as? String)?.hasSuffix("NEVER_OCCURS") == true
                && $0["severity"] as? String == "warning"
        }
        #expect(
            places(found) == [
                "003_next.sql:8:1 TYPE_NEVER_OCCURS", "003_next.sql:12:26 FIELD_NEVER_OCCURS",
            ])
        #expect((found[0]["message"] as? String)?.contains("`person.retired`") == true)
        #expect((found[1]["message"] as? String)?.contains("`city`") == true)
    }

    @Test("Files that do not load are findings, all of them, and no other command's matter")
    func broken() throws {
        let store = try TestStore.people()
        try add("SELECT 1;\n-- down", to: store)
        let city = store.migration("002_city.sql")
        let text = try String(contentsOf: city, encoding: .utf8)
        try Data(text.replacing("-- Module: core\n", with: "").utf8).write(to: city)
        let run = try store.run("lint", "--json")
        #expect(run.status == 1)
        #expect(
            places(try findings(run)) == [
                "002_city.sql:1:1 MIGRATION_HEADER", "003_next.sql:7:1 MIGRATION_MARKER",
            ])
        #expect(try run.json["errors"] as? Int == 2)
        #expect(
            try run.json["skipped"] as? [String] == ["FIELD_NEVER_OCCURS", "TYPE_NEVER_OCCURS"])
        // The same without a store.
        let folder = try store.run("lint", store.projections.path, "--json")
        #expect(try places(findings(folder)) == places(findings(run)))
    }

    @Test("A wrong folder, a wrong name and a folder without a projection are errors")
    func refused() throws {
        let store = try TestStore.people()
        try store.fail("FILE_UNREADABLE", ["lint", "nowhere"])
        try store.fail(
            "PROJECTION_MISSING", ["lint", store.folder.path + "/projections/people/Migrations"])
        try store.fail("PROJECTION_UNKNOWN", ["lint", "--projection", "nobody"])
        try store.fail(
            "PROJECTION_UNKNOWN", ["lint", store.projections.path, "--projection", "nobody"])
        try store.fail("USAGE", status: 64, ["lint", ".", "--store", store.path])
    }
}
