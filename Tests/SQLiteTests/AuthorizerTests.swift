import SQLite
import Testing

@Suite struct AuthorizerTests {
    static let engine: Set<String> = ["schema_migrations", "checkpoint", "quarantine"]

    /// Prepares and runs each statement of a text under an authorizer.
    static func run(_ sql: String, by authorizer: Authorizer) throws -> SQLiteError? {
        let connection = try sample()
        return failure { () throws(SQLiteError) in
            try connection.authorized(by: authorizer) { () throws(SQLiteError) in
                try connection.execute(sql)
            }
        }
    }

    @Test(
        "a migration may change the projection's schema and rows",
        arguments: [
            "CREATE TABLE c (x ANY CHECK (x > 0), at TEXT DEFAULT CURRENT_TIMESTAMP) STRICT",
            "CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT DEFAULT (upper('a')))",
            "CREATE TABLE c AS SELECT * FROM a", "CREATE TABLE IF NOT EXISTS a (x)",
            "CREATE UNIQUE INDEX b_a ON b (a) WHERE a > 3", "CREATE INDEX e ON a (lower(x))",
            "CREATE VIEW w AS WITH r(n) AS (SELECT 1 UNION SELECT n+1 FROM r) SELECT n FROM r",
            "CREATE TRIGGER u AFTER DELETE ON a BEGIN DELETE FROM b WHERE a = old.id; END",
            "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT ''", "ALTER TABLE a RENAME TO z",
            "ALTER TABLE a RENAME COLUMN x TO y", "ALTER TABLE b DROP COLUMN a",
            "ALTER TABLE counted RENAME TO z",
            "DROP TABLE counted", "DROP VIEW v", "DROP INDEX a_x", "DROP TRIGGER t",
            "INSERT INTO a (x) VALUES ('é') ON CONFLICT DO UPDATE SET x = excluded.x",
            "UPDATE a SET x = json_extract('{}', '$')", "DELETE FROM a", "REINDEX a_x",
            "INSERT INTO a (x) SELECT value FROM json_each('[1,2]')",
            "SELECT * FROM pragma_table_info('a')", "SELECT datetime('now'), unixepoch()",
        ])
    func migrationAllows(sql: String) throws {
        let error = try Self.run(sql, by: .migration(engineTables: Self.engine))
        #expect(error == nil)
    }

    @Test(
        "a migration and a handler are refused what a replay could not repeat or must not touch",
        arguments: [
            "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "VACUUM",
            "  /* x */ vacuum into '/tmp/x'", "ATTACH ':memory:' AS o", "DETACH main", "ANALYZE",
            "PRAGMA foreign_keys = OFF", "PRAGMA user_version = 3", "PRAGMA writable_schema = 1",
            "PRAGMA journal_mode = DELETE", "PRAGMA main.cache_size", "SELECT random()",
            "SELECT RandomBlob(3)", "SELECT changes()", "SELECT total_changes()",
            "SELECT last_insert_rowid()", "SELECT sqlite_version()", "SELECT sqlite_source_id()",
            "SELECT sqlite_compileoption_get(0)", "SELECT sqlite_compileoption_used('x')",
            "SELECT load_extension('x')", "UPDATE a SET x = random()",
            "INSERT INTO a (x) SELECT 1 ORDER BY random()",
            "UPDATE checkpoint SET position = 9", "DELETE FROM Checkpoint",
            "SELECT position FROM checkpoint", "SELECT count(*) FROM checkpoint",
            "DROP TABLE checkpoint", "ALTER TABLE checkpoint ADD COLUMN x",
            "CREATE TABLE quarantine (x)",
            "CREATE INDEX i ON checkpoint (position)",
            "CREATE TRIGGER i AFTER INSERT ON checkpoint BEGIN SELECT 1; END",
            "CREATE TABLE temp.c (x)", "INSERT INTO temp.sqlite_temp_schema VALUES (1, 2, 3, 4, 5)",
            "CREATE VIRTUAL TABLE f USING fts5(x)", "CREATE TEMP TABLE c (x)",
            "CREATE TEMP VIEW w AS SELECT 1", "DELETE FROM sqlite_sequence",
            "UPDATE sqlite_sequence SET seq = 9", "SELECT * FROM dbstat",
            "INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)", "SELECT * FROM sqlite_stmt",
        ])
    func bothRefuse(sql: String) throws {
        let migration = try #require(try Self.run(sql, by: .migration(engineTables: Self.engine)))
        let handler = try #require(try Self.run(sql, by: .handler(engineTables: Self.engine)))
        #expect(handler.refusal?.message.hasSuffix(".") == true)
        #expect(handler.refusal?.hint.hasSuffix(".") == true)
        // SQLite itself protects its schema table.
        let isRefusedBySQLite = sql.contains("INTO sqlite_schema")
        #expect((migration.refusal == nil) == isRefusedBySQLite)
    }

    @Test(
        "a handler and a query are refused every schema change",
        arguments: [
            "CREATE TABLE c (x)", "CREATE INDEX i ON a (x)", "CREATE VIEW w AS SELECT 1",
            "CREATE TRIGGER i AFTER INSERT ON a BEGIN SELECT 1; END", "DROP TABLE a", "DROP VIEW v",
            "DROP INDEX a_x", "DROP TRIGGER t", "ALTER TABLE a RENAME TO z", "REINDEX",
            "ALTER TABLE a ADD COLUMN y",
        ])
    func schemaRefused(sql: String) throws {
        let handler = try Self.run(sql, by: .handler(engineTables: Self.engine))
        #expect(handler?.refusal != nil)
        let query = try Self.run(sql, by: .query)
        #expect(query?.refusal != nil)
    }

    @Test(
        "a query reads everything",
        arguments: [
            "SELECT * FROM checkpoint", "SELECT sql FROM sqlite_schema", "SELECT random()",
            "PRAGMA user_version", "PRAGMA table_info(a)", "EXPLAIN QUERY PLAN SELECT * FROM v",
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r LIMIT 9) SELECT * FROM r",
            "SELECT sqlite_version()", "SELECT datetime('now', 'localtime')",
        ])
    func queryReads(sql: String) throws {
        let error = try Self.run(sql, by: .query)
        #expect(error == nil)
    }

    @Test(
        "a query changes nothing",
        arguments: [
            "INSERT INTO a (x) VALUES (1)", "UPDATE a SET x = 1", "DELETE FROM a", "BEGIN",
            "ATTACH 'x' AS x", "PRAGMA user_version = 1", "PRAGMA query_only = 0", "VACUUM",
            "SELECT load_extension('x')", "PRAGMA wal_checkpoint",
        ])
    func queryRefuses(sql: String) throws {
        let error = try Self.run(sql, by: .query)
        #expect(error?.refusal != nil)
    }

    @Test("a refusal points at the refused word, or at the statement")
    func refusalOffset() throws {
        let connection = try sample()
        let sql = "SELECT 1;\n-- random\nSELECT x, 'random', random() FROM a"
        let error = try #require(
            failure { () throws(SQLiteError) in
                try connection.authorized(by: .query) { () throws(SQLiteError) in
                    try connection.authorized(by: .handler(engineTables: [])) {
                        () throws(SQLiteError) in
                        _ = try connection.prepare(sql, from: 9)
                    }
                }
            })
        #expect(error.offset == sql.utf8.count - "random() FROM a".utf8.count)
        try connection.execute("SELECT random()")
    }

    @Test("a trigger is judged with the statement that fires it")
    func triggersAreJudged() throws {
        let connection = try sample()
        try connection.execute(
            "CREATE TRIGGER bad AFTER DELETE ON a BEGIN UPDATE a SET x = random(); END")
        let error = failure { () throws(SQLiteError) in
            try connection.authorized(by: .handler(engineTables: [])) { () throws(SQLiteError) in
                _ = try connection.prepare("DELETE FROM a WHERE id = 1")
            }
        }
        #expect(error?.refusal != nil)
    }

    /// SQLite copies the rows of a table of the same shape as they lie, and did not ask about it.
    @Test(
        "rows that SQLite copies from table to table without asking are judged",
        arguments: [
            "INSERT INTO twin SELECT * FROM checkpoint",
            "REPLACE INTO twin SELECT * FROM main.checkpoint",
            "/* x */ insert or ignore into twin select * from checkpoint;",
            "INSERT INTO plain SELECT * FROM sqlite_sequence",
            "INSERT INTO names SELECT * FROM sqlite_schema", "DELETE FROM a",
            "UPDATE a SET x = 1", "INSERT INTO fires VALUES (1)",
        ])
    func copiesAreJudged(sql: String) throws {
        for authorizer in [
            Authorizer.handler(engineTables: Self.engine), .migration(engineTables: Self.engine),
        ] {
            let connection = try copySample()
            let error = failure { () throws(SQLiteError) in
                try connection.authorized(by: authorizer) { () throws(SQLiteError) in
                    _ = try connection.prepare(sql)
                }
            }
            // A migration may read what SQLite keeps about the schema.
            let reads =
                sql.contains("sqlite_schema") && authorizer != .handler(engineTables: Self.engine)
            #expect((error?.refusal == nil) == reads)
            #expect(error?.offset ?? 0 >= 0)
        }
    }

    @Test("a copy of the projection's own rows is allowed, and its columns are noted as read")
    func copiesAreNoted() throws {
        let connection = try copySample()
        let sqls = [
            "INSERT INTO counted_too SELECT * FROM counted", "INSERT INTO twin SELECT * FROM pair",
            "EXPLAIN INSERT INTO twin SELECT * FROM pair",
        ]
        for sql in sqls {
            let accesses = try connection.authorized(by: .handler(engineTables: Self.engine)) {
                () throws(SQLiteError) in
                _ = try connection.prepare(sql)
                return connection.accesses
            }
            let reads = accesses.filter { $0.action == .read }
            #expect(
                reads.compactMap(\.column)
                    == (sql.hasPrefix("EXPLAIN")
                        ? [] : ["id", sql.contains("twin") ? "position" : "x"]))
        }
    }

    /// The sample with tables of the same shape as the engine's and SQLite's, and triggers that copy.
    private func copySample() throws -> Connection {
        let connection = try sample()
        try connection.execute(
            """
            CREATE TABLE twin (id INTEGER PRIMARY KEY, position INTEGER);
            CREATE TABLE pair (id INTEGER PRIMARY KEY, position INTEGER);
            CREATE TABLE counted_too (id INTEGER PRIMARY KEY AUTOINCREMENT, x);
            CREATE TABLE plain (name, seq);
            CREATE TABLE names (type TEXT, name TEXT, tbl_name TEXT, rootpage INT, sql TEXT);
            CREATE TABLE fires (x);
            CREATE TRIGGER copies AFTER DELETE ON a BEGIN INSERT INTO twin SELECT * FROM checkpoint; END;
            CREATE TRIGGER changes AFTER UPDATE ON a BEGIN INSERT INTO twin SELECT * FROM checkpoint; END;
            CREATE TRIGGER inserts AFTER INSERT ON fires
                BEGIN INSERT INTO twin SELECT * FROM checkpoint; END;
            """)
        return connection
    }

    /// The first use of json_each on a connection was refused as a write to sqlite_master: a handler
    /// that writes what it reads from an array could not be prepared first.
    @Test("json_each and json_tree may be what a handler uses first")
    func firstTableFunction() throws {
        for function in ["json_each", "json_tree"] {
            let connection = try sample()
            try connection.authorized(by: .handler(engineTables: [])) { () throws(SQLiteError) in
                _ = try connection.prepare("INSERT INTO a (x) SELECT value FROM \(function)('[1]')")
            }
        }
    }
}
