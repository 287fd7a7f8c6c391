import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Proxies: status, groups and weights")
struct ProxyTests {
    /// Proxies with these weights and groups, all active.
    private func pool(
        _ proxies: [(id: String, weight: Double, group: String?)], _ fixture: RotationFixture
    ) throws {
        for (index, proxy) in proxies.enumerated() {
            fixture.clock.advance(milliseconds: 1)
            try fixture.append([
                ProxyAdded(
                    proxyID: proxy.id, name: "name \(proxy.id)", host: "10.0.0.\(index)",
                    port: 8080, protocol: .http, weight: proxy.weight, rotationGroup: proxy.group,
                    status: .active, at: fixture.clock.now)
            ])
        }
    }

    private func invalid(
        _ field: String, _ body: () async throws -> Void
    ) async {
        await #expect { try await body() } throws: { error in
            (error as? RotationError)?.reason == .invalid(field: field)
        }
    }

    @Test("O2.54 a weight is 0 to 100, and an unknown id is told apart")
    func weight() async throws {
        let fixture = try RotationFixture()
        try pool([("a", 1, nil)], fixture)
        let proxies = fixture.rotation.proxies
        #expect(try await proxies.updateWeight(id: "a", 0))
        #expect(try await proxies.updateWeight(id: "a", 100))
        #expect(try proxies.find(id: "a")?.weight == 100)
        #expect(try await !proxies.updateWeight(id: "b", 1))
        for wrong in [-0.1, 100.1, .nan, .infinity] {
            await invalid("weight") { try await proxies.updateWeight(id: "a", wrong) }
        }
        #expect(
            try fixture.types() == [
                "proxy.added", "proxy.weights_changed", "proxy.weights_changed",
            ])
        try fixture.expectReplayEqual()
    }

    @Test("O2.55 a batch of weights is one event, all or nothing; unknown ids are passed over")
    func weights() async throws {
        let fixture = try RotationFixture()
        try pool([("a", 1, nil), ("b", 2, nil)], fixture)
        let proxies = fixture.rotation.proxies
        await invalid("weight") { try await proxies.batchUpdateWeights([("a", 5), ("b", 101)]) }
        #expect(try proxies.find(id: "a")?.weight == 1)
        try await proxies.batchUpdateWeights([("a", 5), ("nobody", 6), ("b", 7)])
        #expect(
            try fixture.rows("SELECT id, weight FROM proxies ORDER BY id") == [
                ["a", "5.0"], ["b", "7.0"],
            ])
        try await proxies.batchUpdateWeights([])
        #expect(try fixture.types().count == 3)
    }

    @Test("O2.56 O2.57 groups: only active ones are found, the heaviest first")
    func groups() async throws {
        let fixture = try RotationFixture()
        try pool([("a", 1, "x"), ("b", 3, "x"), ("c", 2, "y"), ("d", 9, "x")], fixture)
        let proxies = fixture.rotation.proxies
        try await proxies.setStatus(id: "d", .disabled)
        #expect(try proxies.find(rotationGroup: "x").map(\.id) == ["b", "a"])
        #expect(try proxies.find(rotationGroups: ["x", "y"]).map(\.id) == ["b", "c", "a"])
        #expect(try proxies.find(rotationGroups: []).isEmpty)
        #expect(try proxies.find(rotationGroup: "x') OR ('1'='1").isEmpty)
        #expect(try await proxies.updateRotationGroup(id: "a", nil))
        #expect(try await !proxies.updateRotationGroup(id: "nobody", "x"))
        #expect(try proxies.find(rotationGroup: "x").map(\.id) == ["b"])
        await invalid("rotationGroup") {
            try await proxies.updateRotationGroup(id: "a", String(repeating: "g", count: 101))
        }
        try await proxies.batchUpdateRotationGroups([("a", "y"), ("b", "y"), ("nobody", "y")])
        #expect(try proxies.find(rotationGroup: "y").map(\.id) == ["b", "c", "a"])
        try fixture.expectReplayEqual()
    }

    @Test("O2.58 O2.59 the groups there are, and what is in none")
    func grouping() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        #expect(try proxies.groupedByRotationGroup() == ["_ungrouped": []])
        try pool([("a", 1, "x"), ("b", 3, nil), ("c", 2, "y")], fixture)
        try await proxies.setStatus(id: "c", .failed)
        #expect(try proxies.rotationGroups() == ["x", "y"])
        #expect(try proxies.countByRotationGroup() == ["x": 1, "_ungrouped": 1])
        #expect(
            try proxies.groupedByRotationGroup().mapValues { $0.map(\.id) } == [
                "x": ["a"], "_ungrouped": ["b"],
            ])
    }

    @Test("O2.60 O2.61 active weights, and their figures with zeros when there are none")
    func figures() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        let none = try proxies.weightStats()
        #expect([none.min, none.max, none.avg, none.total] == [0, 0, 0, 0] && none.count == 0)
        try pool([("a", 0, "x"), ("b", 3, "x"), ("c", 6, nil), ("d", 50, "x")], fixture)
        try await proxies.setStatus(id: "d", .checking)
        #expect(try proxies.findActiveByWeight().map(\.id) == ["c", "b"])
        #expect(try proxies.totalWeight() == 9)
        let stats = try proxies.weightStats(group: "x")
        #expect(
            [stats.min, stats.max, stats.avg, stats.total] == [0, 3, 1.5, 3] && stats.count == 2)
    }

    @Test("O2.62 O2.63 X2.10 weights sum to 100 and never pass it by a rounding unit")
    func normalising() async throws {
        let fixture = try RotationFixture()
        let proxies = fixture.rotation.proxies
        try await proxies.normalizeWeights()
        try await proxies.equalizeWeights()
        #expect(try fixture.types().isEmpty)
        try pool([("a", 0, "x"), ("b", 1, "x"), ("c", 3, "x"), ("d", 7, nil)], fixture)
        try await proxies.normalizeWeights(group: "x")
        #expect(
            try fixture.rows("SELECT weight FROM proxies ORDER BY id") == [
                ["0.0"], ["25.0"], ["75.0"], ["7.0"],
            ])
        try await proxies.equalizeWeights()
        #expect(try proxies.weightStats().min == 25)
        try await proxies.batchUpdateWeights([("a", 0), ("b", 0), ("c", 0), ("d", 0)])
        let before = try fixture.types().count
        try await proxies.normalizeWeights()
        #expect(try fixture.types().count == before)
        // Some of these, alone and active, come out above 100 when they are not held back.
        for weight in [0.15, 0.17, 0.3, 0.34] {
            let alone = try RotationFixture()
            try pool([("a", weight, nil)], alone)
            try await alone.rotation.proxies.normalizeWeights()
            let result = try #require(try alone.rotation.proxies.find(id: "a")).weight
            #expect(result <= 100 && result > 99.999_999)
        }
        try fixture.expectReplayEqual()
    }

    @Test("O3.6 O3.7 O3.8 E2.4 E2.5 E2.6 E3.5 requests and checks move rate, latency and status")
    func records() async throws {
        let fixture = try RotationFixture()
        try pool([("a", 1, nil), ("b", 1, nil), ("c", 1, nil)], fixture)
        let proxies = fixture.rotation.proxies
        #expect(try proxies.find(id: "a")?.successRate == 100)
        for success in [true, true, false, true] {
            #expect(try await proxies.updateStats(id: "a", success: success, latency: 40))
        }
        let a = try #require(try proxies.find(id: "a"))
        #expect(a.totalRequests == 4 && a.failureCount == 1 && a.successRate == 75)
        #expect(a.latency == 40)
        #expect(try await !proxies.updateStats(id: "nobody", success: true))
        try await proxies.updateStats(id: "b", success: true, latency: 90)
        try await proxies.recordCheck(id: "c", success: true, latency: 20)
        #expect(try proxies.topPerformers(limit: 2).map(\.id) == ["c", "b"])
        try await proxies.recordCheck(id: "c", success: false, error: "timeout")
        #expect(try proxies.find(status: .failed).map(\.id) == ["c"])
        try await proxies.setStatus(id: "c", .disabled)
        try await proxies.recordCheck(id: "c", success: true)
        #expect(try proxies.find(id: "c")?.status == .disabled)
        #expect(try proxies.find(protocol: .http).count == 3)
        #expect(try proxies.find(region: "EU").isEmpty)
        try fixture.expectReplayEqual()
    }
}
