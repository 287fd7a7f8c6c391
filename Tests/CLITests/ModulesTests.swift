import Foundation
import Testing

@Suite("annals modules and repair")
struct ModulesTests {
    static let manifest = """
        name: people
        updated: 2026-11-21
        modules:
          - name: core
            range: [1, 9]
            description: "people and teams"
            planned: [{ number: 3, text: "photographs" }]
          - { name: extra, range: [10, 19], depends: [core], optional: true }
        """

    static let extra = """
        -- Migration: 010_moves
        -- Description: How often people moved
        -- Module: extra
        -- Depends: 001

        -- Up
        CREATE TABLE moves (person TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL) STRICT;

        -- On person.moved
        INSERT INTO moves (person, n) VALUES (@key, 1) ON CONFLICT (person) DO UPDATE SET n = n + 1;

        -- Down
        DROP TABLE moves;

        """

    private func store() throws -> TestStore {
        let store = try TestStore()
        try PeopleProjection.write(to: store.projections)
        try Data(Self.manifest.utf8)
            .write(to: store.projections.appendingPathComponent("people/projection.yaml"))
        try Data(Self.extra.utf8).write(to: store.migration("010_moves.sql"))
        try store.succeed("init", "--projections", store.projections.path)
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...3))
        try store.succeed("append", "person.moved", "person/1", #"{"city":"Rome"}"#)
        return store
    }

    @Test("M0.7 The table in words and as a document; it changes nothing")
    func table() throws {
        let store = try store()
        let before = try store.files()
        let text = try store.succeed("modules").output
        for words in [
            "001-009", "001-002", "010-019", "disabled", "people and teams", "2026-11-21",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(text.contains("planned 003 (core): photographs"))
        let document = try store.succeed("--json", "modules", "list").json
        #expect(document["schema"] as? String == "annals.modules/1")
        let projections = try #require(document["projections"] as? [[String: Any]])
        #expect(projections[0]["updated"] as? String == "2026-11-21")
        let modules = try #require(projections[0]["modules"] as? [[String: Any]])
        #expect(modules.map { $0["name"] as? String } == ["core", "extra"])
        #expect(modules.map { $0["next"] as? Int } == [3, 11])
        #expect(modules.map { $0["used"] as? [Int] } == [[1, 2], [10]])
        #expect(modules.map { $0["enabled"] as? Bool } == [true, false])
        #expect((modules[0]["reserved"] as? [String: Int]) == ["first": 3, "last": 9])
        #expect(try store.files() == before)
    }

    @Test("Enable, migrate, disable: each says what follows and how to go back")
    func enable() throws {
        let store = try store()
        let digest = try store.projection("people")["digest"] as? String
        let enabled = try store.succeed("modules", "enable", "extra", "--json").json
        #expect(enabled["pending"] as? [Int] == [10])
        #expect(enabled["next"] as? String == "annals migrate --projection people")
        #expect(
            enabled["back"] as? [String] == ["annals modules disable extra --projection people"])
        try store.succeed("migrate")
        let rows = try store.succeed("query", "SELECT n FROM moves", "--json").json
        #expect((rows["rows"] as? [[String: Any]])?.first?["n"] as? Int == 1)
        let again = try store.succeed("modules", "enable", "extra", "--json").json
        #expect(again["message"] as? String == "nothing to do")
        let disabled = try store.succeed("modules", "disable", "extra", "--json").json
        #expect(disabled["rolledBack"] as? [Int] == [10])
        #expect(try store.projection("people")["digest"] as? String == digest)
        let types = try store.succeed("types", "--prefix", "module.").output
        #expect(types.contains("module.enabled") && types.contains("module.disabled"))
    }

    @Test("What is refused changes nothing")
    func refused() throws {
        let store = try store()
        let before = try store.files()
        try store.fail("MODULE_UNKNOWN", ["modules", "enable", "none"])
        try store.fail("MODULE_REQUIRED", ["modules", "disable", "core"])
        try store.fail("MIGRATION_NOT_APPLIED", ["modules", "reassign", "7", "8"])
        try store.fail("MIGRATION_DUPLICATE", ["modules", "reassign", "1", "2"])
        try store.fail("USAGE", status: 64, ["modules", "reassign", "1"])
        try store.fail("USAGE", status: 64, ["modules", "enable"])
        try store.fail("MIGRATION_NOT_APPLIED", ["repair", "9", "--reason", "x", "--yes"])
        try store.fail("USAGE", status: 64, ["repair", "2", "--yes"])
        let nothing = try store.succeed("repair", "2", "--reason", "x", "--json").json
        #expect(nothing["message"] as? String == "nothing to do")
        #expect(try store.files() == before)
    }

    @Test("A renumbered migration is reassigned; then the store is current again")
    func reassign() throws {
        let store = try store()
        try FileManager.default.removeItem(at: store.migration("002_city.sql"))
        let text = PeopleProjection.city.replacingOccurrences(of: "002_city", with: "003_city")
        try Data(text.utf8).write(to: store.migration("003_city.sql"))
        #expect(try store.run("status", "--check").status == 4)
        try store.fail("MIGRATION_RENUMBERED", ["repair", "2", "--reason", "x", "--yes"])
        let done = try store.succeed("modules", "reassign", "2", "3", "--json").json
        #expect(done["from"] as? Int == 2 && done["to"] as? Int == 3)
        #expect((done["remaining"] as? [Any])?.isEmpty == true)
        #expect(try store.run("status", "--check").status == 0)
        #expect(try store.run("verify").status == 0)
        #expect(try store.run("validate").status == 0)
        let applied = try #require(try store.projection("people")["applied"] as? [[String: Any]])
        #expect(applied.map { $0["fullName"] as? String } == ["001_people", "003_city"])
    }

    @Test("A repair wants consent and a reason, waives one entry, and is on record")
    func repair() throws {
        let store = try store()
        let edited = PeopleProjection.city.replacingOccurrences(
            of: "SET city = $city", with: "SET city = upper($city)")
        try Data(edited.utf8).write(to: store.migration("002_city.sql"))
        let before = try store.files()
        let consent = try store.fail(
            "CONSENT_NEEDED", status: 64, ["repair", "002", "--reason", "agreed"])
        #expect((consent["next"] as? String)?.contains("--yes") == true)
        #expect(try store.files() == before)
        let done = try store.succeed(
            "repair", "002", "--projection", "people", "--reason", "agreed", "--yes", "--json"
        ).json
        #expect(done["kind"] as? String == "edited" && done["rebuilt"] as? Bool == true)
        let rows = try store.succeed("query", "SELECT city FROM people WHERE id = '1'", "--json")
            .json
        #expect((rows["rows"] as? [[String: Any]])?.first?["city"] as? String == "ROME")
        let told = try store.succeed("log", "--type", "migration.repaired", "--json").jsonLines
        let data = try #require(told.first?["data"] as? [String: Any])
        #expect(told.count == 1 && data["reason"] as? String == "agreed")
        try FileManager.default.removeItem(at: store.migration("002_city.sql"))
        try store.succeed("repair", "city", "--reason", "gone", "--yes")
        #expect(try store.run("status", "--check").status == 0)
        let applied = try #require(try store.projection("people")["applied"] as? [[String: Any]])
        #expect(applied.map { $0["waived"] as? String } == [nil, "gone"])
        #expect(try store.run("verify").status == 0)
    }
}
