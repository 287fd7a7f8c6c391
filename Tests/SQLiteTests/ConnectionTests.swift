import Foundation
import SQLite
import Testing

@Suite struct ConnectionTests {
    @Test("a created file belongs to its owner only, and cannot be created twice")
    func creation() throws {
        let folder = try Folder()
        let path = folder.path + "/a.sqlite"
        do {
            let connection = try Connection(path: path, mode: .create)
            try connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE a (x)")
            for suffix in ["", "-wal", "-shm"] {
                let mode = try FileManager.default.attributesOfItem(atPath: path + suffix)
                #expect(mode[.posixPermissions] as? Int == 0o600)
            }
        }
        let again = failure { () throws(SQLiteError) in
            _ = try Connection(path: path, mode: .create)
        }
        #expect(again?.isEnvironment == true)
        let missing = failure { () throws(SQLiteError) in
            _ = try Connection(path: folder.path + "/none", mode: .readWrite)
        }
        #expect(missing?.message.contains("none") == true)
        let reader = try Connection(path: path, mode: .readOnly)
        #expect(throws: SQLiteError.self) { try reader.execute("CREATE TABLE b (x)") }
    }

    @Test("a path that looks like a URI is a path")
    func uriPath() throws {
        let folder = try Folder()
        _ = try Connection(path: folder.path + "/file:a?vfs=none", mode: .create)
        #expect(FileManager.default.fileExists(atPath: folder.path + "/file:a?vfs=none"))
    }

    @Test("statements are prepared one by one from the tail, and errors say where")
    func tails() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        let sql = "CREATE TABLE a (x);\n-- next\nINSERT INTO a VALUES (';');  SELECT y FROM a; "
        let first = try connection.prepare(sql)
        #expect(first.end == 19)
        let create = try #require(first.statement)
        var run = create.run()
        _ = try run.step()
        let second = try connection.prepare(sql, from: first.end)
        #expect(second.statement?.isReadOnly == false)
        let error = failure { () throws(SQLiteError) in
            _ = try connection.prepare(sql, from: second.end)
        }
        #expect(error?.offset == sql.utf8.count - "y FROM a; ".utf8.count)
        #expect(error?.message == "no such column: y")
        #expect(try connection.prepare(sql, from: sql.utf8.count).statement == nil)
    }

    @Test("values come back with the type they were bound with")
    func bindings() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        let statement = try #require(
            try connection.prepare("SELECT ?1, $b, @c, :d, ?5, ?6").statement)
        #expect(statement.parameterNames == ["?1", "$b", "@c", ":d", "?5", "?6"])
        #expect(statement.columnCount == 6)
        let text: [UInt8] = Array("grüße\u{0}x".utf8)
        let empty: [UInt8] = []
        do {
            var run = statement.run()
            run.bind(Int64.min, at: 1)
            run.bind(-0.0, at: 2)
            run.bind(text.span, at: 3)
            run.bind(empty.span, at: 4)
            run.bind("copy", at: 6)
            let hasRow = try run.step()
            #expect(hasRow)
            var types: [SQLiteType] = []
            for index in 0..<6 { types.append(run.type(at: index)) }
            #expect(types == [.integer, .real, .text, .text, .null, .text])
            let (whole, real, count) = (run.int64(at: 0), run.double(at: 1), run.bytes(at: 2).count)
            let (copied, absent) = (run.text(at: 5), run.text(at: 4))
            #expect(whole == .min)
            #expect(real.sign == .minus)
            #expect(count == text.count)
            #expect(copied == "copy")
            #expect(absent == nil)
        }
        var again = statement.run()
        _ = try again.step()
        let type = again.type(at: 0)
        #expect(type == .null, "a new run starts without bindings")
    }

    @Test(
        "a violated constraint is told by its kind",
        arguments: [
            ("INSERT INTO p VALUES (1, 5, 'a', 1)", SQLiteError.Constraint.unique),
            ("INSERT INTO p VALUES (2, 4, 'a', 1)", .unique),
            ("INSERT INTO p VALUES (2, NULL, 'a', 1)", .notNull),
            ("INSERT INTO p VALUES (2, 5, 'b', 1)", .check),
            ("INSERT INTO p VALUES (2, 5, 'a', 9)", .foreignKey),
            ("DELETE FROM p", .trigger), ("INSERT INTO s VALUES ('x')", .other),
        ])
    func constraints(sql: String, constraint: SQLiteError.Constraint) throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute(
            """
            CREATE TABLE p (id INTEGER PRIMARY KEY, n INTEGER NOT NULL UNIQUE,
                t TEXT CHECK (t = 'a'), q INTEGER REFERENCES p (id));
            CREATE TABLE s (x INTEGER) STRICT;
            INSERT INTO p VALUES (1, 4, 'a', 1);
            CREATE TRIGGER keep BEFORE DELETE ON p BEGIN SELECT RAISE(ABORT, 'kept'); END;
            """)
        let error = failure { () throws(SQLiteError) in try connection.execute(sql) }
        #expect(error?.constraint == constraint)
    }

    @Test("double-quoted strings and writable schemas are off")
    func hardened() throws {
        let connection = try sample()
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT \"nothing\"") }
        try connection.execute("PRAGMA writable_schema = 1")
        #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM sqlite_schema") }
        #expect(try connection.int64("PRAGMA foreign_keys") == 1)
        #expect(try connection.int64("PRAGMA recursive_triggers") == 1)
    }

    @Test("ROLLBACK inside a statement is visible as the end of the transaction")
    func transactionState() throws {
        let connection = try sample()
        try connection.execute("BEGIN; INSERT INTO a VALUES (1, 'x')")
        #expect(connection.inTransaction)
        #expect(throws: SQLiteError.self) {
            try connection.execute("INSERT OR ROLLBACK INTO a VALUES (1, 'x')")
        }
        #expect(!connection.inTransaction)
    }

    @Test("the WAL is empty after a truncating checkpoint, and a reader in the way is told")
    func checkpoint() throws {
        let folder = try Folder()
        let path = folder.path + "/a.sqlite"
        let connection = try Connection(path: path, mode: .create, busyTimeoutMs: 10)
        try connection.execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE a (x); INSERT INTO a VALUES (1)")
        try connection.checkpointTruncate()
        let wal = try FileManager.default.attributesOfItem(atPath: path + "-wal")
        #expect(wal[.size] as? Int == 0)
        let reader = try Connection(path: path, mode: .readOnly)
        try reader.execute("BEGIN; SELECT * FROM a")
        try connection.execute("INSERT INTO a VALUES (2)")
        let busy = failure { () throws(SQLiteError) in try connection.checkpointTruncate() }
        #expect(busy?.isBusy == true)
    }
}
