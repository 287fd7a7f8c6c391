import AllProjections
import AnnalsTesting
import EventModel
import Foundation
import GRDB
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("K9 O1.2 C28 A projection on a connection that the caller owns")
struct ExternalTests {
    /// A caller's database with a table of its own and settings of its own.
    private func callers(foreignKeys: Bool = false) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = foreignKeys
        let queue = try DatabaseQueue(configuration: configuration)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE mine (id INTEGER PRIMARY KEY, text TEXT);
                    INSERT INTO mine (text) VALUES ('mine');
                    """)
        }
        return queue
    }

    private func agents() throws -> TemporaryStore {
        let temporary = try TemporaryStore(.builtIn(try BuiltInProjections.definitions()))
        for id in 1...20 {
            _ = try temporary.store.appendAndWait([
                Event(
                    type: "agent_session.started", stream: "agent_session/\(id)",
                    data: """
                        {"session_id":\(id),"agent_name":"a","provider":"p","model":"m",
                        "user_prompt":"é \\u0041 \(id)","config":{"n":\(id)},"at":\(1000 + id)}
                        """),
                Event(
                    type: "agent_message.appended", stream: "agent_session/\(id)",
                    data: """
                        {"message_id":\(id),"session_id":\(id),"role":"user","content":"hi","at":5}
                        """),
            ])
        }
        return temporary
    }

    /// Everything that a caller could see changed: settings, schema and rows of its own.
    private func own(_ db: Database) throws -> [String] {
        var found: [String] = []
        for pragma in [
            "foreign_keys", "recursive_triggers", "journal_mode", "synchronous", "cache_size",
            "user_version", "application_id", "busy_timeout", "defer_foreign_keys",
        ] {
            found.append("\(pragma) \(try Row.fetchOne(db, sql: "PRAGMA \(pragma)")?[0] ?? "-")")
        }
        found += try String.fetchAll(db, sql: "SELECT sql FROM sqlite_schema WHERE name = 'mine'")
        return found + (try String.fetchAll(db, sql: "SELECT id || text FROM mine"))
    }

    @Test("Its tables come beside the caller's, equal to the store's own, and follow the log")
    func projects() throws {
        let temporary = try agents()
        let store = temporary.store
        for foreignKeys in [false, true] {
            let queue = try callers(foreignKeys: foreignKeys)
            let before = try queue.read(own)
            #expect(try queue.read { try store.hasTables(of: "agents", in: $0) } == false)
            let result = try store.project("agents", modules: [], onto: queue)
            #expect(result.way == .created && result.versions == [1, 2, 3])
            #expect(result.foreignKeys == foreignKeys && result.checkpoint.value > 40)
            #expect(try queue.read(own) == before)
            #expect(try queue.read { try store.hasTables(of: "agents", in: $0) })
            for table in ["agent_sessions", "agent_messages", "agent_tool_calls"] {
                let sql = "SELECT * FROM \(table) ORDER BY id"
                let theirs = try queue.read { try Row.fetchAll($0, sql: sql) }
                let ours = try store.reader(of: "agents").read { try Row.fetchAll($0, sql: sql) }
                #expect(theirs == ours, "\(table)")
                #expect(table == "agent_tool_calls" || theirs.count == 20)
            }
            // Repeated it does nothing, and goes on with what has come.
            #expect(try store.project("agents", modules: [], onto: queue).events == 0)
            _ = try store.appendAndWait([
                Event(
                    type: "agent_session.completed", stream: "agent_session/1",
                    data: #"{"session_id":1,"result":"done"}"#)
            ])
            let next = try store.project("agents", modules: [], onto: queue)
            #expect(next.way == .caughtUp && next.events == 1)
            #expect(
                try queue.read {
                    try String.fetchOne(
                        $0, sql: "SELECT status FROM agent_sessions WHERE id = 1")
                } == "completed")
            // With another module everything is made anew.
            let more = try store.project("agents", modules: ["requirements"], onto: queue)
            #expect(more.way == .remade && more.versions == [1, 2, 3, 4])
            #expect(try queue.read { try $0.tableExists("project_requirements_qna") })
            #expect(try queue.read(own) == before)
            let less = try store.project("agents", modules: [], onto: queue)
            #expect(less.way == .remade)
            #expect(try queue.read { try $0.tableExists("project_requirements_qna") } == false)
            #expect(
                try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM agent_messages") }
                    == 20)
        }
    }

    @Test(
        "It is part of the caller's transaction: rolled back with it, and undone alone on an error")
    func transactions() throws {
        let temporary = try agents()
        defer { withExtendedLifetime(temporary) {} }
        let store = temporary.store
        let queue = try callers()
        try queue.inDatabase { db in
            try db.inTransaction {
                try db.execute(sql: "INSERT INTO mine (text) VALUES ('with')")
                _ = try store.project("agents", modules: [], onto: db)
                return .rollback
            }
            #expect(try db.tableExists("agent_sessions") == false)
            #expect(try db.tableExists("checkpoint") == false)
            try db.inTransaction {
                try db.execute(sql: "INSERT INTO mine (text) VALUES ('kept')")
                try db.execute(sql: "CREATE TABLE agent_messages (mine)")
                #expect(refusal { try store.project("agents", onto: db) }?.code == "EXTERNAL_CLASH")
                return .commit
            }
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM mine") == 2)
            #expect(try db.tableExists("agent_sessions") == false)
        }
    }

    @Test(
        "A name that is taken is refused before any change",
        arguments: [
            "CREATE TABLE agent_sessions (id)", "CREATE VIEW Agent_Messages AS SELECT 1",
            "CREATE TABLE schema_migrations (version TEXT)", "CREATE TABLE checkpoint (id)",
            "CREATE TABLE quarantine (position)", "CREATE TEMP TABLE agent_tool_calls (id)",
            "CREATE INDEX idx_agent_tool_calls_session ON mine (text)",
        ])
    func clashes(_ sql: String) throws {
        let temporary = try agents()
        defer { withExtendedLifetime(temporary) {} }
        let store = temporary.store
        let queue = try callers()
        try queue.inDatabase { db in
            try db.execute(sql: sql)
            let before = try String.fetchAll(db, sql: "SELECT type || name FROM sqlite_schema")
            #expect(refusal { try store.project("agents", onto: db) }?.code == "EXTERNAL_CLASH")
            #expect(
                try String.fetchAll(db, sql: "SELECT type || name FROM sqlite_schema") == before)
        }
    }

    @Test("A second projection, another log, and a handler that reads the clock are refused")
    func refusals() throws {
        let temporary = try agents()
        defer { withExtendedLifetime(temporary) {} }
        let store = temporary.store
        let queue = try callers()
        _ = try store.project("agents", modules: [], onto: queue)
        try queue.inDatabase { db in
            #expect(refusal { try store.project("usage", onto: db) }?.code == "EXTERNAL_CLASH")
            let other = try agents()
            #expect(
                refusal { try other.store.project("agents", modules: [], onto: db) }?.code
                    == "LINEAGE")
            #expect(
                refusal { try store.project("agents", modules: ["none"], onto: db) }?.code
                    == "MODULE_UNKNOWN")
        }
        let clock = """
            -- Migration: 004_clock
            -- Description: A column that reads the clock
            -- Module: items

            -- Up
            CREATE TABLE seen (id TEXT PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP);

            -- Down
            DROP TABLE seen;
            """
        let definition = try ProjectionDefinition.load(
            manifest: ("stock/projection.yaml", Array(Stock.manifest.utf8)),
            files: Stock.migrations.map { ("\($0).sql", Array($1.utf8)) }
                + [("004_clock.sql", Array(clock.utf8))])
        let timed = try TemporaryStore(.builtIn([definition]))
        let error = refusal { try timed.store.project("stock", onto: queue) as ExternalResult }
        #expect(error?.code == "EXTERNAL_CLOCK")
        #expect(error?.context.file == "004_clock.sql" && error?.context.line == 6)
    }

    @Test("Upcasts, seeds and refused events mean the same as in the store")
    func stock() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([
            Stock.added("a"), Stock.counted("a", 5),
            Event(type: "item.renamed", stream: "stock/a", data: #"{"to":"A"}"#),
            Event(
                type: "item.renamed", stream: "stock/a", data: #"{"name":"B"}"#, schemaVersion: 2),
        ])
        let queue = try callers(foreignKeys: true)
        _ = try stock.store.project(Stock.name, onto: queue) as ExternalResult
        let sql = "SELECT id, name, quantity FROM items ORDER BY id"
        let theirs = try queue.read { db in
            try Row.fetchAll(db, sql: sql).map {
                "\($0[0] as String)|\($0[1] as String)|\($0[2] as Int)"
            }
        }
        #expect(theirs == (try stock.rows(sql)))
        // The store was told not to ask: the event is in the log, and no projection takes it.
        _ = try stock.store.log.appendAndWait(try .init([Stock.counted("a", -99)]))
        let before = try queue.read { try Int.fetchOne($0, sql: "SELECT position FROM checkpoint") }
        let error = refusal { try queue.write { try stock.store.project(Stock.name, onto: $0) } }
        #expect(error?.code == "EVENT_REFUSED" && error?.context.type == "item.counted")
        #expect(
            try queue.read { try Int.fetchOne($0, sql: "SELECT position FROM checkpoint") }
                == before)
    }
}
