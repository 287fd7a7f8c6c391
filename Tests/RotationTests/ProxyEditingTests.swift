import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Proxies: adding, changing, removing")
struct ProxyEditingTests {
    private let berlin = Geolocation(
        country: "DE", countryName: "Germany", region: "Berlin", city: "Berlin", latitude: 52.5,
        longitude: 13.4, timezone: "Europe/Berlin", isp: "X", asn: "AS1")

    @Test("O2.64 O3.1 X3.2 a proxy that is added is being checked, and what it is told is kept")
    func adding() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        let made = try await proxies.add(
            ProxyInput(
                name: "Berlin 1", host: "10.0.0.1", port: 8080, protocol: .socks5,
                username: "dropped without a password", region: "EU", tags: ["fast", "home"],
                weight: 2.5, rotationGroup: "home", geolocation: berlin))
        #expect(made.id == "id-1" && made.status == .checking && made.successRate == 100)
        #expect(made.name == "Berlin 1" && made.host == "10.0.0.1" && made.port == 8080)
        #expect(made.protocol == .socks5 && made.region == "EU" && made.tags == ["fast", "home"])
        #expect(made.weight == 2.5 && made.rotationGroup == "home" && !made.hasCredentials)
        #expect(made.country == "DE" && made.totalRequests == 0 && made.failureCount == 0)
        #expect(made.geolocation?.object?["latitude"] == 52.5)
        #expect(made.geolocation?.object?.count == 9)
        #expect(made.createdAt == fixture.clock.now && made.updatedAt == fixture.clock.now)
        let least = try await proxies.add(
            ProxyInput(name: "n", host: "h", port: 1, protocol: .http))
        #expect(least.tags.isEmpty && least.geolocation == nil && least.weight == 1)
        #expect(try fixture.types() == ["proxy.added", "proxy.added"])
        try fixture.expectReplayEqual()
    }

    private typealias Wrong = (field: String, change: (inout ProxyInput) -> Void)

    @Test("O2.64 T2.1 what a field may not hold is refused before anything is written")
    func limits() async throws {
        let wrong: [Wrong] = [
            ("name", { $0.name = "" }), ("name", { $0.name = String(repeating: "n", count: 256) }),
            ("name", { $0.name = "a\u{7}b" }), ("host", { $0.host = "" }),
            ("host", { $0.host = "two words" }),
            ("host", { $0.host = String(repeating: "h", count: 256) }),
            ("port", { $0.port = 0 }), ("port", { $0.port = 65_536 }),
            ("region", { $0.region = String(repeating: "r", count: 101) }),
            ("tags", { $0.tags = Array(repeating: "t", count: 21) }),
            ("tags", { $0.tags = [String(repeating: "t", count: 51)] }),
            ("tags", { $0.tags = [""] }),
            ("weight", { $0.weight = -1 }), ("weight", { $0.weight = 100.5 }),
            ("weight", { $0.weight = .nan }), ("rotationGroup", { $0.rotationGroup = "" }),
            ("geolocation", { $0.geolocation = Geolocation(country: "") }),
            ("geolocation", { $0.geolocation = Geolocation(country: "DE", latitude: 91) }),
            ("geolocation", { $0.geolocation = Geolocation(country: "DE", longitude: .nan) }),
        ]
        let fixture = try RotationFixture()
        for (field, change) in wrong {
            var input = ProxyInput(name: "n", host: "h", port: 80, protocol: .http)
            change(&input)
            let refusedInput = input
            await refused(.invalid(field: field)) {
                _ = try await fixture.rotation.proxies.add(refusedInput)
            }
        }
        #expect(try fixture.types().isEmpty)
    }

    @Test("O2.64 a batch is one append: one address that is taken, and none of it is there")
    func batch() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        let inputs = (1...3).map {
            ProxyInput(name: "p\($0)", host: "10.0.0.\($0)", port: 80, protocol: .http)
        }
        #expect(try await proxies.add(inputs).map(\.name) == ["p1", "p2", "p3"])
        #expect(try await proxies.add([]).isEmpty)
        var again = inputs[1]
        again.name = "again"
        let other = ProxyInput(name: "p4", host: "10.0.0.4", port: 80, protocol: .http)
        await refused(.duplicate) { _ = try await proxies.add([other, again]) }
        again.protocol = .https
        #expect(try await proxies.add([other, again]).count == 2)
        #expect(try proxies.findAll().count == 5)
        try fixture.expectReplayEqual()
    }

    @Test("O2.64 O2.65 without a master key a password is refused, and nothing is left")
    func passwords() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        var input = ProxyInput(name: "n", host: "h", port: 80, protocol: .http)
        let made = try await proxies.add(input)
        input.host = "other"
        input.password = "secret"
        await #expect { _ = try await proxies.add(input) } throws: { error in
            let error = error as? RotationError
            return error?.reason == .encryption
                && error?.message == "Encryption service not initialized"
        }
        var change = ProxyChange()
        change.name = "renamed"
        change.password = "secret"
        await refused(.encryption) { _ = try await proxies.update(id: made.id, change) }
        #expect(try fixture.types() == ["proxy.added"])
        #expect(try proxies.find(id: made.id)?.name == "n")
    }

    @Test("O2.65 O3.4 E2.2 what is changed changes, what is not stays, null takes away")
    func updating() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        let made = try await proxies.add(
            ProxyInput(
                name: "n", host: "h", port: 80, protocol: .http, region: "EU", tags: ["a"],
                geolocation: berlin))
        fixture.clock.advance(milliseconds: 5)
        var change = ProxyChange()
        change.username = "counts only with a password"
        #expect(try await proxies.update(id: made.id, change) == made)
        #expect(try fixture.types().count == 1)
        change.name = "new"
        change.port = 81
        change.protocol = .https
        change.status = .active
        change.region = .some(nil)
        change.geolocation = .some(Geolocation(country: "FR"))
        let changed = try await proxies.update(id: made.id, change)
        #expect(changed.name == "new" && changed.host == "h" && changed.port == 81)
        #expect(changed.protocol == .https && changed.status == .active && changed.region == nil)
        #expect(changed.tags == ["a"] && changed.country == "FR")
        #expect(changed.createdAt == made.createdAt && changed.updatedAt == fixture.clock.now)
        var bare = ProxyChange()
        bare.host = "moved"
        bare.tags = []
        bare.geolocation = .some(nil)
        let last = try await proxies.update(id: made.id, bare)
        #expect(last.host == "moved" && last.tags.isEmpty && last.geolocation == nil)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.65 O3.4 changes are refused as additions are, an unknown id is an error, a batch is whole"
    )
    func refusedUpdates() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        let made = try await proxies.add(
            ["a", "b"].map { ProxyInput(name: $0, host: $0, port: 80, protocol: .http) })
        var change = ProxyChange()
        change.name = "new"
        await refused(.notFound("nobody")) { _ = try await proxies.update(id: "nobody", change) }
        await refused(.notFound("nobody")) {
            _ = try await proxies.update([(made[0].id, change), ("nobody", change)])
        }
        var wrong = ProxyChange()
        wrong.port = 0
        await refused(.invalid(field: "port")) {
            _ = try await proxies.update([(made[0].id, change), (made[1].id, wrong)])
        }
        var taken = ProxyChange()
        taken.host = "b"
        await refused(.duplicate) {
            _ = try await proxies.update([(made[1].id, change), (made[0].id, taken)])
        }
        #expect(try proxies.findAll().map(\.name).sorted() == ["a", "b"])
        let both = try await proxies.update(made.map { ($0.id, change) })
        #expect(both.map(\.id) == made.map(\.id) && both.allSatisfy { $0.name == "new" })
    }

    @Test("O2.66 O3.2 O3.3 proxies are found one by one, and all of them, the newest first")
    func finding() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        #expect(try proxies.findAll().isEmpty)
        for name in ["old", "new"] {
            fixture.clock.advance(milliseconds: 1)
            _ = try await proxies.add(ProxyInput(name: name, host: name, port: 1, protocol: .http))
        }
        #expect(try proxies.findAll().map(\.name) == ["new", "old"])
        #expect(try proxies.find(id: "id-1")?.name == "old")
        #expect(try proxies.find(id: "nobody") == nil)
        #expect(try proxies.find(id: "id-1")?.hasCredentials == false)
    }

    @Test("O2.68 O3.5 E2.3 a proxy that is removed takes what hangs on it along; the log keeps all")
    func removing() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        let made = try await proxies.add(
            ["a", "b", "c"].map { ProxyInput(name: $0, host: $0, port: 80, protocol: .http) })
        try fixture.append([
            ProxyUsageRecorded(
                proxyID: made[0].id, requests: 1, successful: 1, failed: 0, bytesSent: 0,
                bytesReceived: 0, at: fixture.clock.now),
            StickySessionMapped(
                mappingID: "m", domain: "x.example", isWildcard: false, proxyID: made[0].id,
                expiryMode: .fixed, at: fixture.clock.now),
            ProxyRotationOccurred(
                rotationID: "r", newProxyID: made[0].id, reason: .manual, at: fixture.clock.now),
        ])
        #expect(try await proxies.delete(id: made[0].id))
        #expect(try await !proxies.delete(id: made[0].id))
        #expect(try fixture.rows("SELECT id FROM proxy_usage_stats").isEmpty)
        #expect(try fixture.rows("SELECT id FROM sticky_session_mappings").isEmpty)
        #expect(try fixture.rows("SELECT id, new_proxy_id FROM rotation_events") == [["r", nil]])
        let ids = [made[1].id, "nobody", made[1].id, made[2].id]
        #expect(try await proxies.delete(ids: ids) == 2)
        #expect(try proxies.findAll().isEmpty)
        #expect(try fixture.types().count { $0 == "proxy.removed" } == 3)
        try fixture.expectReplayEqual()
    }
}
