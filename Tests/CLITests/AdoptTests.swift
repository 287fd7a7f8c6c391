import Foundation
import SQLite
import Testing

@Suite("adopt")
struct AdoptTests {
    /// A file in the store's test folder.
    private func file(_ sql: String, in store: TestStore, name: String = "old.db") throws -> String
    {
        let path = store.folder.appendingPathComponent(name).path
        try Connection(path: path, mode: .create).execute(sql)
        return path
    }

    /// The schema of a built-in projection at a version, as its own migrations make it.
    private func replayed(_ projection: String, _ version: String, _ store: TestStore) throws
        -> String
    {
        let path = store.folder.appendingPathComponent("\(projection)-\(version).db").path
        try store.succeed(
            "replay", projection, "--at-version", version, "--to-position", "0", "--into", path)
        return path
    }

    /// Rows in every table of the newest version; proxies and credentials refer to each other.
    private static let fullRotation = """
        INSERT INTO encryption_keys VALUES ('k', 'scrypt', '{"n":2}', 'c2FsdA==', 5);
        INSERT INTO proxies (id, name, host, port, protocol, status, weight, rotation_group, tags)
        VALUES ('p', 'n', 'h', 80, 'http', 'disabled', 0, NULL, '["a"]'),
            ('q', 'n', 'h', 81, 'socks5', NULL, 2.5, 'g', NULL);
        INSERT INTO encrypted_credentials (id, proxy_id, credential_name, credential_type,
            encrypted_password, key_id, rotation_required, access_count, expires_at)
        VALUES ('c', 'p', 'proxy:p', 'proxy_auth', 'a:b:c', 'k', 1, 7, 99),
            ('d', 'q', 'two', 'api_key', NULL, NULL, NULL, NULL, NULL),
            ('e', NULL, 'free', 'oauth', 'x', 'k', 0, 0, NULL);
        UPDATE proxies SET credential_id = 'd' WHERE id = 'p';
        UPDATE proxies SET credential_id = 'c' WHERE id = 'q';
        INSERT INTO password_migration_status (id, started_at, migrated_count, status)
        VALUES (1, 3, 2, 'in_progress');
        INSERT INTO proxy_usage_stats (id, proxy_id, time_bucket, latency_sum_ms)
        VALUES ('p_1', 'p', 3600000, 1.5), ('q_1', 'q', 3600000, 0);
        INSERT INTO proxy_usage_distinct VALUES ('p_1', 'domain', 'a.b');
        INSERT INTO proxy_usage_errors VALUES ('p_1', 'timeout', 3);
        INSERT INTO proxy_usage_latencies VALUES ('p_1', 1.5, 1);
        INSERT INTO rotation_configs (id, name, strategy, is_active, common_config, target_group)
        VALUES ('r', 'n', 'random', 1, '{"interval":5}', NULL), ('s', 'n', 'fastest', 1, NULL, 'g');
        INSERT INTO rotation_events (id, seq, timestamp, config_id, previous_proxy_id, new_proxy_id,
            reason, metadata)
        VALUES ('e1', 4, 9, 'r', NULL, 'p', 'startup', NULL), ('e2', 9, 9, NULL, 'p', 'q', 'manual', '{}');
        INSERT INTO sticky_session_mappings (id, domain, is_wildcard, proxy_id, config_id, ttl_ms,
            expiry_mode, expires_at)
        VALUES ('m', '*.a.b', 1, 'p', NULL, NULL, 'fixed', NULL), ('o', 'a.b', 0, 'q', 's', 9, 'sliding', 10);
        INSERT INTO proxy_rotation_rules (id, config_id, name, priority, conditions, enabled)
        VALUES ('u', NULL, 'all', NULL, '[{"a":1}]', 0), ('w', 's', 'one', 3, '[]', 1);
        """

    @Test("O1.4 The built-in projections adopt their own tables, at every version")
    func builtIn() throws {
        let maker = try TestStore.builtIn()
        for (projection, version, sql, rows) in [
            (
                "agents", "1",
                """
                INSERT INTO agent_sessions (id, agent_name, provider, model, user_prompt, started_at)
                VALUES (1, 'a', 'p', 'm', 'u', 5), (2, 'a', 'p', 'm', 'u', 6)
                """, 2
            ),
            (
                "rotation", "1",
                """
                INSERT INTO proxies (id, name, host, port, protocol)
                VALUES ('p', 'n', 'h', 80, 'http')
                """, 1
            ),
            (
                "rotation", "5",
                """
                INSERT INTO proxies (id, name, host, port, protocol, weight)
                VALUES ('p', 'n', 'h', 80, 'http', NULL), ('q', 'n', 'h', 81, 'http', 2.5)
                """, 2
            ),
            ("rotation", "10", Self.fullRotation, 20),
            (
                "usage", "2",
                """
                INSERT INTO usage_config (id, created_at, updated_at, is_active)
                VALUES (1, 1, 2, 0), (4, 3, 4, 1);
                INSERT INTO hook_sessions VALUES ('s', 1, 2, 1);
                INSERT INTO events VALUES (1, 'a', 's', 't', '{}', NULL, NULL, 1);
                """, 4
            ),
        ] {
            let file = try replayed(projection, version, maker)
            try Connection(path: file, mode: .readWrite).execute(sql)
            let store = try TestStore()
            try store.succeed("init", "--no-migrate")
            let before = try Data(contentsOf: URL(fileURLWithPath: file))
            let document = try store.succeed(
                "adopt", file, "--projection", projection, "--json"
            ).json
            #expect(document["schema"] as? String == "annals.adopt/1")
            #expect(document["version"] as? Int == Int(version), "\(projection) \(version)")
            #expect(document["equal"] as? Bool == true)
            let tables = try #require(document["tables"] as? [[String: Any]])
            #expect(tables.compactMap { $0["rows"] as? Int }.reduce(0, +) == rows)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
            #expect(try store.projection(projection)["version"] as? Int == Int(version))
            try store.succeed("verify")
            // The way on.
            try store.succeed("migrate", "--projection", projection)
            try store.succeed("verify")
            try store.succeed("validate")
            try store.succeed("rollback", "--projection", projection)
            try store.succeed("verify")
        }
    }

    @Test("--new makes folder and store; the result shows that file and projection are equal")
    func new() throws {
        let store = try TestStore()
        let path = try file(
            "CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada'), ('Bob')", in: store
        )
        let into = store.folder.appendingPathComponent("own").path
        let run = try store.succeed("adopt", path, "--new", "people", "--into", into)
        #expect(run.output.contains("people     2  place in the file  equal"), "\(run.output)")
        #expect(run.output.contains("file unchanged: sha256 "))
        let lines = try store.succeed("log", "--type", "people.adopted", "--json").jsonLines
        #expect(lines.map { $0["stream"] as? String } == ["people/1", "people/2"])
        #expect(
            lines.map { ($0["data"] as? [String: Any])?["name"] as? String } == ["Ada", "Bob"])
        let admin = try store.succeed("log", "--type", "migration.adopted", "--json").jsonLines
        #expect((admin.first?["data"] as? [String: Any])?["versions"] as? [Int] == [1])
        #expect(
            try store.succeed("adopt", path, "--new", "people", "--into", into).output
                .contains("nothing to do"))
        #expect(try store.projection("people")["state"] as? String == "current")
    }

    @Test("What is refused leaves the store byte-identical, with the code and status of its kind")
    func refused() throws {
        let store = try TestStore.people()
        let before = try store.files()
        let path = try file("CREATE TABLE people (name)", in: store)
        try store.fail("ADOPT_SCHEMA", ["adopt", path])
        try store.fail("ADOPT_FOLDER", ["adopt", path, "--new", "x", "--into", "elsewhere"])
        try store.fail("FILE_MISSING", ["adopt", "none.db"])
        try store.fail("PROJECTION_UNKNOWN", ["adopt", path, "--projection", "none"])
        try store.fail("USAGE", status: 64, ["adopt", path, "--new", "x"])
        #expect(try store.files() == before)
        // It has no handler for rows of another program; --scaffold writes it.
        let own = store.folder.appendingPathComponent("people.db").path
        try store.succeed("replay", "people", "--into", own)
        let sections = try store.succeed("adopt", own, "--scaffold").output
        #expect(sections.contains("-- On people.adopted\nINSERT INTO people ("))
        #expect(try store.files() == before)
    }
}
