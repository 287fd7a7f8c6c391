import AllProjections
import Annals
import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@Suite("The shipped projections' Downs")
struct ShippedProofTests {
    /// Events for the tables that the sample data leaves empty, as CloudEvents lines.
    static let more: [(type: String, subject: String, data: String)] = [
        (
            "proxy.added", "proxy/p",
            #"{"proxy_id":"p","name":"p","host":"h","port":1,"protocol":"http"}"#
        ),
        (
            "proxy_usage.recorded", "proxy/p",
            #"{"proxy_id":"p","successful":1,"latency_ms":12.5,"domain":"example.org","country":"DE","at":1000}"#
        ),
        (
            "proxy_usage.recorded", "proxy/p",
            #"{"proxy_id":"p","failed":1,"error":{"type":"timeout","message":"late"},"session":"s","at":2000}"#
        ),
        (
            "rotation_config.created", "rotation_config/c",
            #"{"config_id":"c","name":"c","strategy":"weighted","target_group":null}"#
        ),
        ("rotation_config.activated", "rotation_config/c", #"{"config_id":"c"}"#),
        ("proxy.weights_changed", "proxy/p", #"{"weights":[{"proxy_id":"p","weight":2.5}]}"#),
        (
            "agent_session.started", "agent_session/1",
            #"{"session_id":1,"agent_name":"a","provider":"p","model":"m","user_prompt":"u"}"#
        ),
        (
            "requirements.questions_asked", "agent_session/1",
            #"{"session_id":1,"questions":[{"qna_id":1,"question_id":"q","question":"?"}]}"#
        ),
        (
            "requirements.answers_recorded", "agent_session/1",
            #"{"session_id":1,"answers":{"q":"!"}}"#
        ),
        (
            "agent_settings.requested", "agent_session/1",
            #"{"session_id":1,"settings":[{"setting_id":1,"setting_key":"k","setting_name":"n"}]}"#
        ),
        (
            "agent_settings.values_recorded", "agent_session/1",
            #"{"session_id":1,"values":{"k":"v"}}"#
        ),
        (
            "usage_snapshot.recorded", "hook_session/mem_session",
            #"{"snapshot_id":1,"session_id":"mem_session","snapshot_data":"{}","timestamp":5}"#
        ),
    ]

    /// Tables in which the proof must have found rows; without them it would prove little.
    static let filled: Set<String> = [
        "proxies", "proxy_usage_stats", "proxy_usage_latencies", "proxy_usage_errors",
        "proxy_usage_distinct", "proxy_usage_stats_daily", "rotation_configs", "agent_sessions",
        "agent_messages", "agent_tool_calls", "project_requirements_qna", "project_settings",
        "events", "hook_sessions", "usage_config", "usage_snapshots",
    ]

    static var sampleData: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../tools/sample-data").standardizedFileURL
    }

    @Test("Every Down with SQL is proven over the sample data, with rows to prove it on")
    func shipped() async throws {
        let folder = try TemporaryFolder()
        let lines = Self.more.enumerated().map { index, event in
            #"{"specversion":"1.0","id":"more/\#(index)","source":"test","type":"\#(event.type)","#
                + #""subject":"\#(event.subject)","data":\#(event.data)}"#
        }
        let file = try folder.write(lines.joined(separator: "\n") + "\n", to: "more.jsonl")
        let sample = [
            "03-proxies-stormsia-2026-05", "05-agents-swe-agent", "08-usage-llm-claude-code",
        ].map { Self.sampleData.appendingPathComponent("\($0).jsonl.gz").path }
        let temporary = try TemporaryStore(
            .builtIn(try BuiltInProjections.definitions()), migrates: false)
        let proofs = try await temporary.store.prove(allModules: true, history: sample + [file])
        #expect(Set(proofs.map(\.projection)).isSuperset(of: ["agents", "rotation", "usage"]))
        for proof in proofs {
            #expect(proof.events > 20_000)
            for migration in proof.migrations {
                let title = "\(proof.projection) \(migration.number)"
                #expect(!migration.isFailed, "\(title): \(migration.differences.map(\.summary))")
                #expect(migration.isProven || migration.down == .replay, "\(title)")
                #expect(Self.filled.isDisjoint(with: migration.tablesWithoutRows), "\(title)")
            }
        }
        #expect(proofs.allSatisfy { $0.failed == 0 && $0.proven > 0 })
        #expect(try temporary.store.log.head().value == 0)
    }
}
