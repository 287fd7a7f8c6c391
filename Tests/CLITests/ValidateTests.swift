import Foundation
import SQLite
import Testing

@Suite("validate")
struct ValidateTests {
    private func problems(_ run: Program.Run) throws -> [[String: Any]] {
        let projections = try #require(try run.json["projections"] as? [[String: Any]])
        return try #require(projections.first?["problems"] as? [[String: Any]])
    }

    /// Changes the live file behind the store's back.
    private func change(_ store: TestStore, _ sql: String) throws {
        let file = URL(fileURLWithPath: "\(store.path)/people.sqlite").resolvingSymlinksInPath()
        try Connection(path: file.path, mode: .readWrite).execute(sql)
    }

    private func filled() throws -> TestStore {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        return store
    }

    private func write(_ text: String, _ name: String, in store: TestStore) throws {
        try Data(text.utf8).write(to: store.migration(name))
    }

    @Test("M4.7 C29 A sound store is valid, and nothing is changed")
    func sound() throws {
        let store = try filled()
        let before = try store.files()
        let run = try store.run("validate", "--json")
        #expect(run.status == 0)
        #expect(try run.json["valid"] as? Bool == true)
        #expect(try store.files() == before)
    }

    @Test("C29 Every object that is not a fresh build's is named, with the migration that makes it")
    func objects() throws {
        let store = try filled()
        try change(
            store,
            """
            DROP TABLE teams; CREATE TABLE stranger (id INTEGER PRIMARY KEY);
            CREATE VIEW lost AS SELECT thing FROM nowhere;
            """)
        let before = try store.files()
        let run = try store.run("validate", "--json")
        #expect(run.status == 1)
        #expect(try store.files() == before)
        let found = try problems(run)
        let schema = found.filter { $0["code"] as? String == "SCHEMA_DIFFERS" }
        let messages = schema.compactMap { $0["message"] as? String }
        #expect(messages.contains { $0.contains("table teams is missing") }, "\(messages)")
        #expect(messages.contains { $0.contains("table stranger is there") }, "\(messages)")
        #expect(messages.contains { $0.contains("view lost is there") }, "\(messages)")
        #expect(schema.compactMap { $0["migration"] as? Int } == [1])
        #expect(schema.compactMap { $0["file"] as? String } == ["001_people.sql"])
        #expect(
            found.contains {
                ($0["message"] as? String)?.contains("view lost cannot be used") == true
            })
        try store.succeed("rebuild", "people")
        try store.succeed("validate")
    }

    @Test("C29 A row without its parent, a broken CHECK and a strange checkpoint are told at once")
    func rows() throws {
        let store = try filled()
        // Open while it is checked, so that the WAL has something in it.
        let file = URL(fileURLWithPath: "\(store.path)/people.sqlite").resolvingSymlinksInPath()
        let writer = try Connection(path: file.path, mode: .readWrite)
        defer { withExtendedLifetime(writer) {} }
        try writer.execute(
            """
            PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;
            UPDATE people SET team = 'nobody' WHERE id = '1';
            UPDATE people SET age = -1 WHERE id = '2';
            UPDATE checkpoint SET position = 4000;
            """)
        let before = try store.files()
        #expect(before.keys.contains { $0.hasSuffix("-wal") })
        let run = try store.run("validate", "--json")
        #expect(run.status == 1)
        #expect(try store.files() == before)
        let codes = try problems(run).compactMap { $0["code"] as? String }
        #expect(codes.contains("AHEAD"))
        #expect(codes.count { $0 == "ROWS_INVALID" } == 2, "\(codes)")
    }

    @Test("All that is wrong with the files is listed, each with its place and a remedy")
    func files() throws {
        let store = try filled()
        let head = """
            -- Migration: 003_zip
            -- Description: Where people live, exactly
            -- Module: core

            -- Up
            ALTER TABLE people ADD COLUMN zip TEXT;

            """
        try write(
            head + """

                -- On person.zipped
                UPDATE people SET zop = $zip WHERE id = @key;

                -- On person.renamed
                UPDATE persons SET name = $name WHERE id = @key;

                -- Down
                ALTER TABLE people DROP COLUMN zap;

                """, "003_zip.sql", in: store)
        let run = try store.run("validate", "--json")
        #expect(run.status == 1)
        let found = try problems(run)
        #expect(
            found.compactMap { $0["code"] as? String } == ["SQL_ERROR", "SQL_ERROR", "SQL_ERROR"])
        #expect(found.compactMap { $0["line"] as? Int } == [9, 12, 15])
        #expect(found.allSatisfy { ($0["hint"] as? String)?.isEmpty == false })
        // A file that cannot be read at all, and another one.
        try write(head, "003_zip.sql", in: store)
        try write("-- nothing\n", "004_nothing.sql", in: store)
        let before = try store.files()
        let unreadable = try store.run("validate", "--json")
        #expect(unreadable.status == 1)
        let files = try problems(unreadable).compactMap { $0["file"] as? String }
        #expect(files == ["003_zip.sql", "004_nothing.sql"])
        #expect(try store.files() == before)
        let people = try store.run("validate")
        #expect(people.output.contains("hint:"))
    }

    @Test("Drift is exit 4, and decides before defects")
    func drift() throws {
        let store = try filled()
        try write(
            PeopleProjection.base.replacingOccurrences(of: "age >= 0", with: "age > 0"),
            "001_people.sql", in: store)
        let run = try store.run("validate", "--json")
        #expect(run.status == 4)
    }

    @Test(
        "Rows edited by hand are found by verify with table, number and example, healed by rebuild")
    func edited() throws {
        let store = try filled()
        try change(
            store,
            """
            UPDATE people SET age = age + 40 WHERE id IN ('3', '4');
            DELETE FROM people WHERE id = '5'
            """)
        try store.succeed("validate")
        let before = try store.files()
        let run = try store.run("verify", "--json")
        #expect(run.status == 6)
        #expect(try store.files() == before)
        let projections = try #require(try run.json["projections"] as? [[String: Any]])
        let differences = try #require(projections[0]["differences"] as? [[String: Any]])
        #expect(differences.count == 1)
        #expect(differences[0]["table"] as? String == "people")
        #expect(differences[0]["rows"] as? Int == 3)
        let example = try #require(differences[0]["example"] as? [String: [String: Any]])
        #expect(example["key"]?["id"] as? String == "3")
        #expect(example["expected"]?["age"] as? Int == 3 && example["found"]?["age"] as? Int == 43)
        let people = try store.run("verify")
        #expect(people.output.contains("people: 3 rows differ"), "\(people.output)")
        try store.succeed("rebuild", "people")
        try store.succeed("verify")
    }
}
