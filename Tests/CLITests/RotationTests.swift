import Foundation
import Testing

@Suite("annals rotation and stats")
struct RotationTests {
    /// A proxy `p` with four requests of one hour, two rotations and two configurations.
    private static let events = [
        (
            "proxy.added",
            #"{"proxy_id":"p","name":"one","host":"a","port":1,"protocol":"http","at":3600000}"#
        ),
        (
            "proxy_usage.recorded",
            #"{"proxy_id":"p","requests":3,"successful":3,"failed":0,"latency_ms":20,"#
                + #""bytes_sent":1,"bytes_received":2048,"domain":"x.org","country":"DE","at":3600000}"#
        ),
        (
            "proxy_usage.recorded",
            #"{"proxy_id":"p","requests":1,"successful":0,"failed":1,"#
                + #""error":{"type":"timeout"},"domain":"y.org","at":3700000}"#
        ),
        (
            "proxy_rotation.occurred",
            #"{"rotation_id":"r1","new_proxy_id":"p","reason":"startup","domain":"x.org","at":3600000}"#
        ),
        (
            "proxy_rotation.occurred",
            #"{"rotation_id":"r2","previous_proxy_id":"p","new_proxy_id":"p","reason":"manual","at":3700000}"#
        ),
        (
            "rotation_config.created",
            #"{"config_id":"c1","name":"first","strategy":"weighted","at":3600000}"#
        ),
        (
            "rotation_config.created",
            #"{"config_id":"c2","name":"second","strategy":"random","at":3600000}"#
        ),
    ]

    private func store() throws -> TestStore {
        let store = try TestStore.builtIn()
        let lines = Self.events.enumerated().map { index, event in
            #"{"specversion":"1.0","id":"\#(index)","source":"/t","type":"\#(event.0)","#
                + #""subject":"s/\#(index)","data":\#(event.1)}"#
        }
        try store.succeed(["import", "-"], input: lines.joined(separator: "\n") + "\n")
        return store
    }

    private static let at = ["--at", "1970-01-01T02:00:00Z"]

    @Test("stats shows hours, sums, the best, errors, targets and days")
    func stats() throws {
        let store = try store()
        func document(_ words: String...) throws -> [String: Any] {
            try store.succeed(["stats"] + words + Self.at + ["--json"]).json
        }
        let now = try #require((try document()["proxies"] as? [[String: Any]])?.first)
        #expect(now["requests24h"] as? Int == 4 && now["success24h"] as? Int == 3)
        let proxy = try document("proxy", "p")
        #expect(proxy["requests"] as? Int == 4 && proxy["successRate"] as? Double == 75)
        #expect(proxy["p95LatencyMs"] as? Double == 20 && proxy["bytesReceived"] as? Int == 2048)
        let hour = try #require((proxy["buckets"] as? [[String: Any]])?.first)
        #expect(hour["hour"] as? String == "1970-01-01T01:00:00.000Z")
        #expect(hour["errors"] as? [String: Int] == ["timeout": 1])
        let top = try #require((try document("top")["proxies"] as? [[String: Any]])?.first)
        #expect(top["name"] as? String == "one" && top["failed"] as? Int == 1)
        let errors = try #require((try document("errors")["errors"] as? [[String: Any]])?.first)
        #expect(errors["type"] as? String == "timeout" && errors["count"] as? Int == 1)
        let targets = try document("targets", "domain")["targets"] as? [[String: Any]]
        #expect(targets?.compactMap { $0["value"] as? String } == ["x.org", "y.org"])
        let days = try store.succeed("stats", "days", "--json").json["days"] as? [[String: Any]]
        #expect(days?.first?["date"] as? String == "1970-01-01")
        let text = try store.succeed(["stats", "proxy", "p"] + Self.at).output
        #expect(text.contains("75 %") && text.contains("2 KiB"), "\(text)")
        let later = try store.succeed("stats", "errors")
        #expect(later.output == "no errors\n")
    }

    @Test("rotation shows what occurred and why")
    func rotations() throws {
        let store = try store()
        let log = try store.succeed("rotation", "--json").json["rotations"] as? [[String: Any]]
        #expect(log?.compactMap { $0["id"] as? String } == ["r2", "r1"])
        #expect(log?.last?["domain"] as? String == "x.org")
        for (filter, count) in [
            (["--reason", "manual"], 1), (["--proxy", "p"], 2), (["--domain", "x.org"], 1),
            (["--config", "c1"], 0), (["--limit", "1"], 1),
        ] {
            let found = try store.succeed(["rotation", "log", "--json"] + filter).json
            #expect((found["rotations"] as? [Any])?.count == count, "\(filter)")
        }
        let why = try store.succeed(["rotation", "reasons", "--json"] + Self.at).json
        let reasons = (why["reasons"] as? [[String: Any]])?.compactMap { $0["reason"] as? String }
        #expect(reasons == ["manual", "startup"])
    }

    @Test("A configuration is activated, and the command that it tells brings the other one back")
    func activate() throws {
        let store = try store()
        func active() throws -> [String] {
            let all = try store.succeed("rotation", "configs", "--json").json["configs"]
            return (all as? [[String: Any]] ?? []).filter { $0["isActive"] as? Bool == true }
                .compactMap { $0["id"] as? String }
        }
        func back(_ words: String...) throws -> [String] {
            let done = try store.succeed(["rotation"] + words + ["--json"]).json
            let back = try #require((done["back"] as? [String])?.first)
            return back.split(separator: " ").dropFirst().map(String.init)
        }
        let none = try back("activate", "c1")
        let first = try back("activate", "c2")
        #expect(try active() == ["c2"])
        try store.succeed(first)
        #expect(try active() == ["c1"])
        let again = try store.succeed("rotation", "activate", "c1", "--json").json
        #expect(again["message"] as? String == "nothing to do")
        try store.succeed(none)
        #expect(try active() == [])
    }

    @Test("Rotating chooses by the active configuration, records it once, and keeps what it may")
    func rotate() throws {
        let store = try TestStore.builtIn()
        #expect(try store.succeed("rotation", "rotate").output == "no proxy fits\n")
        for port in 1...2 {
            let made = try store.succeed("proxies", "add", "http://a:\(port)", "--json").json
            let id = (made["proxies"] as? [[String: Any]])?.first?["id"] as? String
            try store.succeed("proxies", "check", try #require(id), "works")
        }
        let added = try store.succeed(
            "rotation", "add", "turns", "--strategy", "round-robin", "--settings", "{}", "--json"
        ).json
        let config = try #require(added["config"] as? String)
        try store.succeed("rotation", "activate", config)
        var chosen: [String] = []
        for _ in 0..<3 {
            let outcome = try store.succeed("rotation", "rotate", "--force", "--json").json
            #expect(outcome["config"] as? String == config && outcome["reason"] is String)
            let proxy = try #require(outcome["proxy"] as? [String: Any])
            chosen.append(try #require(proxy["id"] as? String))
        }
        #expect(chosen[0] != chosen[1] && chosen[0] == chosen[2])
        let log = try store.succeed("rotation", "--json").json["rotations"] as? [[String: Any]]
        #expect(log?.compactMap { $0["to"] as? String } == chosen.reversed())
        try store.succeed("rotation", "remove", config)
        #expect(try store.succeed("rotation", "configs").output == "no configurations\n")
        try store.succeed("verify")
    }

    @Test("Maintenance takes away what is older than it is told to keep; the log keeps it")
    func maintenance() throws {
        let store = try store()
        let events = try store.head()
        let kept = try store.succeed(
            "rotation", "maintenance", "--stats-days", "36525", "--events-days", "36525", "--json"
        ).json
        #expect(kept["statsDeleted"] as? Int == 0 && kept["eventsDeleted"] as? Int == 0)
        let done = try store.succeed("rotation", "maintenance", "--vacuum", "--json").json
        #expect(done["statsDeleted"] as? Int == 1 && done["eventsDeleted"] as? Int == 2)
        #expect(done["vacuumed"] as? Bool == true)
        #expect(try store.succeed("rotation").output == "no rotations\n")
        #expect(try store.head() > events)
        try store.succeed("verify")
    }

    @Test(
        "What is refused leaves every file as it was",
        arguments: [
            ("NOT_FOUND", 1, ["rotation", "activate", "x"]),
            ("NOT_FOUND", 1, ["rotation", "deactivate", "x"]),
            ("NOT_FOUND", 1, ["rotation", "remove", "x"]),
            ("NOT_FOUND", 1, ["rotation", "rotate", "--config", "x"]),
            ("USAGE", 64, ["rotation", "add", "n", "--strategy", "guess"]),
            ("USAGE", 64, ["rotation", "add", "n", "--strategy", "random", "--settings", "[1]"]),
            ("NOT_FOUND", 1, ["stats", "proxy", "x"]),
            ("NOT_FOUND", 1, ["stats", "targets", "--proxy", "x"]),
            ("FIELD_INVALID", 1, ["stats", "days", "--from", "May"]),
            ("USAGE", 64, ["stats", "top", "--limit", "0"]),
            ("USAGE", 64, ["stats", "errors", "--hours", "0"]),
            ("USAGE", 64, ["rotation", "log", "--reason", "boredom"]),
            ("USAGE", 64, ["rotation", "log", "--reason", "manual", "--domain", "x.org"]),
            ("USAGE", 64, ["rotation", "maintenance", "--stats-days", "-1"]),
        ])
    func refused(code: String, status: Int32, arguments: [String]) throws {
        let store = try store()
        let before = try store.files()
        try store.fail(code, status: status, arguments)
        #expect(try store.files() == before)
    }
}
