import Foundation
import Testing

@Suite("annals schema and annals docs")
struct SchemaTests {
    private func text(_ run: Program.Run) throws -> String {
        let document = try run.json
        #expect(document["schema"] as? String == "annals.schema/1")
        return try #require(document["text"] as? String)
    }

    @Test("The live file, the definition at that version and a bare folder give the same bytes")
    func same() throws {
        let store = try TestStore.people()
        let before = try store.files()
        let live = try store.succeed("schema", "dump")
        #expect(live.output.hasPrefix("-- The schema of the projection people at version 2"))
        #expect(live.output.contains("    name text not null unique,\n"))
        #expect(try store.succeed("schema", "dump").output == live.output)
        #expect(try store.succeed("schema", "dump", "--at-version", "2").output == live.output)
        #expect(try store.succeed("schema", "dump", store.projections.path).output == live.output)
        #expect(
            try text(store.succeed("schema", "dump", "--at-version", "city", "--json"))
                == live.output)
        let first = try store.succeed("schema", "dump", "--at-version", "1")
        #expect(!first.output.contains("city"))
        #expect(try store.files() == before)
    }

    @Test("After a rollback and forward again the text is the same")
    func forward() throws {
        let store = try TestStore.people()
        let live = try store.succeed("schema", "dump").output
        try store.succeed("rollback")
        #expect(try store.succeed("schema", "dump").output != live)
        try store.succeed("migrate")
        #expect(try store.succeed("schema", "dump").output == live)
    }

    @Test("--check: 0 for the same text, 3 and the differing lines for another")
    func check() throws {
        let store = try TestStore.people()
        let file = try store.write(try store.succeed("schema", "dump").output, to: "people.sql")
            .path
        let equal = try store.succeed("schema", "dump", "--check", file, "--json").json
        #expect(equal["equal"] as? Bool == true)
        #expect((equal["difference"] as? [String])?.isEmpty == true)
        try store.succeed("rollback")
        let run = try store.run("schema", "dump", "--check", file)
        #expect(run.status == 3)
        #expect(run.output.contains("\n-    city text\n"), "\(run.output)")
        let different = try store.run("schema", "dump", "--check", file, "--json")
        #expect(different.status == 3)
        #expect(try different.json["equal"] as? Bool == false)
        #expect((try different.json["difference"] as? [String])?.contains("-    city text") == true)
        try store.fail("FILE_MISSING", ["schema", "dump", "--check", "nowhere.sql"])
    }

    @Test("What cannot be dumped is said")
    func refused() throws {
        let store = try TestStore.people("--no-migrate")
        try store.fail("PROJECTION_NOT_BUILT", ["schema", "dump"])
        try store.fail("TARGET_UNKNOWN", ["schema", "dump", "--at-version", "9"])
        try store.fail(
            "TARGET_UNKNOWN", ["schema", "dump", store.projections.path, "--at-version", "9"])
        try store.fail("PROJECTION_UNKNOWN", ["docs", "--projection", "nobody"])
        try store.fail("USAGE", status: 64, ["schema", "draw"])
        let builtIn = try TestStore.builtIn()
        try builtIn.fail("PROJECTION_AMBIGUOUS", status: 64, ["schema", "dump"])
        try builtIn.succeed("schema", "dump", "--projection", "usage")
    }

    @Test(
        "Pages: to standard output or a file each; a page is replaced, another file is not touched")
    func pages() throws {
        let store = try TestStore.people()
        let before = try store.files()
        let page = try store.succeed("docs").output
        #expect(page.contains("\n# people\n"))
        #expect(page.contains("```mermaid\nerDiagram\n"))
        #expect(page.contains("    teams |o--o{ people : \"team\"\n"))
        #expect(page.contains("- `person.moved`: updates (`002_city.sql:10`)"), "\(page)")
        let into = store.folder.appendingPathComponent("pages").path
        let written = try store.succeed("docs", "--into", into, "--json").json
        let pages = try #require(written["pages"] as? [[String: Any]])
        #expect(pages.map { $0["file"] as? String } == ["\(into)/people.md"])
        #expect(try String(contentsOfFile: "\(into)/people.md", encoding: .utf8) == page)
        try store.succeed("docs", "--into", into)
        try Data("my own words\n".utf8).write(to: URL(fileURLWithPath: "\(into)/people.md"))
        try store.fail("FILE_EXISTS", ["docs", "--into", into])
        #expect(
            try String(contentsOfFile: "\(into)/people.md", encoding: .utf8) == "my own words\n")
        #expect(try store.files() == before)
        // Without a store, of the folder.
        #expect(try store.succeed("docs", store.projections.path).output == page)
    }
}
