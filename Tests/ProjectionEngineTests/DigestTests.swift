import EventModel
import SQLite
import Testing

@testable import ProjectionEngine

@Suite struct DigestTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// The digest of a database in memory.
    static func digest(_ sql: String) throws -> String {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute(EngineTables.schema + sql)
        return try ContentDigest.hex(of: connection)
    }

    static func form(_ sql: String) throws -> [String] {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute(EngineTables.schema + sql)
        return try SchemaNormalForm(connection).lines
    }

    static let tables = """
        CREATE TABLE k (id TEXT PRIMARY KEY, v);
        CREATE TABLE n (a, b);
        CREATE TABLE w (a TEXT, b INTEGER, v, PRIMARY KEY (b, a)) WITHOUT ROWID;
        """

    @Test("the digest does not depend on the order of insertion, nor on the engine's tables")
    func order() throws {
        let rows = [
            "INSERT INTO k VALUES ('b', 1);", "INSERT INTO k VALUES ('a', NULL);",
            "INSERT INTO k VALUES (NULL, 2);", "INSERT INTO k VALUES (NULL, 1);",
            "INSERT INTO n VALUES (1, 'x');", "INSERT INTO n VALUES (1.0, 'x');",
            "INSERT INTO n VALUES ('1', x'31');", "INSERT INTO n VALUES (NULL, NULL);",
            "INSERT INTO w VALUES ('a', 2, 0.5);", "INSERT INTO w VALUES ('b', 1, '');",
        ]
        let forward = try Self.digest(Self.tables + rows.joined())
        let backward = try Self.digest(
            Self.tables + rows.reversed().joined()
                + "INSERT INTO checkpoint VALUES (1, 9, 'x'); DELETE FROM k WHERE 0;")
        #expect(forward == backward)
        #expect(forward.utf8.count == 64)
        var seen: Set<String> = [forward]
        for index in rows.indices {
            var fewer = rows
            fewer.remove(at: index)
            #expect(seen.insert(try Self.digest(Self.tables + fewer.joined())).inserted)
        }
    }

    @Test("every value and its type counts")
    func values() throws {
        let values = [
            "NULL", "0", "1", "-1", "1.5", "1e300", "9007199254740993", "''", "'0'", "'a'", "'A'",
            "'a' || char(0)", "x''", "x'30'", "x'61'", "'é'", "'e' || char(769)",
        ]
        let digests = try values.map {
            try Self.digest(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, \($0))")
        }
        #expect(Set(digests).count == values.count)
        let real = "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, "
        #expect(try Self.digest(real + "0.0)") == Self.digest(real + "-0.0)"))
        #expect(try Self.digest(real + "1.0)") != Self.digest(real + "1)"))
    }

    @Test("values cannot slide over the borders of columns, rows and tables")
    func borders() throws {
        let make = "CREATE TABLE a (x, y); CREATE TABLE b (x, y);"
        let digests = try [
            "INSERT INTO a VALUES ('ab', 'c')", "INSERT INTO a VALUES ('a', 'bc')",
            "INSERT INTO b VALUES ('ab', 'c')", "INSERT INTO a VALUES ('abc', '')",
            "INSERT INTO a VALUES ('ab', 'c'), (NULL, NULL)",
        ].map { try Self.digest(make + $0) }
        #expect(Set(digests).count == digests.count)
    }

    @Test("the bytes are those of docs/digest.md")
    func specification() throws {
        // Computed by a separate program from the page's description.
        let digest = try Self.digest(
            "CREATE TABLE \"T\" (Id INTEGER PRIMARY KEY, v) -- x\n; INSERT INTO t VALUES (7, 'é')")
        #expect(digest == "a09c653a4e785e71facc8fb685e6fe31159123eeb4189fee8087ef7746a4722a")
    }

    @Test("a schema made by ALTER equals one made at once")
    func alter() throws {
        let fresh = try Self.form(
            """
            CREATE TABLE things (id INTEGER PRIMARY KEY, title TEXT, weight REAL DEFAULT 1.0);
            CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES things (id));
            CREATE INDEX by_title ON things (title);
            CREATE VIEW v AS SELECT title FROM things;
            """)
        let altered = try Self.form(
            """
            create table old(id integer primary key,name text,/* gone */ x);
            CREATE VIEW IF NOT EXISTS v AS SELECT name FROM old;
            CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES old (id));
            CREATE INDEX by_title ON old(name);
            ALTER TABLE old DROP COLUMN x;
            ALTER TABLE old RENAME TO things;
            ALTER TABLE things ADD COLUMN weight REAL DEFAULT 1.0;
            ALTER TABLE things RENAME COLUMN name TO title;
            """)
        // A renamed column keeps its name as the view's column.
        #expect(fresh == altered.map { $0.replacing("title AS name", with: "title") })
        #expect(fresh.count == 4)
    }

    @Test(
        "every change of meaning changes the normal form",
        arguments: [
            "CREATE TABLE t (a INTEGER)", "CREATE TABLE t (a TEXT, b)",
            "CREATE TABLE t (a ANY) STRICT",
            "CREATE TABLE t (a TEXT NOT NULL)", "CREATE TABLE t (a TEXT DEFAULT 'X')",
            "CREATE TABLE t (a TEXT DEFAULT 'x')", "CREATE TABLE t (a TEXT CHECK (a <> ''))",
            "CREATE TABLE t (a TEXT UNIQUE)", "CREATE TABLE t (a TEXT COLLATE NOCASE)",
            "CREATE TABLE t (\"a b\" TEXT)", "CREATE TABLE u (a TEXT)",
            "CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a)",
            "CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a DESC)",
            "CREATE TABLE t (a TEXT); CREATE TRIGGER i AFTER INSERT ON t BEGIN SELECT 1; END",
        ])
    func meaning(sql: String) throws {
        let form = try Self.form(sql)
        #expect(form != (try Self.form("CREATE TABLE t (a TEXT)")))
        #expect(form == (try Self.form(sql.lowercased().contains("'x'") ? sql : sql.lowercased())))
    }

    @Test("builds with other batches and with indexes made at the end have one digest")
    func builds() throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE t (id TEXT PRIMARY KEY, a TEXT, n REAL) ;
            CREATE INDEX t_a ON t (a);

            -- On set
            INSERT INTO t VALUES ($id, $a, $n) ON CONFLICT DO UPDATE SET a = excluded.a;
            """)
        var dice = SeededDice(state: 1)
        let events = (1...300).map { (position: UInt64) in
            let id = Int.random(in: 0..<100, using: &dice)
            return event(position, "set", #"{"id":"k\#(id)","a":"v\#(position)","n":1.5}"#)
        }
        var digests: Set<String> = []
        for batch in [1, 7, 1000] {
            for bulk in [true, false] {
                let database = try workshop.build(
                    projection, events, name: "\(batch)-\(bulk)", batchEvents: batch, bulk: bulk)
                digests.insert(try database.contentDigest())
            }
        }
        #expect(digests.count == 1)
    }
}
