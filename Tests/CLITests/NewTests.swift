import Foundation
import Testing

@Suite("annals new")
struct NewTests {
    private func made(_ run: Program.Run) throws -> [String: Any] {
        let document = try run.json
        #expect(document["schema"] as? String == "annals.new/1")
        #expect((document["next"] as? String)?.hasPrefix("annals ") == true)
        #expect((document["back"] as? [String])?.count == 1)
        return try #require(document["migration"] as? [String: Any])
    }

    /// Fills in what a scaffold leaves open.
    private func fill(_ file: String, table: String) throws {
        let url = URL(fileURLWithPath: file)
        var text = try String(contentsOf: url, encoding: .utf8)
        for (marker, sql) in [
            ("-- Up\n", "CREATE TABLE \(table) (id TEXT PRIMARY KEY) STRICT;\n"),
            ("-- On entity.happened\n", "INSERT INTO \(table) (id) VALUES (@key);\n"),
            ("-- Down\n", "DROP TABLE \(table);\n"),
        ] {
            #expect(text.contains(marker))
            text = text.replacing(marker, with: marker + sql)
        }
        try Data(text.utf8).write(to: url)
    }

    @Test("M0.2 The next number of the module, every section, and it applies once filled in")
    func next() throws {
        let store = try TestStore.people()
        let migration = try made(try store.succeed("new", "add_pets", "--json"))
        let file = try #require(migration["file"] as? String)
        #expect(migration["number"] as? Int == 3)
        #expect(migration["numbersLeft"] as? Int == 6)
        #expect(file.hasSuffix("/people/Migrations/003_add_pets.sql"))
        let text = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
        #expect(
            text.hasPrefix(
                """
                -- Migration: 003_add_pets
                -- Description: Add pets
                -- Module: core
                -- Depends: 002

                -- Up

                """))
        // Unfilled it says what is missing, at its line; nothing is applied by accident.
        let error = try store.fail("MIGRATION_EMPTY_UP", ["migrate"])
        #expect(error["file"] as? String == "003_add_pets.sql")
        #expect(error["line"] as? Int == 6)
        try fill(file, table: "pets")
        let lint = try store.run("lint", "--json").json
        let findings = try #require(lint["findings"] as? [[String: Any]])
        #expect(!findings.contains { $0["file"] as? String == "003_add_pets.sql" }, "\(findings)")
        try store.succeed("migrate")
        #expect(try store.projection("people")["version"] as? Int == 3)
    }

    @Test("Numbers come from the module's own range; the first one depends on the modules below")
    func modules() throws {
        let store = try TestStore.people()
        let manifest = store.projections.appendingPathComponent("people/projection.yaml")
        let more = "  - { name: pets, range: [20, 21], depends: [core] }\n"
        try Data("\(PeopleProjection.manifest)\n\(more)".utf8).write(to: manifest)
        try store.fail("MODULE_AMBIGUOUS", ["new", "dogs"])
        try store.fail("MODULE_UNKNOWN", ["new", "dogs", "--module", "cats"])
        let first = try made(
            try store.succeed(
                "new", "dogs", "--module", "pets", "--description", "All dogs", "--json"))
        #expect(first["number"] as? Int == 20)
        let file = try #require(first["file"] as? String)
        let text = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
        #expect(text.contains("-- Description: All dogs\n-- Module: pets\n-- Depends: 002\n"))
        // An unfilled file does not keep the next one from being made.
        let second = try made(try store.succeed("new", "cats", "--module", "pets", "--json"))
        #expect(second["number"] as? Int == 21)
        #expect(second["numbersLeft"] as? Int == 0)
        let error = try store.fail("MODULE_RANGE_FULL", ["new", "birds", "--module", "pets"])
        #expect((error["message"] as? String)?.contains("20 to 21") == true)
    }

    @Test(
        "A name that is not in snake_case is refused, and nothing is made",
        arguments: ["AddPets", "add-pets", "003_pets", "_pets", "pets/x", "", "päts"])
    func badName(_ name: String) throws {
        let store = try TestStore.people()
        let before = try store.projectionFiles()
        try store.fail("MIGRATION_NAME", ["new", name])
        #expect(try store.projectionFiles() == before)
    }

    @Test(
        "A name that is there, one without a projection, and the built-in projections are refused")
    func refused() throws {
        let store = try TestStore.people()
        let before = try store.projectionFiles()
        let error = try store.fail("MIGRATION_NAME_TAKEN", ["new", "city"])
        #expect(error["file"] as? String == "002_city.sql")
        try store.fail("PROJECTION_UNKNOWN", ["new", "pets", "--projection", "nobody"])
        try store.fail("DESCRIPTION_INVALID", ["new", "pets", "--description", "two\nlines"])
        try store.fail("USAGE", status: 64, ["new"])
        #expect(try store.projectionFiles() == before)
        let builtIn = try TestStore.builtIn()
        let hint = try builtIn.fail("PROJECTIONS_BUILT_IN", status: 64, ["new", "pets"])
        #expect((hint["hint"] as? String)?.contains("--projections DIR") == true)
    }

    @Test("A projection's folder from nothing to a store that lints clean; made once only")
    func projection() throws {
        let store = try TestStore()
        let into = store.folder.appendingPathComponent("mine").path
        let migration = try made(
            try store.succeed(
                "new", "items", "--projection", "shop", "--into", into, "--json"))
        let file = try #require(migration["file"] as? String)
        #expect(file == "\(into)/shop/Migrations/001_items.sql")
        try fill(file, table: "items")
        try store.succeed("lint", "\(into)/shop")
        try store.succeed("init", "--projections", into)
        try store.succeed("append", "entity.happened", "entity/1", "{}")
        let rows = try store.succeed("query", "SELECT id FROM items", "--format", "csv")
        #expect(rows.output.split(whereSeparator: \.isNewline) == ["id", "1"])
        try store.fail("FILE_EXISTS", ["new", "--projection", "shop", "--into", into])
        try store.fail("MANIFEST_VALUE", ["new", "--projection", "../x", "--into", into])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: into).sorted() == ["shop"])
        // Without a first migration it is a manifest and an empty folder.
        let bare = try store.succeed("new", "--projection", "bare", "--into", into, "--json").json
        #expect(bare["migration"] is NSNull)
        try store.succeed("lint", "\(into)/bare")
    }
}

extension TestStore {
    /// Every file of the store's own projections with its text.
    fileprivate func projectionFiles() throws -> [String: String] {
        var found: [String: String] = [:]
        let all = try #require(FileManager.default.enumerator(atPath: projections.path))
        for case let name as String in all
        where name.hasSuffix(".sql") || name.hasSuffix(".yaml") {
            found[name] = try String(
                contentsOf: projections.appendingPathComponent(name), encoding: .utf8)
        }
        return found
    }
}
