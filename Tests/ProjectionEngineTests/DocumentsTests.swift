import EventModel
import Foundation
import ProjectionEngine
import SQLite
import Testing

@Suite("Schema documents")
struct DocumentsTests {
    /// Everything that a schema can have: odd names, every kind of key, views, triggers.
    static let odd = """
        CREATE TABLE [Odd "Names"] (
            "order" INTEGER PRIMARY KEY, -- a reserved word
            [key] TEXT NOT NULL DEFAULT 'a;b' COLLATE NOCASE, `Größe` REAL,
            sum REAL GENERATED ALWAYS AS ("Größe" * 2.5e-3) STORED,
            UNIQUE ("key", `Größe`), CHECK (length ( [key] ) > 0 AND "Größe" <> - 1)
        );
        CREATE TABLE child (
            id TEXT PRIMARY KEY, parent INTEGER UNIQUE REFERENCES [Odd "Names"] ("order") ON DELETE CASCADE
        ) WITHOUT ROWID, STRICT;
        CREATE TABLE log (n INTEGER PRIMARY KEY, what VARCHAR(10));
        CREATE INDEX by_key ON [Odd "Names"] (lower([key]), "Größe" DESC) WHERE "Größe" IS NOT NULL;
        CREATE VIEW shown AS WITH c AS (SELECT 1 AS x) SELECT o."order", c.x
        FROM [Odd "Names"] AS o LEFT JOIN c ON true WHERE o."key" NOT IN ('x', 'FROM') ORDER BY 1;
        CREATE TRIGGER note AFTER DELETE ON child WHEN old.id <> ';' BEGIN
            INSERT INTO log (what) SELECT CASE WHEN old.parent THEN 'end' ELSE 'END;' END;
            UPDATE log SET what = upper(what) WHERE n = 1;
        END;
        """

    private func definition(_ ups: [String], _ handlers: String = "") throws -> ProjectionDefinition
    {
        var draft = MigrationsDraft()
        for (index, up) in ups.enumerated() {
            draft.add("00\(index + 1)_m", up: up, index == 0 ? handlers : "")
        }
        return try draft.load()
    }

    private func dump(_ ups: [String]) throws -> String {
        let definition = try definition(ups)
        return try SchemaDump(of: definition, versions: definition.migrations.map(\.number)).text
    }

    /// The text without its heading, which names the migrations.
    private func body(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(4)
            .joined(separator: "\n")
    }

    @Test("The dump of an odd schema is the golden text")
    func golden() throws {
        let expected = try MigrationsFixture.text("documents/odd-schema.sql")
        #expect(try dump([Self.odd]) == expected)
    }

    @Test("SQLite takes a dump as it is, and its schema has the same dump")
    func roundTrip() throws {
        let once = body(try dump([Self.odd]))
        #expect(body(try dump([once])) == once)
    }

    @Test(
        "What ALTER made and what was written at once give the same text",
        arguments: [
            (
                ["CREATE TABLE a (id TEXT PRIMARY KEY);", "ALTER TABLE a ADD COLUMN n INTEGER;"],
                "create  table A(ID text PRIMARY KEY,N integer) ;"
            ),
            (
                ["CREATE TABLE b (id TEXT PRIMARY KEY, key TEXT);", "ALTER TABLE b RENAME TO a;"],
                "CREATE TABLE a (id TEXT PRIMARY KEY, key TEXT);"
            ),
            (
                [
                    "CREATE TABLE a (id TEXT PRIMARY KEY, x, [order]);",
                    "ALTER TABLE a RENAME COLUMN x TO \"key\";",
                    "ALTER TABLE a RENAME COLUMN \"order\" TO \"group\";",
                ], "CREATE TABLE a (id TEXT PRIMARY KEY, key, `group`);"
            ),
            (
                ["CREATE TABLE a (id TEXT PRIMARY KEY, x);", "ALTER TABLE a DROP COLUMN x;"],
                "CREATE TABLE a (\n  id TEXT PRIMARY KEY -- only this\n);"
            ),
        ])
    func upgraded(_ ups: [String], _ fresh: String) throws {
        #expect(body(try dump(ups)) == body(try dump([fresh])))
    }

    @Test("A finished file and a definition give the same bytes, however often they are asked")
    func file() throws {
        let definition = try definition([Self.odd, "ALTER TABLE log RENAME TO logged;"])
        let workshop = try Workshop()
        defer { withExtendedLifetime(workshop) {} }
        let path = try workshop.build(definition, []).path
        let read = try SchemaDump.read(path: path, projection: definition.name)
        let made = try SchemaDump(of: definition, versions: [1, 2])
        #expect(read == made)
        #expect(try SchemaDump.read(path: path, projection: definition.name) == made)
    }

    @Test("The page of the guide's example is the committed one")
    func page() throws {
        let blocks = try MigrationsGuideTests().blocks()
        let definition = try MigrationsGuideTests().definition(blocks)
        let page = try ProjectionPage(of: definition, versions: [1, 2, 10])
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/examples/library.md")
        #expect(page.text == (try String(contentsOf: file, encoding: .utf8)))
        #expect(page.text.hasPrefix("\(ProjectionPage.mark)\n"))
    }

    @Test("Who writes a table is what SQLite saw: triggers and foreign keys, not words")
    func writers() throws {
        let handlers = """
            -- On o.removed
            -- The words child and log stand nowhere in this statement.
            DELETE FROM [Odd "Names"] WHERE "order" = @key;
            -- On c.added
            INSERT INTO child (id, parent) VALUES (@key, $parent);
            """
        let definition = try definition([Self.odd], handlers)
        let text = try ProjectionPage(of: definition, versions: [1]).text
        let expected = try MigrationsFixture.text("documents/odd-page.md")
        #expect(text == expected)
        #expect(text.contains("`o.removed`: deletes by a foreign key (`001_m.sql:"))
        #expect(text.contains("inserts or updates by the trigger `note`"))
    }

    @Test("A page at an earlier version knows nothing of later ones")
    func earlier() throws {
        let definition = try definition([
            "CREATE TABLE a (id TEXT PRIMARY KEY);", "CREATE TABLE later (id TEXT PRIMARY KEY);",
        ])
        let text = try ProjectionPage(of: definition, versions: [1]).text
        #expect(text.contains("### `a`") && !text.contains("later"))
        #expect(try ProjectionPage(of: definition, versions: []).text.contains("Version 0"))
    }
}

@Suite("M1.15 M1.16 The projections of this repository")
struct RepositoryMigrationsTests {
    static let folders = ["Rotation", "Agents", "Usage"]

    private func definition(_ folder: String) throws -> ProjectionDefinition {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Projections/\(folder)")
        func bytes(_ path: String) throws -> [UInt8] {
            Array(try Data(contentsOf: root.appendingPathComponent(path)))
        }
        let names = try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("Migrations").path)
        return try ProjectionDefinition.load(
            manifest: ("projection.yaml", try bytes("projection.yaml")),
            files: try names.map { ($0, try bytes("Migrations/\($0)")) })
    }

    @Test(
        "M1.15 Each says what it is for; an optional module of agents names its agent",
        arguments: folders)
    func descriptions(_ folder: String) throws {
        let definition = try definition(folder)
        for migration in definition.migrations {
            #expect(migration.description.count > 10, "\(migration.fullName)")
            let module = try #require(definition.module(migration.module))
            guard folder == "Agents", module.isOptional else { continue }
            #expect(migration.description.contains("\(module.name) agent"), "\(migration.fullName)")
        }
        #expect(definition.modules.allSatisfy { module in !module.description.isEmpty })
    }

    @Test(
        "M1.16 On an existing database each makes the schema that a new one has", arguments: folders
    )
    func existing(_ folder: String) throws {
        let definition = try definition(folder)
        let numbers = definition.migrations.map(\.number)
        let workshop = try Workshop()
        defer { withExtendedLifetime(workshop) {} }
        let path = "\(workshop.path)/live.sqlite"
        let now = Timestamp(milliseconds: 1)
        do {
            let first = try ProjectionDatabase.create(
                path: path, definition: definition, versions: [numbers[0]], appliedAt: now)
            try first.finishBulk()
        }
        for index in numbers.indices.dropFirst() {
            try ProjectionDatabase.runUp(
                definition.migrations[index], path: path, definition: definition,
                versions: Array(numbers[..<index]), appliedAt: now)
            let live = try SchemaDump.read(path: path, projection: definition.name)
            let fresh = try SchemaDump(of: definition, versions: Array(numbers[...index]))
            #expect(live == fresh, "\(definition.migrations[index].fullName)")
        }
    }

    @Test(
        "M1.17 The history has another name where a projection gives it one; an empty one is refused"
    )
    func historyName() throws {
        func draft(_ name: String) -> MigrationsDraft {
            var draft = MigrationsDraft()
            draft.add(
                "001_history",
                up: "CREATE VIEW \(name) AS SELECT version, name FROM schema_migrations;", "",
                down: "-- Down\nDROP VIEW \(name);")
            return draft
        }
        let definition = try draft("schema_history").load()
        try definition.check()
        let workshop = try Workshop()
        defer { withExtendedLifetime(workshop) {} }
        let database = try workshop.build(definition, [])
        #expect(try database.rows("SELECT * FROM schema_history") == [["1", "history"]])
        for name in ["\"\"", "[]", "main.\"\""] {
            #expect(throws: AnnalsError(.invalid, "TABLE_NAME", "")) {
                _ = try draft(name).load()
            }
        }
    }
}

@Suite("Line differences")
struct LineDifferenceTests {
    @Test("They are what diff -u shows, and nothing for equal texts")
    func shown() {
        let old = (1...20).map { "line \($0)\n" }.joined()
        let new = old.replacing("line 3\n", with: "line three\n").replacing("line 17\n", with: "")
        #expect(LineDifference(from: old, to: old).lines.isEmpty)
        #expect(
            LineDifference(from: old, to: new).lines == [
                "@@ -1,6 +1,6 @@", " line 1", " line 2", "-line 3", "+line three", " line 4",
                " line 5", " line 6", "@@ -14,7 +14,6 @@", " line 14", " line 15", " line 16",
                "-line 17", " line 18", " line 19", " line 20",
            ])
        #expect(LineDifference(from: "", to: "a\n").lines == ["@@ -0,0 +1,1 @@", "+a"])
    }

    @Test("Applied to the old text they give the new one, for random texts")
    func property() {
        var random = SeededDice(state: 7)
        for _ in 0..<300 {
            func text() -> [String] {
                (0..<Int.random(in: 0...25, using: &random)).map { _ in
                    "abcd".randomElement(using: &random).map(String.init) ?? ""
                }
            }
            let (old, new) = (text(), text())
            func joined(_ lines: [String]) -> String { lines.map { "\($0)\n" }.joined() }
            let lines = LineDifference(from: joined(old), to: joined(new)).lines
            #expect(patched(old, lines) == new, "\(old) \(new) \(lines)")
        }
    }

    /// What `patch` makes of the old lines.
    private func patched(_ old: [String], _ difference: [String]) -> [String] {
        var result: [String] = []
        var at = 0
        for line in difference {
            if line.hasPrefix("@@") {
                let words = line.split(separator: " ")
                let numbers = words[1].dropFirst().split(separator: ",").compactMap { Int($0) }
                let start = numbers[1] == 0 ? numbers[0] : numbers[0] - 1
                result += old[at..<start]
                at = start
            } else if line.hasPrefix("+") {
                result.append(String(line.dropFirst()))
            } else {
                guard old[at] == line.dropFirst() else { return ["not the old text"] }
                if line.hasPrefix(" ") { result.append(old[at]) }
                at += 1
            }
        }
        return result + old[at...]
    }
}
