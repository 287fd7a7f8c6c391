import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Sticky sessions")
struct StickyTests {
    /// A store with the proxies `a` and `b` and an inactive configuration `id-1`.
    private func fixture() async throws -> RotationFixture {
        let fixture = try RotationFixture()
        _ = try await fixture.rotation.rotationConfigs.create(
            RotationConfigInput(name: "c", strategy: .stickySession))
        for id in ["a", "b"] {
            try fixture.append([
                ProxyAdded(
                    proxyID: id, name: id, host: id, port: 1, protocol: .http, weight: 1,
                    status: .active, at: fixture.clock.now)
            ])
        }
        return fixture
    }

    private func after(_ fixture: RotationFixture, _ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: fixture.clock.now.milliseconds + milliseconds)
    }

    @Test(
        "O2.32 T2.5 E2.34 C18 a new mapping counts nothing; one that is there keeps id, count and age"
    )
    func upsert() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        let made = try await sticky.upsert(domain: "*.x.example", proxyID: "a", ttlSeconds: 60)
        #expect(made.isWildcard && made.requestCount == 0 && made.proxyID == "a")
        #expect(made.ttlMs == 60_000 && made.ttlSeconds == 60 && made.expiryMode == .fixed)
        #expect(made.expiresAt == after(fixture, 60_000) && made.lastUsedAt == fixture.clock.now)
        #expect(try await sticky.recordUsage(id: made.id))
        fixture.clock.advance(milliseconds: 1_000)
        let again = try await sticky.upsert(domain: "*.x.example", proxyID: "b", ttlSeconds: 0)
        #expect(again.id == made.id && again.requestCount == 1 && again.proxyID == "b")
        #expect(again.createdAt == made.createdAt && again.lastUsedAt == made.lastUsedAt)
        #expect(again.expiresAt == nil && again.ttlMs == nil)
        #expect(again.updatedAt == fixture.clock.now)
        #expect(try await !sticky.upsert(domain: "x.example", proxyID: "a").isWildcard)
        try fixture.expectReplayEqual()
    }

    @Test("O2.32 X2.2 a domain is there once for each configuration, and once for none")
    func unique() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        for proxy in ["a", "b"] {
            _ = try await sticky.upsert(domain: "x", proxyID: proxy)
            _ = try await sticky.upsert(domain: "x", proxyID: proxy, configID: "id-1")
        }
        #expect(try sticky.findAll().map(\.proxyID) == ["b", "b"])
        // Two programs that did not see each other's mapping still leave one row.
        try fixture.append([
            StickySessionMapped(
                mappingID: "other", domain: "x", isWildcard: false, proxyID: "a",
                expiryMode: .fixed, at: fixture.clock.now)
        ])
        #expect(try sticky.find(domain: "x")?.proxyID == "a")
        #expect(try sticky.findAll().count == 2)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.32 a mapping names a proxy and a configuration that are there, a domain, a life that ends"
    )
    func refusals() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        await refused(.missingReference) { _ = try await sticky.upsert(domain: "x", proxyID: "z") }
        await refused(.missingReference) {
            _ = try await sticky.upsert(domain: "x", proxyID: "a", configID: "z")
        }
        for domain in ["", String(repeating: "d", count: 256), "a\u{0}b"] {
            await refused(.invalid(field: "domain")) {
                _ = try await sticky.upsert(domain: domain, proxyID: "a")
            }
        }
        for seconds in [-1, 3_155_760_001, .max] as [Int64] {
            await refused(.invalid(field: "ttl")) {
                _ = try await sticky.upsert(domain: "x", proxyID: "a", ttlSeconds: seconds)
            }
        }
        #expect(try sticky.findAll().isEmpty)
    }

    @Test(
        "O2.33 O2.36 O3.13 O3.14 O3.18 mappings are found by text, configuration and proxy, over or not"
    )
    func finding() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        let old = try await sticky.upsert(domain: "old", proxyID: "a", ttlSeconds: 1)
        fixture.clock.advance(milliseconds: 1_001)
        let mine = try await sticky.upsert(domain: "x", proxyID: "a", configID: "id-1")
        fixture.clock.advance(milliseconds: 1)
        let free = try await sticky.upsert(domain: "x", proxyID: "b")
        #expect(try sticky.find(domain: "old") == old && sticky.find(id: old.id) == old)
        #expect(try sticky.find(domain: "x") == free)
        #expect(try sticky.find(domain: "x", configID: "id-1") == mine)
        #expect(try sticky.find(domain: "OLD") == nil && sticky.find(domain: "*") == nil)
        #expect(try sticky.find(configID: "id-1") == [mine])
        #expect(try sticky.find(proxyID: "a") == [old, mine])
        #expect(try sticky.findActive() == [free, mine])
        #expect(try sticky.findAll().count == 3)
        #expect(try sticky.findUnconfigured() == [old, free])
    }

    @Test(
        "O2.34 C9 X2.11 the exact mapping speaks first, then the longest pattern, then the newest")
    func matching() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        func add(_ domain: String, _ config: String? = nil, ttl: Int64? = nil) async throws
            -> String
        {
            fixture.clock.advance(milliseconds: 1)
            return try await sticky.upsert(
                domain: domain, proxyID: "a", configID: config, ttlSeconds: ttl
            ).id
        }
        func find(_ domain: String, _ config: String? = nil) throws -> String? {
            try sticky.findMapping(forDomain: domain, configID: config)?.id
        }
        let all = try await add("*.example")
        let shop = try await add("*.shop.example")
        let exact = try await add("www.shop.example", ttl: 1)
        #expect(try find("WWW.Shop.example") == exact)
        #expect(try find("https://www.shop.example:8443/cart") == exact)
        #expect(try find("a.b.shop.example") == shop && find("shop.example") == shop)
        #expect(try find("example") == all && find("other.example") == all)
        #expect(try find("notexample") == nil && find("") == nil)
        fixture.clock.advance(milliseconds: 1_000)
        #expect(try find("www.shop.example") == exact)
        fixture.clock.advance(milliseconds: 1)
        #expect(try find("www.shop.example") == shop)
        let newer = try await add("w*.shop.exampl?")
        let newest = try await add("?*.shop.example")
        #expect(try find("www.shop.example") == shop && newer != newest)
        #expect(try sticky.find(id: shop)?.requestCount == 0)
    }

    @Test(
        "C9 without a configuration: mappings of none, then of active ones, then of any, by priority"
    )
    func levels() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        let configs = fixture.rotation.rotationConfigs
        func config(_ priority: Int, group: String?) async throws -> String {
            try await configs.create(
                RotationConfigInput(
                    name: "n", strategy: .random, targetGroup: group, priority: priority)
            ).id
        }
        let resting = try await config(9, group: nil)
        let low = try await config(1, group: "l")
        let high = try await config(2, group: "h")
        for id in [low, high] { try await configs.setActive(id: id) }
        var ids: [String: String] = [:]
        for owner in [resting, low, high] {
            ids[owner] = try await sticky.upsert(
                domain: owner == high ? "*.example" : "x.example", proxyID: "a", configID: owner
            ).id
        }
        func find(_ config: String? = nil) throws -> String? {
            try sticky.findMapping(forDomain: "x.example", configID: config)?.id
        }
        #expect(try find() == ids[high])
        #expect(try find(low) == ids[low] && find(resting) == ids[resting])
        #expect(try find("nobody") == nil)
        let free = try await sticky.upsert(domain: "*", proxyID: "b").id
        #expect(try find() == free && find(high) == ids[high])
        for id in [low, high] { try await configs.deactivate(id: id) }
        try await sticky.delete(id: free)
        #expect(try find() == ids[resting])
    }

    @Test("O2.35 O2.37 O2.38 E2.35 E2.36 E2.37 uses count, lives are renewed, proxies change")
    func using() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        let fixed = try await sticky.upsert(domain: "x", proxyID: "a", ttlSeconds: 10)
        let endless = try await sticky.upsert(domain: "y", proxyID: "a")
        fixture.clock.advance(milliseconds: 4_000)
        #expect(try await sticky.recordUsage(id: fixed.id))
        #expect(try await !sticky.recordUsage(id: "nobody"))
        var now = try #require(try sticky.find(id: fixed.id))
        #expect(now.requestCount == 1 && now.lastUsedAt == fixture.clock.now)
        #expect(now.expiresAt == fixed.expiresAt)
        #expect(try await sticky.refreshTTL(id: fixed.id))
        #expect(try sticky.find(id: fixed.id)?.expiresAt == after(fixture, 10_000))
        #expect(try await sticky.refreshTTL(id: fixed.id, ttlSeconds: 3))
        now = try #require(try sticky.find(id: fixed.id))
        #expect(now.expiresAt == after(fixture, 3_000) && now.ttlSeconds == 10)
        #expect(try await !sticky.refreshTTL(id: endless.id))
        #expect(try await !sticky.refreshTTL(id: "nobody", ttlSeconds: 1))
        #expect(try await sticky.refreshTTL(id: endless.id, ttlSeconds: 1))
        #expect(try await sticky.updateProxy(id: fixed.id, proxyID: "b"))
        #expect(try await !sticky.updateProxy(id: "nobody", proxyID: "b"))
        await refused(.missingReference) {
            try await sticky.updateProxy(id: fixed.id, proxyID: "nobody")
        }
        #expect(try sticky.find(id: fixed.id)?.proxyID == "b")
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.39 O2.40 O2.41 O3.16 O3.17 X2.3 E2.38 E2.39 mappings leave by id, domain, configuration, age"
    )
    func removing() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        for (domain, ttl) in [("a", 1), ("b", 2), ("*.c", nil), ("d", nil)] as [(String, Int64?)] {
            _ = try await sticky.upsert(domain: domain, proxyID: "a", ttlSeconds: ttl)
            _ = try await sticky.upsert(
                domain: domain, proxyID: "a", configID: "id-1", ttlSeconds: ttl)
        }
        // At the moment of its end a mapping is not over yet, but it is cleaned up.
        fixture.clock.advance(milliseconds: 1_000)
        #expect(try sticky.stats().active == 8)
        fixture.clock.advance(milliseconds: 1)
        let stats = try sticky.stats()
        #expect([stats.total, stats.active, stats.expired, stats.wildcard] == [8, 6, 2, 2])
        fixture.clock.advance(milliseconds: 999)
        #expect(try await sticky.cleanupExpired() == 4)
        #expect(try await sticky.cleanupExpired() == 0)
        #expect(try await sticky.delete(domain: "d"))
        #expect(try await !sticky.delete(domain: "d"))
        #expect(try sticky.find(domain: "d", configID: "id-1") != nil)
        #expect(try await sticky.delete(configID: "id-1") == 2)
        #expect(try await sticky.delete(configID: "id-1") == 0)
        let last = try #require(try sticky.findAll().first)
        #expect(last.domain == "*.c")
        #expect(try await sticky.delete(id: last.id))
        #expect(try await !sticky.delete(id: last.id))
        let none = try sticky.stats()
        #expect([none.total, none.active, none.expired, none.wildcard] == [0, 0, 0, 0])
        try fixture.expectReplayEqual()
    }

    @Test(
        "O3.12 O3.15 C8 T3.4 X3.2 E3.4 programs with one mapping a domain: milliseconds after the last use"
    )
    func domains() async throws {
        let fixture = try await fixture()
        let sticky = fixture.rotation.stickySessions
        let made = try await sticky.create(domain: "x", proxyID: "a", ttl: 3_600_000)
        #expect(made.requestCount == 1 && made.configID == nil && made.expiryMode == .sliding)
        #expect(made.expiresAt == after(fixture, 3_600_000))
        fixture.clock.advance(milliseconds: 3_599_000)
        #expect(try await sticky.recordUsage(id: made.id))
        #expect(try sticky.find(domain: "x")?.expiresAt == after(fixture, 3_600_000))
        #expect(try await sticky.create(domain: "x", proxyID: "b", ttl: 5).id == made.id)
        #expect(try sticky.find(domain: "x")?.requestCount == 2)
        #expect(
            try fixture.rows(
                "SELECT domain, proxy_id, request_count, ttl_ms, is_wildcard, last_used FROM sticky_sessions"
            )
                == [["x", "b", "2", "5", "0", "2026-01-01 00:59:59"]])
        let moved = try #require(try await sticky.update(domain: "x", proxyID: "a"))
        #expect(moved.proxyID == "a" && moved.ttlMs == 5)
        let longer = try #require(try await sticky.update(domain: "x", ttl: 7))
        #expect(longer.ttlMs == 7 && longer.proxyID == "a" && longer.requestCount == 2)
        #expect(try await sticky.update(domain: "x", ttl: .some(nil))?.expiresAt == nil)
        let count = try fixture.types().count
        #expect(try await sticky.update(domain: "x")?.proxyID == "a")
        #expect(try await sticky.update(domain: "nobody", proxyID: "a") == nil)
        #expect(try fixture.types().count == count)
        await refused(.invalid(field: "ttl")) {
            _ = try await sticky.create(domain: "x", proxyID: "a", ttl: -1)
        }
        try fixture.expectReplayEqual()
    }
}
