import Annals
import AnnalsTesting
import EventModel
import GRDB
import LogStorage
import ProjectionEngine
import RotationProjection
import Testing

@Suite("The projection's schema and life")
struct SchemaTests {
    private func columns(_ fixture: RotationFixture, _ table: String) throws -> Set<String> {
        Set(try fixture.rows("SELECT name FROM pragma_table_info('\(table)')").compactMap(\.[0]))
    }

    @Test("T2.1 T3.1 C2 proxies have the columns of both programs, and none for a plaintext secret")
    func proxies() throws {
        let fixture = try RotationFixture()
        let found = try columns(fixture, "proxies")
        #expect(
            found.isSuperset(of: [
                "id", "name", "host", "port", "protocol", "credential_id", "status", "latency",
                "last_checked", "failure_count", "total_requests", "success_rate", "region", "tags",
                "weight", "rotation_group", "geolocation_json", "created_at", "updated_at",
            ]))
        #expect(found.isDisjoint(with: ["username", "password"]))
        // An event that says neither gets what the columns' defaults say.
        _ = try fixture.temporary.store.appendAndWait([
            Event(
                type: "proxy.added", stream: "proxy/p",
                data: #"{"proxy_id":"p","name":"p","host":"h","port":1,"protocol":"socks4"}"#)
        ])
        #expect(
            try fixture.rows("SELECT status, success_rate, total_requests, weight FROM proxies")
                == [
                    ["active", "100.0", "0", "1.0"]
                ])
    }

    @Test(
        "T2.1 T2.2 T2.3 T2.5 T2.6 T2.7 T3.3 T3.4 T3.5 T3.6 T3.7 the tables and views have their columns",
        arguments: [
            (
                "rotation_configs",
                "id name description strategy is_active common_config strategy_config target_group priority enabled created_at updated_at created_by"
            ),
            (
                "proxy_usage_stats",
                "id proxy_id time_bucket total_requests successful_requests failed_requests avg_latency_ms min_latency_ms max_latency_ms p95_latency_ms bytes_sent bytes_received rotation_count rotation_reasons error_counts last_error last_error_at target_countries unique_domains unique_sessions created_at updated_at"
            ),
            (
                "sticky_session_mappings",
                "id domain is_wildcard proxy_id config_id ttl_seconds ttl_ms expiry_mode expires_at request_count last_used_at created_at updated_at"
            ),
            (
                "proxy_rotation_rules",
                "id config_id name description priority conditions condition_logic actions stop_on_match enabled created_at updated_at"
            ),
            (
                "rotation_events",
                "id seq timestamp config_id previous_proxy_id new_proxy_id reason domain url tab_id session_id metadata"
            ),
            (
                "rotation_config",
                "id strategy interval_ms max_requests_per_proxy failure_threshold config_json updated_at"
            ),
            (
                "sticky_sessions",
                "domain proxy_id created_at last_used request_count ttl_ms is_wildcard"
            ),
            (
                "rotation_rules",
                "id name priority conditions_json condition_logic actions_json stop_on_match enabled created_at"
            ),
            (
                "proxy_usage_stats_daily",
                "proxy_id date request_count success_count failure_count total_latency_ms"
            ),
            (
                "v_proxy_current_stats",
                "id name host port protocol status weight rotation_group region latency success_rate requests_24h success_24h rotations_24h avg_latency_24h"
            ),
            (
                "v_rotation_configs_summary",
                "id name strategy is_active enabled target_group priority rule_count sticky_mapping_count created_at updated_at"
            ),
        ])
    func tables(name: String, wanted: String) throws {
        let found = try columns(try RotationFixture(), name)
        #expect(found.isSuperset(of: wanted.split(separator: " ").map(String.init)))
    }

    @Test(
        "T2.1 T2.3 T2.5 T2.7 T3.7 K12 the indexes serve the questions that they are for",
        arguments: [
            ("idx_proxies_status", "proxies WHERE status = 'active'"),
            ("idx_proxies_protocol", "proxies WHERE protocol = 'http'"),
            ("idx_proxies_region", "proxies WHERE region = 'EU'"),
            ("idx_proxies_rotation_group", "proxies WHERE rotation_group = 'g'"),
            (
                "idx_proxies_status_weight",
                "proxies WHERE status = 'active' AND weight > 0 ORDER BY weight DESC"
            ),
            (
                "sqlite_autoindex_proxy_usage_stats_2",
                "proxy_usage_stats WHERE proxy_id = 'p' AND time_bucket >= 5 ORDER BY time_bucket DESC"
            ),
            ("idx_usage_stats_time", "proxy_usage_stats WHERE time_bucket < 5"),
            (
                "idx_sticky_domain_config",
                "sticky_session_mappings WHERE domain = 'd' AND coalesce(config_id, '') = ''"
            ),
            ("idx_sticky_proxy", "sticky_session_mappings WHERE proxy_id = 'p'"),
            ("idx_sticky_config", "sticky_session_mappings WHERE config_id = 'c'"),
            ("idx_sticky_expires", "sticky_session_mappings WHERE expires_at <= 5"),
            (
                "idx_rotation_events_timestamp",
                "rotation_events WHERE timestamp >= 5 ORDER BY timestamp DESC, seq DESC"
            ),
            (
                "idx_rotation_events_config",
                "rotation_events WHERE config_id = 'c' ORDER BY timestamp DESC"
            ),
            ("idx_rotation_events_reason", "rotation_events WHERE reason = 'manual'"),
            (
                "idx_usage_stats_daily_date",
                "proxy_usage_stats_daily WHERE date BETWEEN '2026-01-01' AND '2026-01-31'"
            ),
        ])
    func indexes(index: String, question: String) throws {
        let plan = try RotationFixture().rows("EXPLAIN QUERY PLAN SELECT * FROM \(question)")
        let steps = plan.compactMap { $0.last ?? nil }.joined(separator: "; ")
        #expect(steps.contains("INDEX \(index) ") && !steps.contains("SCAN "), "\(steps)")
        #expect(!steps.contains("USE TEMP B-TREE"), "\(steps)")
    }

    @Test("T2.3 T2.5 the two indexes with all that a question needs are used for it")
    func covering() throws {
        let fixture = try RotationFixture()
        for (index, question) in [
            (
                "idx_usage_stats_success",
                "SELECT sum(total_requests), sum(successful_requests) FROM proxy_usage_stats WHERE proxy_id = 'p'"
            ),
            (
                "idx_sticky_domain_proxy",
                "SELECT proxy_id, expires_at FROM sticky_session_mappings WHERE domain = 'd'"
            ),
        ] {
            let plan = try fixture.rows("EXPLAIN QUERY PLAN \(question)")
            #expect(plan.first?.last??.contains("COVERING INDEX \(index) ") == true, "\(plan)")
        }
    }

    @Test("C5 T2.2 each of the eleven strategies is kept as it is given, another one is refused")
    func strategies() async throws {
        let fixture = try RotationFixture()
        #expect(RotationStrategy.allCases.count == 11)
        for strategy in RotationStrategy.allCases {
            let made = try await fixture.rotation.rotationConfigs.create(
                RotationConfigInput(name: strategy.rawValue, strategy: strategy))
            #expect(made.strategy == strategy)
        }
        #expect(throws: AnnalsError.self) {
            _ = try fixture.temporary.store.appendAndWait([
                Event(
                    type: "rotation_config.created", stream: "rotation_config/x",
                    data: #"{"config_id":"x","name":"x","strategy":"by-mood"}"#)
            ])
        }
    }

    @Test("X2.16 C19 an id is any text; those that are given here are UUIDs")
    func ids() async throws {
        let fixture = try RotationFixture()
        try fixture.append([
            ProxyAdded(
                proxyID: "proxy-123", name: "p", host: "h", port: 1, protocol: .http, weight: 1,
                status: .active, at: fixture.clock.now)
        ])
        #expect(try fixture.rotation.proxies.find(id: "proxy-123")?.name == "p")
        try await fixture.rotation.proxies.updateWeight(id: "proxy-123", 7)
        let made = RotationStore.Options().makeID()
        #expect(made.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
    }

    @Test(
        "C20 C21 what is not there is nil, false or an error, as the operation says; one error type"
    )
    func absence() async throws {
        let fixture = try RotationFixture()
        let rotation = fixture.rotation
        #expect(try rotation.proxies.find(id: "x") == nil)
        #expect(try await !rotation.proxies.setStatus(id: "x", .failed))
        await refused(.notFound("x")) { _ = try await rotation.proxies.update(id: "x", .init()) }
        #expect(try await rotation.rotationConfigs.update(id: "x", .init()) == nil)
        #expect(try await !rotation.stickySessions.delete(id: "x"))
        #expect(try await !rotation.stickySessions.delete(domain: "x"))
        let taken: Int = try await rotation.stickySessions.delete(configID: "x")
        #expect(taken == 0)
        #expect(try fixture.types().isEmpty)
    }

    @Test(
        "T2.8 O2.76 O2.77 O3.24 M2.1 M2.2 M2.8 M2.10 M3.3 opening applies what the program brings along"
    )
    func opening() throws {
        let temporary = try TemporaryStore(.builtIn([Rotation.definition()]), migrates: false)
        #expect(try temporary.store.needsMigration("rotation"))
        var status = try #require(try temporary.store.status().projections.first)
        #expect(status.version == 0 && status.applied.isEmpty)
        #expect(status.pending.map(\.number) == Array(1...10) + [20])
        #expect(status.pending.first?.name == "proxies")
        let store = try temporary.reopen { $0.migrates = true }
        #expect(store.migratedOnOpen.map(\.projection) == ["rotation"])
        status = try #require(try store.status().projections.first)
        #expect(status.version == 20 && status.pending.isEmpty && status.applied.count == 11)
        #expect(try !store.needsMigration("rotation"))
        var rows: [[QueryValue]] = []
        try store.query(
            "rotation", "SELECT version, name FROM schema_migrations ORDER BY version",
            columns: { #expect($0 == ["version", "name"]) }, row: { rows.append($0) })
        #expect(rows.count == 11 && rows[1] == [.integer(2), .text("usage_statistics")])
        let reader = try store.reader(of: "rotation")
        #expect(try reader.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test("O3.24 M2.3 M2.9 M3.1 M3.2 steps up and down; what was written meanwhile is there again")
    func stepping() async throws {
        let fixture = try RotationFixture()
        let store = fixture.temporary.store
        _ = try await fixture.rotation.proxies.add(
            ProxyInput(name: "p", host: "h", port: 1, protocol: .http, weight: 7))
        let before = try store.digest(of: "rotation")
        #expect(try store.rollback("rotation").to == 10)
        #expect(try store.rollback("rotation", to: .version(4)).to == 4)
        #expect(try fixture.rows("SELECT name FROM proxies") == [["p"]])
        // The weight has no column at this version, and is in the log.
        try fixture.append([
            ProxyWeightsChanged(
                weights: [.init(proxyID: "id-1", weight: 9)], cause: .single, at: fixture.clock.now)
        ])
        #expect(try store.migrate("rotation", to: .steps(1)).to == 5)
        #expect(try fixture.rows("SELECT weight FROM proxies") == [["9.0"]])
        #expect(try store.migrate("rotation").to == 20)
        #expect(try store.digest(of: "rotation") != before)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.78 O3.25 X2.8 many changes are one append, a backup is a whole store, closing is closing"
    )
    func database() async throws {
        let fixture = try RotationFixture()
        let store = fixture.temporary.store
        let now = fixture.clock.now
        let good = ProxyAdded(
            proxyID: "p", name: "p", host: "h", port: 1, protocol: .http, weight: 1,
            status: .active, at: now)
        var bad = good
        bad.port = 0
        #expect(throws: AnnalsError.self) { try fixture.append([good, bad]) }
        #expect(try fixture.rows("SELECT * FROM proxies").isEmpty)
        try fixture.append([good])
        let folder = try TemporaryFolder()
        _ = try store.backup(to: folder.path + "/backup")
        _ = try EventStore.verifyBackup(at: folder.path + "/backup")
        // A backup that cannot be made is an error, never a warning.
        #expect(throws: AnnalsError.self) { _ = try store.backup(to: folder.path + "/backup") }
        #expect(try fixture.rotation.proxies.find(id: "p") != nil)
    }
}
