import AnnalsTesting
import EventModel
import Foundation
import GRDB
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Any SQLite file becomes a projection of its own")
struct AdoptNewTests {
    private func adopt(_ file: String, _ work: Adoptable) throws -> AdoptResult {
        try EventStore.adopt(file, asNew: "app", in: work.projections, at: work.store)
    }

    private func migration(_ work: Adoptable) throws -> String {
        try String(
            contentsOfFile: "\(work.projections)/app/Migrations/001_adopted_schema.sql",
            encoding: .utf8)
    }

    /// The traits of files found in the wild, made here.
    private static let traits: [(name: String, sql: String, key: [String])] = [
        (
            "no key, most pages on the free list",
            """
            PRAGMA page_size = 1024; CREATE TABLE proxy (DATE TEXT, IP TEXT, PORT TEXT);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
            INSERT INTO proxy SELECT 'd' || i, '10.0.0.' || i, i FROM n;
            DELETE FROM proxy WHERE rowid % 40;
            """, []
        ),
        (
            "a key that is NULL in every row",
            """
            CREATE TABLE proxy (id int PRIMARY KEY, IP_PORT varchar(20) NOT NULL, valid int(1));
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO proxy SELECT NULL, '10.0.0.' || i, i % 2 FROM n;
            """, []
        ),
        (
            "a text key, partial index, dates by default",
            """
            CREATE TABLE proxy (url TEXT PRIMARY KEY, working INTEGER NOT NULL DEFAULT 0,
                timeout REAL, created_at TEXT DEFAULT CURRENT_TIMESTAMP);
            CREATE INDEX idx_timeout ON proxy (timeout) WHERE working = 1;
            INSERT INTO proxy (url, timeout) VALUES ('http://a:1', 0.1), ('http://b/x:2', NULL);
            """, ["url"]
        ),
    ]

    @Test(
        "The file and what lies beside it stay as they are, and the projection equals it",
        arguments: 0..<3)
    func traits(_ number: Int) throws {
        let trait = Self.traits[number]
        let work = try Adoptable()
        let file = try work.file(trait.sql)
        // A header that says WAL, and no WAL: SQLite would make two files beside it.
        if number == 2 { try setWALHeader(file) }
        let before = try Adoptable.family(file)
        let result = try adopt(file, work)
        #expect(result.isNew && result.tables.map(\.key) == [trait.key], "\(trait.name)")
        #expect(try Adoptable.family(file) == before)
        let store = try EventStore(at: work.store)
        #expect(try store.digest(of: "app").digest == result.digest)
        #expect(try store.verify("app").isEqual)
        #expect(try store.validate("app").problems.isEmpty)
        if trait.key.isEmpty {
            #expect(
                try rows(store, "app", "SELECT min(adopted_row), max(adopted_row) FROM proxy")
                    == ["1|\(result.rows)"])
        }
    }

    private func setWALHeader(_ file: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[18] = 2
        bytes[19] = 2
        try bytes.write(to: URL(fileURLWithPath: file))
    }

    @Test("What is only in the WAL is adopted, and the WAL stays beside the file")
    func wal() throws {
        let work = try Adoptable()
        let file = try work.fileInWAL(
            """
            CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL);
            INSERT INTO events (payload) VALUES ('{"a":1}'), ('{}');
            ALTER TABLE events ADD COLUMN role TEXT;
            """)
        let before = try Adoptable.family(file)
        #expect(before.count == 3 && (before["wal.db"]?.count ?? 0) <= 4_096)
        let result = try adopt(file, work)
        #expect(result.hasLog && result.rows == 2)
        #expect(try Adoptable.family(file) == before)
        #expect(result.ignored.map(\.name) == ["events.id: AUTOINCREMENT"])
        let store = try EventStore(at: work.store)
        #expect(
            try rows(store, "app", "SELECT * FROM events") == [#"1|{"a":1}|-"#, "2|{}|-"])
    }

    @Test("Tables that refer to each other in a circle are adopted: what closes it comes last")
    func circle() async throws {
        let work = try Adoptable()
        let file = try work.file(
            """
            PRAGMA foreign_keys = 0;
            CREATE TABLE "a person" (id INTEGER PRIMARY KEY, name TEXT NOT NULL,
                team TEXT REFERENCES teams (name), boss INTEGER REFERENCES "a person" (id));
            CREATE TABLE teams (name TEXT PRIMARY KEY NOT NULL, lead INTEGER REFERENCES "a person",
                hall INTEGER REFERENCES halls);
            CREATE TABLE halls (id INTEGER PRIMARY KEY, owner TEXT REFERENCES teams (name));
            INSERT INTO "a person" VALUES (1, 'Ada', 'x', 3), (2, 'Bob', NULL, NULL),
                (3, 'Cid', 'y', NULL);
            INSERT INTO teams VALUES ('x', 3, 7), ('y', 3, NULL), ('z', NULL, 7);
            INSERT INTO halls VALUES (7, 'z'), (8, NULL);
            """)
        let before = try Adoptable.family(file)
        let result = try adopt(file, work)
        #expect(result.tables.map(\.rows).reduce(0, +) == 8)
        #expect(try Adoptable.family(file) == before)
        let store = try EventStore(at: work.store)
        let types = try store.log.types().map { "\($0.name) \($0.count)" }
        #expect(
            types.contains("a%20person.linked 2") && types.contains("halls.linked 1"), "\(types)")
        #expect(result.rows == 11)
        #expect(
            try rows(store, "app", "SELECT * FROM teams") == ["x|3|7", "y|3|-", "z|-|7"])
        #expect(try store.verify("app").isEqual)
        #expect(try store.validate("app").problems.isEmpty)
        // Its Down takes the circle apart.
        let proof = try await store.prove(["app"])
        #expect(proof.flatMap(\.migrations).map(\.down) == [.proven])
    }

    @Test("Keys, computed columns, odd names and what cannot be taken over")
    func schema() throws {
        let work = try Adoptable()
        let file = try work.file(
            """
            CREATE TABLE "order" (
                "group" TEXT COLLATE NOCASE, n INTEGER /* the number */,
                total REAL AS (n * 1.5) STORED, "unit price" NUMERIC DEFAULT (random()),
                at TEXT DEFAULT (datetime('now', 'localtime')), half AS (n / 2),
                CHECK (n > 0 AND "group" <> ','), PRIMARY KEY ("group", n)
            ) WITHOUT ROWID;
            INSERT INTO "order" ("group", n, "unit price", at) VALUES ('a', 2, 'x', 't'), ('B', 1, 3, 4);
            CREATE TABLE node (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES node (id), name TEXT);
            INSERT INTO node VALUES (3, NULL, 'root'), (1, 2, 'leaf'), (2, 3, 'inner'), (9, 9, 'self');
            CREATE TABLE tag (name TEXT, node INTEGER NOT NULL REFERENCES node ON DELETE CASCADE);
            INSERT INTO tag VALUES ('x', 1), ('x', 1);
            CREATE UNIQUE INDEX u ON node (name);
            CREATE VIEW names AS SELECT name FROM node -- all of them
            ;
            CREATE VIEW broken AS SELECT missing FROM nowhere;
            CREATE TRIGGER loud AFTER INSERT ON tag BEGIN UPDATE tag SET name = 'y'; END;
            CREATE VIRTUAL TABLE search USING fts5 (body);
            INSERT INTO search VALUES ('found');
            CREATE TABLE schema_migrations (version TEXT);
            """)
        let result = try adopt(file, work)
        #expect(result.tables.map(\.name) == ["node", "order", "tag"])
        #expect(result.tables.map(\.key) == [["id"], ["group", "n"], []])
        let left = Set(result.ignored.map { "\($0.kind) \($0.name)" })
        #expect(
            left.isSuperset(of: [
                "trigger loud", "view broken", "table search", "table search_data",
                "table schema_migrations", #"clause order."unit price": DEFAULT (random())"#,
                "clause order.at: DEFAULT (datetime('now', 'localtime'))",
            ]), "\(left)")
        let store = try EventStore(at: work.store)
        #expect(
            try rows(
                store, "app", #"SELECT "group", n, total, "unit price", at, half FROM "order""#)
                == ["a|2|3.0|x|t|1", "B|1|1.5|3|4|0"])
        #expect(try rows(store, "app", "SELECT * FROM names ORDER BY 1").count == 4)
        // Parents came first.
        var streams: [String] = []
        _ = try store.log.read(.all, after: .start) { streams.append($0.stream) }
        #expect(
            streams.filter { $0.hasPrefix("node/") } == ["node/3", "node/9", "node/2", "node/1"])
        #expect(streams.contains("order/a/2"))

        // From now on rows change by events.
        func append(_ type: String, _ stream: String, _ data: String) throws {
            _ = try store.appendAndWait([Event(type: type, stream: stream, data: data)])
        }
        try append("order.changed", "order/a/2", #"{"group":"a","n":2,"unit price":7}"#)
        try append("order.changed", "order/B/1", #"{"group":"b","n":1,"at":null}"#)
        try append("tag.changed", "tag/2", #"{"name":"z"}"#)
        try append("tag.removed", "tag/1", "{}")
        try append("node.removed", "node/9", #"{"id":9}"#)
        #expect(
            try rows(store, "app", #"SELECT "unit price", at FROM "order""#) == ["7|t", "3|-"])
        #expect(try rows(store, "app", "SELECT * FROM tag") == ["z|1|2"])
        #expect(try rows(store, "app", "SELECT count(*) FROM node") == ["3"])
        let error = refusal {
            try append("tag.adopted", "tag/7", #"{"name":"x","node":77}"#)
        }
        #expect(error?.code == "CONSTRAINT_FOREIGN_KEY")
        #expect(try store.verify("app").isEqual)
        #expect(try migration(work).contains("    n INTEGER,\n"))
    }

    @Test("Every value that SQLite stores comes back as it was")
    func values() async throws {
        let work = try Adoptable()
        let file = try work.file("CREATE TABLE t (id INTEGER PRIMARY KEY, v, w TEXT, b BLOB)") {
            db in
            let integers: [Int64] = [
                0, -1, 9_007_199_254_740_991, 9_007_199_254_740_992, -9_007_199_254_740_993, .max,
                .min,
            ]
            let reals: [Double] = [
                0.1, -0.0, 1, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 1e16,
                123_456_789.123_456_78,
                .infinity, -.infinity, 2.2250738585072014e-308,
            ]
            let texts = [
                "", "a\"b\\c", "\u{0}", "a\u{0}b", "\u{1}\u{1F}\u{7F}\u{85}", "é😀\u{2028}",
                "\u{FFFE}", "\u{1FFFF}", "{\"$blob\":\"AAEC\"}", "null", "\u{FFFD}",
            ]
            for value in integers {
                try db.execute(sql: "INSERT INTO t (v) VALUES (?)", arguments: [value])
            }
            for value in reals {
                try db.execute(sql: "INSERT INTO t (v) VALUES (?)", arguments: [value])
            }
            for value in texts {
                // As bytes: GRDB ends a text at a NUL.
                try db.execute(
                    sql: "INSERT INTO t (v, w) VALUES (CAST(? AS TEXT), CAST(?1 AS TEXT))",
                    arguments: [Data(value.utf8)])
            }
            for bytes in [[], [0], Array(0...255)] as [[UInt8]] {
                try db.execute(
                    sql: "INSERT INTO t (v, w, b) VALUES (?1, CAST(?1 AS TEXT), ?1)",
                    arguments: [Data(bytes)])
            }
            try db.execute(
                sql: "INSERT INTO t (v, w) VALUES (x'', CAST(x'FF00C0AF' AS TEXT)), (NULL, NULL)")
        }
        let result = try adopt(file, work)
        #expect(result.rows == 33)
        let store = try EventStore(at: work.store)
        #expect(try store.verify("app").isEqual)
        // The events alone, on another store, make the same rows.
        let export = "\(work.folder.path)/events.jsonl"
        _ = try store.exportEvents(to: export)
        let second = try EventStore.create(
            at: "\(work.folder.path)/second", projectionsFolder: work.projections)
        _ = try second.migrate("app")
        #expect(try await second.importEvents(from: export).appended == 33)
        try second.catchUpAll()
        #expect(try second.digest(of: "app").digest == result.digest)
    }

    @Test(
        "What cannot be an event is refused with its place, and leaves neither folder nor store",
        arguments: [
            (
                "ADOPT_VALUE",
                "CREATE TABLE t (id INTEGER PRIMARY KEY, \"a b\"); INSERT INTO t VALUES (7, x'00')"
            ),
            ("ADOPT_NAME", "CREATE TABLE t (\"a\"\"b\")"),
            ("ADOPT_NAME", "CREATE TABLE t (\"a\\b\")"),
            (
                "ADOPT_NAME",
                "CREATE TABLE t (a); CREATE TABLE Quarantine (id INTEGER, patient TEXT)"
            ),
            ("ADOPT_NAME", "CREATE TABLE checkpoint (a)"),
            ("ADOPT_EMPTY", "CREATE TABLE schema_migrations (version TEXT)"),
            ("ADOPT_EMPTY", ""),
            ("ADOPT_CYCLE", "CREATE TABLE a (b REFERENCES b); CREATE TABLE b (a REFERENCES a)"),
            (
                "ADOPT_CYCLE",
                """
                PRAGMA foreign_keys = OFF; CREATE TABLE n (id INTEGER PRIMARY KEY, p REFERENCES n);
                INSERT INTO n VALUES (1, 2), (2, 1);
                """
            ),
            (
                "SQL_REFUSED",
                "CREATE TABLE t (a); CREATE INDEX i ON t (a) WHERE sqlite_version() > '3'"
            ),
            (
                "ADOPT_VALUE",
                """
                PRAGMA encoding = 'UTF-16'; CREATE TABLE t (a TEXT);
                INSERT INTO t VALUES ('fine'), (char(65533));
                """
            ),
        ])
    func refusals(_ code: String, _ sql: String) throws {
        let work = try Adoptable()
        let file: String
        do { file = try work.file(sql) } catch {
            // What SQLite itself refuses needs no refusal here.
            return #expect(code == "SQL_REFUSED", "\(error)")
        }
        let error = refusal { try adopt(file, work) }
        #expect(error?.code == code, "\(error?.message ?? "accepted")")
        if code == "ADOPT_VALUE" { #expect(error?.message.hasPrefix("Table t, row") == true) }
        #expect(FileManager.default.fileExists(atPath: work.store) == false)
        #expect(FileManager.default.fileExists(atPath: work.projections) == false)
    }

    @Test("A second file joins the store, unless its events would be another projection's")
    func second() throws {
        let work = try Adoptable()
        let first = try work.file("CREATE TABLE a (x); INSERT INTO a VALUES (1)")
        let other = try work.file("CREATE TABLE b (x); INSERT INTO b VALUES (2)", name: "b.db")
        let same = try work.file("CREATE TABLE a (x); INSERT INTO a VALUES (3)", name: "c.db")
        let utf16 = try work.file(
            "PRAGMA encoding = 'UTF-16be'; CREATE TABLE d (x); INSERT INTO d VALUES ('é😀')",
            name: "d.db")
        func adopt(_ file: String, as name: String) throws -> AdoptResult {
            try EventStore.adopt(file, asNew: name, in: work.projections, at: work.store)
        }
        #expect(try adopt(first, as: "app").isNew)
        #expect(try adopt(first, as: "app").isNew == false)
        #expect(try adopt(other, as: "second").rows == 1)
        #expect(try adopt(utf16, as: "wide").rows == 1)
        let before = try Adoptable.bytes(below: work.folder.path)
        #expect(refusal { try adopt(same, as: "third") }?.code == "ADOPT_TYPE_TAKEN")
        #expect(refusal { try adopt(other, as: "app") }?.code == "ADOPT_FOLDER")
        #expect(
            refusal {
                try EventStore.adopt(
                    other, asNew: "x", in: "\(work.folder.path)/elsewhere", at: work.store)
            }?.code == "ADOPT_FOLDER")
        let after = try Adoptable.bytes(below: work.folder.path)
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        // SQLite moves a WAL into its file at the end of a program, which changes no row.
        #expect(changed.allSatisfy { $0.hasSuffix(".sqlite") }, "\(changed)")
        let store = try EventStore(at: work.store)
        #expect(try rows(store, "wide", "SELECT x FROM d") == ["é😀"])
        #expect(try store.status().projections.map(\.name) == ["app", "second", "wide"])
    }

    @Test("Random databases: what was adopted is what was there", arguments: 0..<6)
    func random(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let work = try Adoptable()
        let affinities = ["", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "varchar(9)"]
        let tables = Int.random(in: 1...4, using: &random)
        let file = try work.file("") { db in
            for table in 0..<tables {
                let columns = (0..<Int.random(in: 1...6, using: &random)).map {
                    "c\($0) \(affinities.randomElement(using: &random) ?? "")"
                }
                let keys = ["", ", PRIMARY KEY (c0)", ", k INTEGER PRIMARY KEY", ", UNIQUE (c0)"]
                let key = keys.randomElement(using: &random) ?? ""
                try db.execute(
                    sql: "CREATE TABLE t\(table) (\(columns.joined(separator: ", "))\(key))"
                )
                for _ in 0..<Int.random(in: 0...60, using: &random) {
                    let values = columns.map { _ in Self.value(&random) }
                    let names = columns.indices.map { "c\($0)" }.joined(separator: ", ")
                    let places = values.map { _ in "?" }.joined(separator: ", ")
                    try db.execute(
                        sql: "INSERT OR IGNORE INTO t\(table) (\(names)) VALUES (\(places))",
                        arguments: StatementArguments(values))
                }
            }
        }
        let result = try adopt(file, work)
        let store = try EventStore(at: work.store)
        #expect(try store.verify("app").isEqual, "seed \(seed)")
        let counted = try DatabaseQueue(path: file).read { db in
            try (0..<tables).map { try Int.fetchOne(db, sql: "SELECT count(*) FROM t\($0)") ?? -1 }
        }
        #expect(result.tables.sorted { $0.name < $1.name }.map(\.rows) == counted, "seed \(seed)")
    }

    private static func value(_ random: inout SeededRandom) -> DatabaseValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .null
        case 1: return Int64.random(in: .min ... .max, using: &random).databaseValue
        case 2: return Int64.random(in: -3...3, using: &random).databaseValue
        case 3:
            return Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
                .databaseValue
        case 4: return "text \(Int.random(in: 0...9, using: &random))".databaseValue
        case 5: return "12.50".databaseValue
        default:
            let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            return Data(bytes).databaseValue
        }
    }
}
