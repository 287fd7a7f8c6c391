import Foundation
import Testing

@Suite("annals proxies")
struct ProxiesTests {
    /// Runs what must succeed and returns the first proxy of its document.
    private func proxy(_ store: TestStore, _ arguments: String...) throws -> [String: Any] {
        let document = try store.succeed(["proxies"] + arguments + ["--json"]).json
        return try #require((document["proxies"] as? [[String: Any]])?.first)
    }

    private func add(_ store: TestStore, _ arguments: String...) throws -> String {
        let document = try store.succeed(["proxies", "add"] + arguments + ["--json"]).json
        let proxies = try #require(document["proxies"] as? [[String: Any]])
        return try #require(proxies.first?["id"] as? String)
    }

    @Test("A proxy is added with all it may have, listed, and removed by the command that it tells")
    func life() throws {
        let store = try TestStore.builtIn()
        let before = try store.projection("rotation")["digest"] as? String
        let added = try store.succeed(
            "proxies", "add", "socks5://[::1]:1080", "--name", "six", "--region", "eu-west",
            "--tag", "a", "--tag", "b", "--weight", "2.5", "--group", "g", "--country", "DE",
            "--json"
        ).json
        let six = try #require((added["proxies"] as? [[String: Any]])?.first)
        #expect(six["host"] as? String == "::1" && six["port"] as? Int == 1080)
        #expect(six["protocol"] as? String == "socks5" && six["status"] as? String == "checking")
        #expect(six["tags"] as? [String] == ["a", "b"] && six["weight"] as? Double == 2.5)
        #expect((six["geolocation"] as? [String: Any])?["country"] as? String == "DE")
        let id = try #require(six["id"] as? String)
        #expect(try proxy(store, "show", id)["name"] as? String == "six")
        #expect(try proxy(store, "list", "--tag", "b")["id"] as? String == id)
        #expect(try store.succeed("proxies", "--tag", "c").output == "no proxies\n")
        #expect(try store.succeed("proxies").output.contains("socks5://[::1]:1080"))
        #expect(added["back"] as? [String] == ["annals proxies remove \(id)"])
        try store.succeed("proxies", "remove", id)
        #expect(try store.projection("rotation")["digest"] as? String == before)
    }

    @Test("Common options may stand before a group, between its words, and after them")
    func options() throws {
        let store = try TestStore.builtIn()
        for call in [
            ["--json", "proxies"], ["proxies", "--json"], ["--json", "proxies", "list"],
            ["--store", store.path, "--json", "proxies", "list"], ["proxies", "list", "--json"],
        ] {
            #expect(
                try store.succeed(call).json["schema"] as? String == "annals.proxies/1", "\(call)")
        }
    }

    @Test("An edit changes what is named only, and its way back brings the old digest")
    func edit() throws {
        let store = try TestStore.builtIn()
        let id = try add(store, "http://a:1", "--region", "r", "--tag", "x", "--country", "FR")
        let before = try proxy(store, "show", id)
        let edited = try store.succeed(
            "proxies", "edit", id, "--address", "https://b:2", "--status", "disabled", "--region",
            "",
            "--no-tags", "--country", "", "--json"
        ).json
        let after = try #require((edited["proxies"] as? [[String: Any]])?.first)
        #expect(after["host"] as? String == "b" && after["port"] as? Int == 2)
        #expect(after["region"] is NSNull && after["tags"] as? [String] == [])
        #expect(after["name"] as? String == "a:1" && after["geolocation"] is NSNull)
        let back = try #require((edited["back"] as? [String])?.first)
        try store.succeed(back.split(separator: " ").dropFirst().map(String.init))
        var again = try proxy(store, "show", id)
        again["updatedAt"] = before["updatedAt"]
        #expect(NSDictionary(dictionary: again) == NSDictionary(dictionary: before))
        let nothing = try store.succeed("proxies", "edit", id, "--json").json
        #expect(nothing["message"] as? String == "nothing to do")
    }

    @Test("A check makes a proxy active or failed, and leaves a disabled one disabled")
    func check() throws {
        let store = try TestStore.builtIn()
        let id = try add(store, "http://a:1")
        let works = try proxy(store, "check", id, "works", "--latency", "7")
        #expect(works["status"] as? String == "active" && works["latencyMs"] as? Int == 7)
        #expect(try proxy(store, "check", id, "fails")["status"] as? String == "failed")
        try store.succeed("proxies", "edit", id, "--status", "disabled")
        #expect(try proxy(store, "check", id, "works")["status"] as? String == "disabled")
    }

    @Test("Weights and groups are assigned together, and taken back by the command that they tell")
    func assign() throws {
        let store = try TestStore.builtIn()
        let one = try add(store, "http://a:1", "--weight", "3")
        let two = try add(store, "http://a:2", "--group", "g")
        for id in [one, two] { try store.succeed("proxies", "check", id, "works") }
        let weights = try store.succeed("proxies", "weights", "\(one)=30", "\(two)=10", "--json")
            .json
        #expect((weights["active"] as? [String: Any])?["total"] as? Double == 40)
        try store.succeed("proxies", "weights", "--normalize")
        #expect(try proxy(store, "show", one)["weight"] as? Double == 75)
        #expect(weights["back"] as? [String] == ["annals proxies weights \(one)=3.0 \(two)=1.0"])
        let groups = try store.succeed("proxies", "groups", "\(one)=g", "\(two)=", "--json").json
        #expect(groups["back"] as? [String] == ["annals proxies groups \(one)= \(two)=g"])
        let listed = try store.succeed("proxies", "groups", "--json").json
        let table = (listed["groups"] as? [[String: Any]] ?? []).map {
            "\($0["group"] as? String ?? "-") \($0["active"] as? Int ?? -1)"
        }
        #expect(table == ["- 1", "g 1"])
    }

    @Test(
        "What is refused leaves every file as it was",
        arguments: [
            ("DUPLICATE", 1, ["add", "http://a:1"]),
            ("FIELD_INVALID", 1, ["add", "http://a:70000"]),
            ("FIELD_INVALID", 1, ["add", "http://b:1", "--weight", "101"]),
            ("FIELD_INVALID", 1, ["add", "http://b:1", "--name", ""]),
            ("USAGE", 64, ["add", "http://user:hidden@b:1"]), ("USAGE", 64, ["add", "ftp://b:1"]),
            ("USAGE", 64, ["add", "http://b"]), ("USAGE", 64, ["add", "http://::1:80"]),
            ("NOT_FOUND", 1, ["remove", "nobody"]), ("NOT_FOUND", 1, ["edit", "nobody"]),
            ("NOT_FOUND", 1, ["weights", "nobody=1"]), ("USAGE", 64, ["weights", "nobody=x"]),
            ("NOT_FOUND", 1, ["groups", "nobody=g"]), ("NOT_FOUND", 1, ["show", "nobody"]),
            ("NOT_FOUND", 1, ["check", "nobody", "works"]),
            ("USAGE", 64, ["list", "--limit", "0"]),
        ])
    func refused(code: String, status: Int32, arguments: [String]) throws {
        let store = try TestStore.builtIn()
        _ = try add(store, "http://a:1")
        let before = try store.files()
        let error = try store.fail(code, status: status, ["proxies"] + arguments)
        #expect(!"\(error)".contains("hidden"))
        #expect(try store.files() == before)
    }

    @Test("--watch shows the list again and again until interrupted")
    func watch() throws {
        let store = try TestStore.builtIn()
        let started = try store.start(["proxies", "--watch", "--interval", "0.1", "--json"])
        for _ in 0..<300 where try started.outputSoFar.split(separator: "\n").count < 3 {
            Thread.sleep(forTimeInterval: 0.1)
        }
        started.process.interrupt()
        let run = try started.wait()
        #expect(run.status == 0 && run.output.split(separator: "\n").count > 2)
    }
}
