import EventModel
import Foundation
import ProjectionEngine
import Testing

@Suite struct MigrationsCheckTests {
    /// One migration whose sections are given.
    private func draft(up: String? = nil, _ sections: String = "", down: String = "-- Down: replay")
        -> MigrationsDraft
    {
        var draft = MigrationsDraft()
        draft.add(
            "001_a", up: up ?? "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);", sections,
            down: down)
        return draft
    }

    private func failure(_ draft: MigrationsDraft) throws -> AnnalsError {
        let definition = try draft.load()
        let error = try #require(throws: AnnalsError.self) { try definition.check() }
        #expect(error.kind == .invalid)
        #expect(error.context.projection == "shop")
        let place =
            "\(error.context.file ?? ""):\(error.context.line ?? 0):\(error.context.column ?? 0)"
        #expect(error.message.hasPrefix("\(place): "))
        #expect(!error.hint.isEmpty)
        return error
    }

    private static let table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); "

    @Test(
        "A statement of Up that cannot be is refused at its place",
        arguments: [
            ("CREATE TABLE t (id INTEGER PRIMARY KEY,);", "6:40 SQL_ERROR"),
            ("CREATE TABLE t (id);\nINSERT INTO u (id) VALUES (1);", "7:1 SQL_ERROR"),
            (
                "CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1), (1);",
                "7:1 SQL_ERROR"
            ),
            ("CREATE TABLE t (id);\n  BEGIN;", "7:3 SQL_REFUSED"),
            ("COMMIT;", "6:1 SQL_REFUSED"), ("ROLLBACK;", "6:1 SQL_REFUSED"),
            ("SAVEPOINT s;", "6:1 SQL_REFUSED"), ("RELEASE s;", "6:1 SQL_REFUSED"),
            ("ATTACH ':memory:' AS other;", "6:1 SQL_REFUSED"), ("VACUUM;", "6:1 SQL_REFUSED"),
            ("PRAGMA foreign_keys = OFF;", "6:8 SQL_REFUSED"),
            ("PRAGMA journal_mode = DELETE;", "6:8 SQL_REFUSED"),
            ("CREATE TEMP TABLE t (id);", "6:1 SQL_REFUSED"),
            ("CREATE TABLE t AS SELECT random() AS r;", "6:26 SQL_REFUSED"),
            ("CREATE TABLE t (id DEFAULT (abs(random())));", "6:33 SQL_REFUSED"),
            ("CREATE TABLE checkpoint (id);", "6:14 SQL_REFUSED"),
            ("DROP TABLE quarantine;", "6:12 SQL_REFUSED"),
            ("UPDATE schema_migrations SET name = '';", "6:8 SQL_REFUSED"),
            ("CREATE TABLE t (a DEFAULT (datetime('now', 'localtime')));", "6:44 SQL_TIME_ZONE"),
            ("CREATE TABLE t (id UNIQUE ON CONFLICT ROLLBACK);", "6:39 SQL_ROLLBACK"),
            (
                "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES ($id);",
                "6:64 SQL_PARAMETER"
            ),
            ("CREATE VIEW v AS SELECT a FROM nowhere;", "6:1 SQL_ERROR"),
            (table + "CREATE VIEW IF NOT EXISTS \"v w\" AS SELECT b FROM t;", "6:50 SQL_ERROR"),
            (table + "CREATE VIEW v AS SELECT random() AS r;", "6:50 SQL_REFUSED"),
            (
                table + "\nCREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; END;",
                "7:1 SQL_ERROR"
            ),
            (
                table + "\nCREATE TRIGGER g AFTER UPDATE OF a ON t BEGIN SELECT new.b; END;",
                "7:1 SQL_ERROR"
            ),
            (
                table + "\nCREATE TRIGGER g AFTER DELETE ON t BEGIN DELETE FROM checkpoint; END;",
                "7:1 SQL_REFUSED"
            ),
            (
                table
                    + "\nCREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT raise(ROLLBACK, 'x'); END;",
                "7:55 SQL_ROLLBACK"
            ),
        ])
    func up(sql: String, expected: String) throws {
        let error = try failure(draft(up: sql))
        #expect(place(error) == expected, "\(error)")
    }

    @Test(
        "A statement of a handler that cannot be is refused at its place",
        arguments: [
            ("INSERT INTO t (id, b) VALUES ($id, 1);", "8:1 SQL_ERROR"),
            ("DELETE FROM t;\nDELETE FROM u;", "9:1 SQL_ERROR"),
            ("CREATE TABLE u (id);", "8:1 SQL_REFUSED"),
            ("DROP TABLE t;", "8:1 SQL_REFUSED"),
            ("INSERT INTO t (id) VALUES (abs(random()));", "8:32 SQL_REFUSED"),
            ("INSERT INTO t (id) SELECT position FROM checkpoint;", "8:41 SQL_REFUSED"),
            ("COMMIT;", "8:1 SQL_REFUSED"),
            ("INSERT OR ROLLBACK INTO t (id) VALUES (1);", "8:11 SQL_ROLLBACK"),
            (
                "UPDATE t SET a = strftime('%H', @time, 'unixepoch', 'localtime');",
                "8:53 SQL_TIME_ZONE"
            ),
            ("UPDATE t SET a = datetime(@time, 'utc');", "8:34 SQL_TIME_ZONE"),
            ("INSERT INTO t (id) VALUES (?);", "8:28 SQL_PARAMETER"),
            ("INSERT INTO t (id) VALUES (:id);", "8:28 SQL_PARAMETER"),
            ("INSERT INTO t (id) VALUES (@seq);", "8:28 SQL_PARAMETER"),
            ("INSERT INTO t (id) VALUES (@id2) ; SELECT @id;", "8:28 SQL_PARAMETER"),
        ])
    func handler(sql: String, expected: String) throws {
        let error = try failure(draft("-- On x.made\n\(sql)"))
        #expect(place(error) == expected, "\(error)")
    }

    @Test(
        "An upcast that is more than a function of the older data is refused",
        arguments: [
            ("json_set(@data, '$.a'", "8:1 SQL_ERROR"), ("nothing(@data)", "8:1 SQL_ERROR"),
            ("json_set(@data, '$.a', random())", "8:24 SQL_REFUSED"),
            ("json_set(@data, '$.a', (SELECT count(*) FROM t))", "8:1 SQL_ERROR"),
            ("json_set(@data, '$.a', (SELECT position FROM checkpoint))", "8:46 SQL_REFUSED"),
            ("json_set(@data, '$.a', $a)", "8:24 SQL_PARAMETER"), ("@data, 2", "8:1 SQL_ERROR"),
        ])
    func upcast(sql: String, expected: String) throws {
        let error = try failure(draft("-- Upcast x.made 1 2\n\(sql)"))
        #expect(place(error) == expected, "\(error)")
    }

    @Test("A Down that fails on the schema of its version is refused at its place")
    func down() throws {
        let error = try failure(draft(down: "-- Down\nDROP TABLE u;"))
        #expect(place(error) == "9:1 SQL_ERROR", "\(error)")
        let nothing = try failure(draft(down: "-- Down\nPRAGMA foreign_keys = OFF;\nDROP TABLE t;"))
        #expect(place(nothing) == "9:8 SQL_REFUSED")
    }

    @Test("A Down is rolled back: the versions after it see their schema")
    func downIsRolledBack() throws {
        var draft = draft(down: "-- Down\nDROP TABLE t;")
        draft.add(
            "002_b", up: "ALTER TABLE t ADD COLUMN b;",
            down: "-- Down\nALTER TABLE t DROP COLUMN b;")
        try draft.load().check()
    }

    @Test("A handler that a later migration breaks is named together with that migration")
    func brokenLater() throws {
        var draft = draft("-- On x.made\nINSERT INTO t (id, a) VALUES (1, 'x');")
        draft.add("002_b", up: "ALTER TABLE t DROP COLUMN a;")
        let error = try failure(draft)
        #expect(place(error) == "8:1 SQL_ERROR" && error.context.file == "001_a.sql")
        #expect(error.message.contains("once 002_b has run"))
        draft.files.removeLast()
        draft.add("002_b", up: "ALTER TABLE t DROP COLUMN a;", "-- Off x.made")
        try draft.load().check()
    }

    @Test("A trigger or view that a later migration breaks is named together with that migration")
    func objectBrokenLater() throws {
        let makers = [
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = 1 WHERE id = new.id; END;",
            "CREATE VIEW g AS SELECT a FROM t;",
        ]
        for maker in makers {
            var draft = draft(up: Self.table + "\n" + maker)
            draft.add(
                "002_b",
                up: "CREATE TABLE n (id INTEGER PRIMARY KEY); DROP TABLE t; "
                    + "CREATE TABLE t (id INTEGER PRIMARY KEY);"
                    + (maker.contains("VIEW") ? "" : " " + maker))
            let error = try failure(draft)
            #expect(error.message.contains(" g cannot be used: "), "\(error)")
            #expect(error.context.migration == (maker.contains("VIEW") ? 1 : 2))
        }
    }

    @Test("Every legal kind of trigger and view is compiled, and passes")
    func objects() throws {
        let up = """
            CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b AS (a || '!') STORED);
            CREATE VIEW v AS SELECT id, a FROM t;
            CREATE VIEW history AS SELECT version, name FROM schema_migrations;
            CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.id, new.a); END;
            CREATE TRIGGER "delete on" INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = old.id; END;
            CREATE TRIGGER u BEFORE UPDATE OF a ON t WHEN new.a = 'x;' BEGIN SELECT new.b; END;
            CREATE TRIGGER s AFTER DELETE ON t BEGIN
                SELECT CASE WHEN old.id > 9 THEN raise(ABORT, 'END;') END;
            END;
            CREATE TABLE "odd "" 'name" (id INTEGER PRIMARY KEY);
            CREATE TRIGGER o AFTER UPDATE ON "odd "" 'name" BEGIN SELECT new.id; END;
            """
        try draft(
            up: up,
            """
            -- On x.made
            INSERT INTO t (id, a) SELECT value, @data ->> '$.a' FROM json_each($list);
            UPDATE t SET a = @metadata || @type || @stream || @key || @revision || @position || @time
                || @recorded || coalesce(@id, datetime('now')) || CURRENT_TIMESTAMP;
            -- Upcast x.made 1 2
            json_set(@data, '$.a', coalesce(@data ->> '$.old', 'none')) -- a comment
            """, down: "-- Down\nDROP VIEW v;\nDROP VIEW history;\nDROP TABLE t;"
        ).load().check()
    }

    @Test("A handler that works only with an optional module is refused")
    func optionalModules() throws {
        var draft = MigrationsDraft(
            """
            name: shop
            modules:
              - { name: core, range: [1, 1] }
              - { name: a, range: [2, 2], optional: true }
              - { name: b, range: [3, 3], depends: [core], optional: true, default: enabled }
            """)
        draft.add("001_core", up: "CREATE TABLE t (id INTEGER PRIMARY KEY);")
        draft.add("002_a", module: "a", up: "CREATE TABLE u (id INTEGER PRIMARY KEY);")
        draft.add("003_b", module: "b", up: "DELETE FROM t;", "-- On x.made\nDELETE FROM u;")
        let error = try failure(draft)
        #expect(error.context.file == "003_b.sql" && error.message.contains("no such table"))
    }

    private func place(_ error: AnnalsError) -> String {
        "\(error.context.line ?? 0):\(error.context.column ?? 0) \(error.code)"
    }

    @Test("The projections of this repository pass", arguments: ["Rotation", "Agents", "Usage"])
    func repository(folder: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Projections/\(folder)")
        func bytes(_ path: String) throws -> [UInt8] {
            Array(try Data(contentsOf: root.appendingPathComponent(path)))
        }
        let names = try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("Migrations").path)
        let definition = try ProjectionDefinition.load(
            manifest: ("projection.yaml", try bytes("projection.yaml")),
            files: try names.map { ($0, try bytes("Migrations/\($0)")) })
        #expect(!definition.migrations.isEmpty)
        try definition.check()
    }
}
