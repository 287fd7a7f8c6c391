import Annals
import AnnalsTesting
import EventModel
import LogStorage
import RotationProjection
import Synchronization
import Testing

@Suite("Rotating")
struct RotateTests {
    private func fixture(
        _ proxies: [Proxy] = Pool.five, options: (inout RotationStore.Options) -> Void = { _ in }
    ) throws -> RotationFixture {
        let fixture = try RotationFixture(options: options)
        try fixture.append(
            proxies.map { proxy in
                ProxyAdded(
                    proxyID: proxy.id, name: proxy.name, host: proxy.host, port: 1, protocol: .http,
                    weight: proxy.weight, rotationGroup: proxy.rotationGroup,
                    geolocation: proxy.geolocation, status: .active, at: fixture.clock.now)
            })
        return fixture
    }

    /// Makes an active configuration.
    private func activate(
        _ fixture: RotationFixture, _ strategy: RotationStrategy,
        common: [String: JSONValue] = [:], _ settings: [String: JSONValue] = [:],
        group: String? = nil, rules: [RotationRuleInput] = []
    ) async throws -> String {
        let id = try await fixture.rotation.rotationConfigs.create(
            RotationConfigInput(
                name: "c", strategy: strategy, commonConfig: common, strategyConfig: settings,
                targetGroup: group), rules: rules
        ).id
        try await fixture.rotation.rotationConfigs.setActive(id: id)
        return id
    }

    private func rotate(
        _ fixture: RotationFixture, _ count: Int, _ request: RotationRequest = RotationRequest()
    ) async throws -> [String] {
        var ids: [String] = []
        for _ in 0..<count {
            ids.append(try await fixture.rotation.rotate(request).proxy?.id ?? "-")
        }
        return ids
    }

    @Test(
        "O2.86 O2.50 D12 a choice is appended with its reason, counted, and kept for the next one")
    func roundRobin() async throws {
        let fixture = try fixture()
        let first = try await fixture.rotation.rotate(
            RotationRequest(
                url: "https://Shop.example/x", tabID: "t", sessionID: "s", metadata: ["a": 1]))
        #expect(first.proxy?.id == "a" && first.previousProxyID == nil && first.configID == nil)
        #expect(first.reason == .startup && first.rotationID == "id-1" && first.ruleIDs.isEmpty)
        #expect(try await rotate(fixture, 6) == ["b", "c", "d", "e", "a", "b"])
        let audit = try fixture.rotation.rotationEvents.recent()
        #expect(audit.count == 7 && audit[0].newProxyID == "b" && audit[0].previousProxyID == "a")
        #expect(audit[0].reason == .loadBalance)
        #expect(audit[6].id == "id-1" && audit[6].domain == "shop.example" && audit[6].tabID == "t")
        #expect(audit[6].url == "https://Shop.example/x" && audit[6].metadata == ["a": 1])
        #expect(
            try fixture.rows(
                "SELECT proxy_id, rotation_count FROM proxy_usage_stats ORDER BY proxy_id")
                == [["a", "2"], ["b", "2"], ["c", "1"], ["d", "1"], ["e", "1"]])
        #expect(
            try fixture.types().suffix(2) == [
                "proxy_rotation.occurred", "proxy_usage.rotation_counted",
            ])
        try fixture.expectReplayEqual()
    }

    @Test("O2.86 random and weighted choices are outcomes in the log: a replay does not draw again")
    func chance() async throws {
        let fixture = try fixture(
            [Pool.proxy("a", weight: 0), Pool.proxy("b", weight: 1), Pool.proxy("c", weight: 99)])
        _ = try await activate(fixture, .random)
        let drawn = try await rotate(fixture, 30)
        #expect(Set(drawn) == ["a", "b", "c"])
        _ = try await activate(fixture, .weighted)
        let weighed = try await rotate(fixture, 30)
        #expect(!weighed.contains("a") && weighed.count { $0 == "c" } > 25)
        let audit = try fixture.rotation.rotationEvents.recent()
        #expect(audit.reversed().map(\.newProxyID) == drawn + weighed)
        try fixture.expectReplayEqual()
    }

    @Test("O2.86 least-used counts what was chosen since the configuration was set")
    func leastUsed() async throws {
        let fixture = try fixture()
        let id = try await activate(fixture, .leastUsed)
        #expect(try await rotate(fixture, 6) == ["a", "b", "c", "d", "e", "a"])
        _ = try await fixture.rotation.rotationEvents.record(
            RotationInput(reason: .manual, configID: id, newProxyID: "b"))
        #expect(try await rotate(fixture, 1) == ["c"])
        try await fixture.rotation.rotationConfigs.setActive(id: id)
        let anew = try await fixture.rotation.rotate()
        #expect(anew.proxy?.id == "a" && anew.reason == .startup)
        try await fixture.rotation.rotationConfigs.delete(id: id)
        for table in ["states", "turns", "uses"] {
            #expect(try fixture.rows("SELECT * FROM rotation_\(table)").isEmpty)
        }
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.86 fastest and failure-aware look at what was recorded, geographic takes turns in a country"
    )
    func others() async throws {
        let fixture = try fixture([
            Pool.proxy("us", country: "US"), Pool.proxy("de1", country: "DE"),
            Pool.proxy("de2", country: "DE"),
        ])
        let proxies = fixture.rotation.proxies
        try await proxies.recordCheck(id: "us", success: true, latency: 50)
        try await proxies.recordCheck(id: "de1", success: true, latency: 20)
        try await proxies.updateStats(id: "us", success: false)
        try await proxies.updateStats(id: "de1", success: false)
        _ = try await activate(fixture, .fastest)
        #expect(try await rotate(fixture, 2) == ["de1", "de1"])
        _ = try await activate(fixture, .failureAware)
        #expect(try await rotate(fixture, 2) == ["de2", "de2"])
        _ = try await activate(fixture, .geographic, ["geographicPreferences": ["DE"]])
        #expect(try await rotate(fixture, 3) == ["de1", "de2", "de1"])
        let there = try await fixture.rotation.rotate(RotationRequest(country: "US"))
        #expect(there.proxy?.id == "us" && there.reason == .geographic)
        #expect(try await rotate(fixture, 1) == ["de2"])
        #expect(
            try fixture.rows("SELECT country, turns FROM rotation_turns ORDER BY country") == [
                ["de", "4"], ["us", "1"],
            ])
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.86 time-based: nothing is written before its time; the interval that chance gave is kept"
    )
    func timeBased() async throws {
        let fixture = try fixture()
        let id = try await activate(
            fixture, .timeBased, common: ["interval": 1_000], ["jitterPercent": 50])
        #expect(try await fixture.rotation.rotate().reason == .startup)
        let interval = try #require(
            try fixture.rows("SELECT next_interval_ms FROM rotation_states").first?[0].flatMap(
                Int64.init))
        #expect((500...1_500).contains(interval) && interval != 1_000)
        let count = try fixture.types().count
        fixture.clock.advance(milliseconds: interval - 1)
        let kept = try await fixture.rotation.rotate()
        #expect(kept.proxy?.id == "a" && kept.rotationID == nil && kept.reason == nil)
        #expect(try fixture.types().count == count)
        fixture.clock.advance(milliseconds: 1)
        let due = try await fixture.rotation.rotate()
        #expect(due.proxy?.id != "a" && due.reason == .scheduled && due.configID == id)
        let forced = try await fixture.rotation.rotate(RotationRequest(isForced: true))
        #expect(forced.proxy?.id != due.proxy?.id && forced.reason == .manual)
        #expect(try await fixture.rotation.rotate(RotationRequest(hasFailed: true)).reason == nil)
        let told = RotationRequest(isForced: true, reason: .rateLimit)
        #expect(try await fixture.rotation.rotate(told).reason == .rateLimit)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.86 C8 sticky: a domain's first proxy stays, each use moves its end, then it gets a new one"
    )
    func sticky() async throws {
        let fixture = try fixture()
        let id = try await activate(
            fixture, .stickySession,
            ["stickySessionTTL": 1_000, "stickyHashAlgorithm": "round-robin"])
        let shop = RotationRequest(url: "https://shop.example/a")
        let first = try await fixture.rotation.rotate(shop)
        #expect(first.proxy?.id == "a" && first.reason == .startup)
        let mapping = try #require(
            try fixture.rotation.stickySessions.find(domain: "shop.example", configID: id))
        #expect(
            mapping.requestCount == 1 && mapping.expiryMode == .sliding && mapping.ttlMs == 1_000)
        fixture.clock.advance(milliseconds: 900)
        let again = try await fixture.rotation.rotate(shop)
        #expect(again.proxy?.id == "a" && again.rotationID == nil)
        #expect(try fixture.types().last == "sticky_session.used")
        #expect(
            try await fixture.rotation.rotate(RotationRequest(domain: "other.example")).proxy?.id
                == "b")
        fixture.clock.advance(milliseconds: 1_000)
        #expect(try await fixture.rotation.rotate(shop).proxy?.id == "a")
        fixture.clock.advance(milliseconds: 1_001)
        let late = try await fixture.rotation.rotate(shop)
        #expect(late.proxy?.id == "c" && late.reason == .ttlExpired)
        let renewed = try #require(try fixture.rotation.stickySessions.find(id: mapping.id))
        #expect(renewed.proxyID == "c" && renewed.requestCount == 3)
        #expect(try await rotate(fixture, 2) == ["d", "e"])
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.86 C9 sticky: a proxy that is out is replaced where that is allowed; patterns speak for domains"
    )
    func stickyGone() async throws {
        let fixture = try fixture()
        let request = RotationRequest(domain: "www.shop.example")
        for (allowed, expected) in [(false, "-"), (true, "a")] {
            let id = try await activate(
                fixture, .stickySession,
                [
                    "stickyFallbackOnFailure": .bool(allowed),
                    "stickyHashAlgorithm": "round-robin",
                ])
            let mapping = try await fixture.rotation.stickySessions.upsert(
                domain: "*.Shop.example", proxyID: "e", configID: id)
            #expect(try await rotate(fixture, 1, request) == ["e"])
            try await fixture.rotation.proxies.setStatus(id: "e", .failed)
            let count = try fixture.types().count
            #expect(try await rotate(fixture, 1, request) == [expected])
            let after = try #require(try fixture.rotation.stickySessions.find(id: mapping.id))
            #expect(after.proxyID == (allowed ? "a" : "e"))
            #expect(try fixture.types().count == count + (allowed ? 4 : 0))
            try await fixture.rotation.proxies.setStatus(id: "e", .active)
        }
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.81 O2.85 C12 C33 custom: rules of the configuration and global ones choose, keep and are named"
    )
    func custom() async throws {
        let fixture = try fixture()
        _ = try await activate(
            fixture, .custom,
            rules: [
                RotationRuleInput(
                    name: "bank", conditions: [RuleCondition(.domain, .equals, "bank.example")],
                    actions: [RuleAction(.useProxy, ["proxyId": "d"])], priority: 5),
                RotationRuleInput(
                    name: "stay", conditions: [RuleCondition(.path, .startsWith, "/cart")],
                    actions: [RuleAction(.skipRotation)], priority: 9),
            ])
        let global = try await fixture.rotation.rotationRules.create(
            RotationRuleInput(
                name: "not a", conditions: [RuleCondition(.domain, .endsWith, ".test")],
                actions: [RuleAction(.excludeProxy, ["proxyId": "a"])], priority: 1))
        #expect(try await rotate(fixture, 2) == ["a", "b"])
        let bank = try await fixture.rotation.rotate(RotationRequest(domain: "bank.example"))
        #expect(bank.proxy?.id == "d" && bank.reason == .ruleTriggered && bank.ruleIDs.count == 1)
        let audit = try #require(try fixture.rotation.rotationEvents.recent(limit: 1).first)
        #expect(audit.metadata == ["rules": .array(bank.ruleIDs.map(JSONValue.string))])
        let count = try fixture.types().count
        let kept = try await fixture.rotation.rotate(
            RotationRequest(url: "http://x.example/cart/1"))
        #expect(kept.proxy?.id == "d" && kept.rotationID == nil && kept.ruleIDs.count == 1)
        #expect(try fixture.types().count == count)
        let test = try await fixture.rotation.rotate(RotationRequest(domain: "x.test"))
        #expect(test.proxy?.id == "b" && test.ruleIDs == [global.id])
        #expect(try await rotate(fixture, 1) == ["c"])
        try fixture.expectReplayEqual()
    }

    @Test("O2.4 O2.86 the group's active configuration chooses among the group's active proxies")
    func groups() async throws {
        let fixture = try fixture([
            Pool.proxy("a", group: "g"), Pool.proxy("b"), Pool.proxy("c", group: "g"),
        ])
        let inGroup = RotationRequest(targetGroup: "g")
        #expect(try await rotate(fixture, 3, inGroup) == ["a", "c", "a"])
        let id = try await activate(fixture, .leastUsed, group: "g")
        #expect(try await rotate(fixture, 3, inGroup) == ["a", "c", "a"])
        #expect(try await rotate(fixture, 1, RotationRequest(configID: id)) == ["c"])
        try await fixture.rotation.proxies.setStatus(id: "a", .disabled)
        #expect(try await rotate(fixture, 2, inGroup) == ["c", "c"])
        var off = RotationConfigChange()
        off.enabled = false
        _ = try await fixture.rotation.rotationConfigs.update(id: id, off)
        #expect(try await fixture.rotation.rotate(inGroup).configID == nil)
        #expect(try await fixture.rotation.rotate(RotationRequest(configID: id)).configID == id)
    }

    @Test("O2.86 nothing to choose is nobody, and nothing is written; what is wrong is refused")
    func nothing() async throws {
        let fixture = try fixture([])
        #expect(try await rotate(fixture, 1) == ["-"])
        let nobody = try await fixture.rotation.rotate()
        #expect(nobody.rotationID == nil && nobody.reason == nil && nobody.proxy == nil)
        await refused(.notFound("c")) {
            _ = try await fixture.rotation.rotate(RotationRequest(configID: "c"))
        }
        await refused(.invalid(field: "url")) {
            _ = try await fixture.rotation.rotate(RotationRequest(url: "a\u{7F}b"))
        }
        #expect(try fixture.types().isEmpty)
    }

    @Test("O2.86 a choice that another program overtook is made anew, from what is there then")
    func overtaken() async throws {
        // The moment between reading and appending is when chance is asked.
        let meanwhile = Mutex<[@Sendable () throws -> Void]>([])
        let fixture = try fixture {
            $0.random = {
                if let act = meanwhile.withLock({ $0.popLast() }) { try? act() }
                return 0
            }
        }
        _ = try await activate(fixture, .random)
        let at = fixture.clock.now
        let config = try #require(try fixture.rotation.rotationConfigs.findActive()).id
        meanwhile.withLock {
            $0 = [
                { try fixture.append([ProxyRemoved(proxyID: "a")]) },
                {
                    try fixture.append([
                        ProxyRotationOccurred(
                            rotationID: "other", configID: config, newProxyID: "e",
                            reason: .manual, at: at)
                    ])
                },
            ]
        }
        let outcome = try await fixture.rotation.rotate()
        #expect(outcome.previousProxyID == "e" && outcome.proxy?.id == "b")
        #expect(meanwhile.withLock { $0.isEmpty })
        #expect(try fixture.types().count { $0 == "proxy_rotation.occurred" } == 2)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.86 a hundred times overtaken is given up with what was in the way, and nothing is left")
    func givingUp() async throws {
        let count = Mutex(0)
        let act = Mutex<(@Sendable () throws -> Void)?>(nil)
        let fixture = try fixture {
            $0.random = {
                count.withLock { $0 += 1 }
                try? act.withLock { $0 }?()
                return 0
            }
        }
        let config = try await activate(fixture, .random)
        act.withLock { act in
            act = {
                let number = count.withLock { $0 }
                try fixture.append([
                    ProxyRotationOccurred(
                        rotationID: "other \(number)", configID: config, newProxyID: "e",
                        reason: .manual, at: fixture.clock.now)
                ])
            }
        }
        await #expect {
            _ = try await fixture.rotation.rotate()
        } throws: { error in
            guard case .store(let error) = (error as? RotationError)?.reason else { return false }
            return error.kind == .conflict
        }
        #expect(count.withLock { $0 } == 100)
        #expect(try fixture.rotation.rotationEvents.recent(limit: 200).count == 100)
    }

    @Test("O2.86 many tasks of one program take turns exactly")
    func tasks() async throws {
        let fixture = try fixture()
        let rotation = fixture.rotation
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10 { _ = try await rotation.rotate() } }
            }
            try await group.waitForAll()
        }
        #expect(
            try fixture.rows("SELECT uses FROM rotation_uses") == Array(repeating: ["16"], count: 5)
        )
        #expect(try fixture.rotation.rotationEvents.recent(limit: 99).count == 80)
        try fixture.expectReplayEqual()
    }
}
