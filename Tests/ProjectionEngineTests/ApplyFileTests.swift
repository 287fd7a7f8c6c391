import EventModel
import Foundation
import SQLite
import Testing

@testable import ProjectionEngine

@Suite struct ApplyFileTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    static let indexed = """
        -- Up
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT);
        CREATE INDEX "only ""readers" ON t (a);
        CREATE INDEX by_b ON t (b);
        CREATE UNIQUE INDEX one_c ON t (c);
        CREATE INDEX by_d ON t (d) WHERE d IS NOT NULL;
        CREATE TABLE child (id INTEGER PRIMARY KEY,
            t INTEGER REFERENCES t (id) ON DELETE CASCADE);
        CREATE INDEX child_t ON child (t);
        CREATE TABLE log (id INTEGER PRIMARY KEY, e TEXT);
        CREATE INDEX log_e ON log (e);
        CREATE TRIGGER logging AFTER DELETE ON t BEGIN DELETE FROM log WHERE e = old.e; END;

        -- On set
        INSERT INTO t VALUES (@position, $a, $b, $c, $d, $e);

        -- On changed
        UPDATE t SET a = $a WHERE b = $b;

        -- On gone
        DELETE FROM t WHERE id = $id;
        """

    @Test("only indexes that no handler, trigger or foreign key reads wait for the end of a build")
    func deferredIndexes() throws {
        let database = try workshop.create(definition(Self.indexed))
        let during = try database.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name")
        #expect(during == [["by_b"], ["child_t"], ["log_e"], ["one_c"]])
        try database.finishBulk()
        let after = try database.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name")
        #expect(
            after == [["by_b"], ["by_d"], ["child_t"], ["log_e"], ["one_c"], ["only \"readers"]])
    }

    @Test("a finished file is opened with its checkpoint, log, migrations and settings")
    func reopen() throws {
        let projection = try definition(ApplyPoisonTests.unique)
        let path: String
        do {
            let database = try workshop.build(projection, ApplyPoisonTests.events([1, 2]))
            path = database.path
            let wal = try FileManager.default.attributesOfItem(atPath: path + "-wal")
            #expect(wal[.size] as? Int == 0, "the WAL is empty after finishBulk")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let database = try ProjectionDatabase.open(
            path: path, definition: projection, versions: [1])
        #expect(database.checkpoint == Position(2))
        #expect(database.logID == "log")
        let applied = try database.appliedMigrations()
        #expect(applied.map(\.number) == [1])
        #expect(applied.first?.name == "step")
        #expect(applied.first?.checksum == projection.migrations[0].checksums.rendering)
        #expect(try database.rows("PRAGMA journal_mode") == [["wal"]])
        #expect(try database.rows("PRAGMA auto_vacuum") == [["0"]])
        #expect(try database.rows("PRAGMA foreign_keys") == [["1"]])
        #expect(try database.rows("PRAGMA synchronous") == [["1"]])
    }

    @Test("an unfinished, foreign or otherwise composed file is refused by name")
    func refused() throws {
        let projection = try definition(ApplyPoisonTests.unique)
        func code(_ path: String, _ versions: [Int]) -> String? {
            annalsError {
                _ = try ProjectionDatabase.open(
                    path: path, definition: projection, versions: versions)
            }?.code
        }
        let unfinished = try workshop.create(projection, name: "unfinished").path
        #expect(code(unfinished, [1]) == "PROJECTION_UNFINISHED")
        let finished = try workshop.build(projection, [], name: "finished").path
        #expect(code(finished, [1, 2]) == "VERSION_SET")
        let foreign = workshop.path + "/foreign"
        try Connection(path: foreign, mode: .create).execute("CREATE TABLE a (x)")
        #expect(code(foreign, [1]) == "PROJECTION_FORMAT")
        try Data("not a database, however long it is".utf8).write(to: URL(fileURLWithPath: foreign))
        #expect(code(foreign, [1]) == "PROJECTION_CORRUPT")
        #expect(code(workshop.path + "/none", [1]) == "FILE_MISSING")
        let twice = annalsError { _ = try workshop.create(projection, name: "finished") }
        #expect(twice?.kind == .unavailable)
    }

    @Test("an Up that SQLite refuses is an error with file, line and column")
    func upErrors() throws {
        let projection = try definition(
            "-- Up\nCREATE TABLE t (x);", "-- Up\nALTER TABLE t ADD COLUMN y;\nDROP TABLE nope;")
        let error = annalsError { _ = try workshop.create(projection) }
        #expect(error?.code == "SQL_ERROR")
        #expect(error?.context.file == "002_step.sql")
        #expect(error?.context.migration == 2)
        #expect(error?.message.hasPrefix("002_step.sql:7:") == true)
        let parameter = try definition("-- Up\nCREATE TABLE t (x);\nINSERT INTO t VALUES ($x);")
        #expect(annalsError { _ = try workshop.create(parameter) }?.code == "SQL_PARAMETER")
    }

    static let rebuilt = [
        """
        -- Up
        CREATE TABLE parent (id INTEGER PRIMARY KEY, old TEXT);
        CREATE TABLE child (id INTEGER PRIMARY KEY,
            parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);

        -- On set
        INSERT INTO parent VALUES (@position, 'x');
        INSERT INTO child VALUES (@position, @position);
        """,
        """
        -- Up
        CREATE TABLE parent_new (id INTEGER PRIMARY KEY);
        INSERT INTO parent_new SELECT id FROM parent;
        DROP TABLE parent;
        ALTER TABLE parent_new RENAME TO parent;

        -- On set
        INSERT INTO parent VALUES (@position);
        """,
    ]

    @Test("Up and Down in place keep rows, children and checkpoint, or leave the file as it was")
    func steps() throws {
        let down = "ALTER TABLE parent ADD COLUMN old TEXT; DELETE FROM parent;"
        let second = try Migration.parse(
            file: "002_step.sql",
            bytes: Array(
                """
                -- Migration: 002_step
                -- Description: A step
                -- Module: main

                \(Self.rebuilt[1])

                -- Down
                \(down)

                """.utf8))
        let projection = try definition(Self.rebuilt[0], Self.rebuilt[1])
        let workshopFile = try ProjectionDatabase.create(
            path: workshop.path + "/s", definition: projection, versions: [1],
            appliedAt: Timestamp(milliseconds: 1))
        try workshopFile.apply(
            from: ListSource(events: [event(1, "set", "{}"), event(2, "set", "{}")]),
            through: Position(2))
        try workshopFile.finishBulk()
        try ProjectionDatabase.runUp(
            second, path: workshopFile.path, definition: projection, versions: [1],
            appliedAt: Timestamp(milliseconds: 2))
        let upgraded = try ProjectionDatabase.open(
            path: workshopFile.path, definition: projection, versions: [1, 2])
        #expect(upgraded.checkpoint == Position(2))
        #expect(try upgraded.rows("SELECT count(*) FROM child") == [["2"]])
        #expect(try upgraded.appliedMigrations().last?.position == Position(2))
        let digest = try upgraded.contentDigest()
        let error = annalsError {
            try ProjectionDatabase.runDown(
                second, path: workshopFile.path, definition: projection, versions: [1, 2])
        }
        #expect(error?.code == "FOREIGN_KEYS_BROKEN")
        #expect(try upgraded.contentDigest() == digest)
        #expect(try upgraded.appliedMigrations().map(\.number) == [1, 2])
    }
}
