import Annals
import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Statistics of what proxies carried")
struct UsageTests {
    private let hour: Int64 = 3_600_000

    private func fixture(_ ids: [String] = ["a", "b"]) throws -> RotationFixture {
        let fixture = try RotationFixture()
        for id in ids {
            try fixture.append([
                ProxyAdded(
                    proxyID: id, name: "name \(id)", host: id, port: 1, protocol: .http, weight: 1,
                    status: .active, at: fixture.clock.now)
            ])
        }
        return fixture
    }

    @Test(
        "O2.12 T2.3 E2.40 the hour's bucket is made and grows; errors, countries and samples count")
    func recording() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        fixture.clock.advance(milliseconds: 90_000)
        try await stats.recordUsage(
            UsageRecord(
                proxyID: "a", requests: 2, successful: 1, failed: 1, latencyMs: 30, bytesSent: 5,
                bytesReceived: 7, error: UsageError(type: "timeout", message: "slow"),
                domain: "x.example", country: "US", sessionID: "s1"))
        fixture.clock.advance(milliseconds: 60_000)
        try await stats.recordUsage(
            UsageRecord(
                proxyID: "a", successful: 1, latencyMs: 10, bytesSent: 1, bytesReceived: 1,
                error: UsageError(type: "odd"), domain: "x.example", country: "DE", sessionID: "s2")
        )
        try await stats.recordUsage(UsageRecord(proxyID: "a", country: "US"))
        let bucket = try #require(try stats.find(proxyID: "a").first)
        #expect(bucket.id == "a_2026-01-01T00:00:00Z" && bucket.proxyID == "a")
        #expect(bucket.timeBucket.milliseconds == 1_767_225_600_000)
        #expect(bucket.totalRequests == 4 && bucket.successfulRequests == 2)
        #expect(bucket.failedRequests == 1 && bucket.successRate == 50)
        #expect(bucket.latencySumMs == 40 && bucket.latencyCount == 2 && bucket.avgLatencyMs == 20)
        #expect(bucket.minLatencyMs == 10 && bucket.maxLatencyMs == 30 && bucket.p95LatencyMs == 30)
        #expect(bucket.bytesSent == 6 && bucket.bytesReceived == 8)
        #expect(bucket.errorCounts == ["timeout": 1, "odd": 1] && bucket.lastError == nil)
        #expect(bucket.lastErrorAt == fixture.clock.now && bucket.targetCountries == ["DE", "US"])
        #expect(bucket.uniqueDomains == 1 && bucket.uniqueSessions == 2)
        #expect(bucket.rotationCount == 0 && bucket.rotationReasons.isEmpty)
        try fixture.expectReplayEqual()
    }

    @Test("X2.6 means weigh samples, a first latency of 0 is one, sets count what is different")
    func means() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        try await stats.recordUsage(UsageRecord(proxyID: "a", requests: 100, latencyMs: 0))
        try await stats.recordUsage(UsageRecord(proxyID: "a", requests: 50))
        try await stats.recordUsageBatch(
            (0..<3).map {
                UsageRecord(proxyID: "a", latencyMs: 10, domain: "d\($0 % 2)", sessionID: "s")
            })
        let bucket = try #require(try stats.find(proxyID: "a").first)
        #expect(bucket.avgLatencyMs == 7.5 && bucket.minLatencyMs == 0)
        #expect(bucket.uniqueDomains == 2 && bucket.uniqueSessions == 1)
    }

    @Test(
        "X2.7 the record that opens a bucket counts its error once, a later one keeps error and country"
    )
    func batchErrors() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        let error = UsageError(type: "timeout", message: "one")
        #expect(
            try await stats.recordUsageBatch([
                UsageRecord(proxyID: "a", error: error), UsageRecord(proxyID: "b"),
                UsageRecord(
                    proxyID: "b", error: UsageError(type: "blocked", message: "two"), country: "FR"),
            ]) == 3)
        #expect(try stats.find(proxyID: "a").first?.errorCounts == ["timeout": 1])
        let b = try #require(try stats.find(proxyID: "b").first)
        #expect(b.errorCounts == ["blocked": 1] && b.lastError == "two")
        #expect(b.targetCountries == ["FR"])
    }

    @Test("X2.13 buckets begin at the hours of UTC, before 1970, too")
    func hours() async throws {
        let fixture = try fixture()
        for at in [0, 3_599_999, 3_600_000, -1, -3_600_000, -3_600_001] as [Int64] {
            fixture.clock.now = Timestamp(milliseconds: at)
            try await fixture.rotation.proxyUsageStats.recordUsage(UsageRecord(proxyID: "a"))
        }
        #expect(
            try fixture.rows(
                "SELECT time_bucket, total_requests FROM proxy_usage_stats ORDER BY time_bucket")
                == [["-7200000", "1"], ["-3600000", "2"], ["0", "2"], ["3600000", "1"]])
    }

    @Test(
        "O2.12 what cannot be is refused by its field; a proxy that is not there, too; nothing is left"
    )
    func refusals() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        let wrong: [(String, (inout UsageRecord) -> Void)] = [
            ("requests", { $0.requests = -1 }), ("successful", { $0.successful = .max }),
            ("failed", { $0.failed = -1 }), ("bytesSent", { $0.bytesSent = -1 }),
            ("bytesReceived", { $0.bytesReceived = 1_000_000_000_000_001 }),
            ("latencyMs", { $0.latencyMs = -0.1 }), ("latencyMs", { $0.latencyMs = .nan }),
            ("latencyMs", { $0.latencyMs = .infinity }),
            ("error", { $0.error = UsageError(type: "") }),
            (
                "error",
                {
                    $0.error = UsageError(type: "t", message: String(repeating: "m", count: 4_097))
                }
            ),
            ("domain", { $0.domain = String(repeating: "d", count: 256) }),
            ("country", { $0.country = "a\nb" }),
            ("sessionID", { $0.sessionID = String(repeating: "s", count: 256) }),
        ]
        for (field, change) in wrong {
            var record = UsageRecord(proxyID: "a")
            change(&record)
            let records = [UsageRecord(proxyID: "a"), record]
            await refused(.invalid(field: field)) { try await stats.recordUsageBatch(records) }
        }
        await refused(.missingReference) {
            try await stats.recordUsageBatch(["a", "nobody"].map { UsageRecord(proxyID: $0) })
        }
        #expect(try await stats.recordUsageBatch([]) == 0)
        #expect(try stats.find(proxyID: "a").isEmpty)
    }

    @Test("O2.13 O2.14 E2.41 rotations count with their reasons, one by one or in a batch")
    func rotations() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        try await stats.recordRotation(proxyID: "a", reason: .failure)
        #expect(try await stats.recordRotationBatch([("a", .failure), ("b", .manual)]) == 2)
        #expect(try await stats.recordRotationBatch([]) == 0)
        await refused(.missingReference) {
            try await stats.recordRotationBatch([("a", .manual), ("nobody", .manual)])
        }
        let a = try #require(try stats.find(proxyID: "a").first)
        #expect(a.rotationCount == 2 && a.rotationReasons == ["failure", "failure"])
        #expect(a.totalRequests == 0 && a.avgLatencyMs == nil && a.p95LatencyMs == nil)
        #expect(try stats.find(proxyID: "b").first?.rotationReasons == ["manual"])
        try fixture.expectReplayEqual()
    }

    @Test("O2.15 O2.17 hours of a proxy, the newest first within bounds, or as a series")
    func finding() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        let start = fixture.clock.now.milliseconds
        for index in 0..<30 {
            try await stats.recordUsage(UsageRecord(proxyID: "a", requests: index))
            fixture.clock.advance(milliseconds: hour)
        }
        func time(_ hours: Int64) -> Timestamp { Timestamp(milliseconds: start + hours * hour) }
        #expect(try stats.find(proxyID: "a").map(\.totalRequests) == (0..<30).reversed())
        #expect(try stats.find(proxyID: "a", from: time(28)).map(\.totalRequests) == [29, 28])
        #expect(try stats.find(proxyID: "a", through: time(1)).map(\.totalRequests) == [1, 0])
        #expect(
            try stats.find(proxyID: "a", from: time(3), through: time(5), limit: 2)
                .map(\.totalRequests) == [5, 4])
        #expect(try stats.find(proxyID: "b").isEmpty)
        // 30 hours on: the last 24 began at 6 and later.
        #expect(try stats.timeSeries(proxyID: "a").map(\.totalRequests) == Array(6..<30))
        fixture.clock.advance(milliseconds: 1)
        #expect(try stats.timeSeries(proxyID: "a", hours: 2).map(\.totalRequests) == [29])
    }

    @Test("O2.16 C11 X2.6 sums over the last hours; the mean weighs samples, not hours")
    func aggregates() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        let none = try stats.aggregatedStats(proxyID: "a")
        #expect(none.totalRequests == 0 && none.successRate == 0 && none.avgLatencyMs == 0)
        #expect(try none.minLatencyMs == nil && stats.p95Latency(proxyID: "a") == nil)
        try await stats.recordUsageBatch(
            (1...3).map { UsageRecord(proxyID: "a", successful: 1, latencyMs: Double($0)) })
        try await stats.recordRotation(proxyID: "a", reason: .manual)
        fixture.clock.advance(milliseconds: hour)
        try await stats.recordUsage(
            UsageRecord(proxyID: "a", failed: 1, latencyMs: 10, bytesSent: 2, bytesReceived: 3))
        let both = try stats.aggregatedStats(proxyID: "a")
        #expect(both.totalRequests == 4 && both.successfulRequests == 3 && both.failedRequests == 1)
        #expect(both.successRate == 75 && both.avgLatencyMs == 4 && both.totalRotations == 1)
        #expect(both.minLatencyMs == 1 && both.maxLatencyMs == 10)
        #expect(both.totalBytesSent == 2 && both.totalBytesReceived == 3)
        #expect(try stats.p95Latency(proxyID: "a") == 10)
        fixture.clock.advance(milliseconds: 1)
        #expect(try stats.aggregatedStats(proxyID: "a", hours: 1).totalRequests == 1)
    }

    @Test(
        "T2.3 the 95th percentile is the exact nearest rank of all samples, in an hour and over hours"
    )
    func percentile() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        var dice = SeededDice(state: 3)
        var samples: [Double] = []
        for round in 0..<120 {
            // Few values first, then many; repeated ones in both.
            let new = (0..<Int.random(in: 1...6, using: &dice)).map { _ in
                Double(Int.random(in: 0...(round < 60 ? 9 : 900), using: &dice)) / 4
            }
            samples += new
            try await stats.recordUsageBatch(new.map { UsageRecord(proxyID: "a", latencyMs: $0) })
            let rank = (samples.count * 95 + 99) / 100
            let expected = samples.sorted()[rank - 1]
            #expect(try stats.find(proxyID: "a").first?.p95LatencyMs == expected)
            #expect(try stats.p95Latency(proxyID: "a") == expected)
        }
        fixture.clock.advance(milliseconds: hour)
        try await stats.recordUsageBatch(
            (0..<400).map { UsageRecord(proxyID: "a", latencyMs: Double(1_000 + $0)) })
        samples += (0..<400).map { Double(1_000 + $0) }
        let rank = (samples.count * 95 + 99) / 100
        #expect(try stats.p95Latency(proxyID: "a") == samples.sorted()[rank - 1])
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.19 O2.20 the best by rate, errors over all proxies, domains and countries of the last hours"
    )
    func distributions() async throws {
        let fixture = try fixture(["a", "b", "c", "d"])
        let stats = fixture.rotation.proxyUsageStats
        try await stats.recordUsageBatch([
            UsageRecord(proxyID: "a", requests: 10, successful: 9, domain: "x", country: "US"),
            UsageRecord(proxyID: "b", requests: 10, successful: 10, domain: "x", country: "DE"),
            UsageRecord(proxyID: "c", requests: 3, successful: 3, sessionID: "s"),
            UsageRecord(proxyID: "a", requests: 0, error: UsageError(type: "timeout")),
            UsageRecord(proxyID: "b", requests: 0, error: UsageError(type: "timeout")),
            UsageRecord(proxyID: "b", requests: 0, error: UsageError(type: "unheard_of")),
        ])
        try await stats.recordRotation(proxyID: "d", reason: .manual)
        let top = try stats.topBySuccessRate()
        #expect(top.map(\.proxyID) == ["b", "c", "a"] && top[2].usage.successRate == 90)
        #expect(try stats.topBySuccessRate(limit: 1).map(\.proxyID) == ["b"])
        #expect(try stats.errorDistribution() == ["timeout": 2, "unheard_of": 1])
        fixture.clock.advance(milliseconds: hour)
        try await stats.recordUsage(UsageRecord(proxyID: "a", domain: "x", country: "FR"))
        #expect(
            try stats.targets(.domain).map { "\($0.value) \($0.hours) \($0.proxies)" } == ["x 3 2"])
        #expect(try stats.targets(.country).map(\.value) == ["DE", "FR", "US"])
        #expect(try stats.targets(.country, proxyID: "a", limit: 1).map(\.value) == ["FR"])
        #expect(try stats.targets(.session).map(\.proxies) == [1])
        fixture.clock.advance(milliseconds: hour * 24)
        #expect(try stats.errorDistribution().isEmpty && stats.targets(.session).isEmpty)
        #expect(try stats.topBySuccessRate(hours: 25).count == 3)
    }

    @Test(
        "O2.18 T2.9 the last day of each proxy, also of those without one; the view tells the same")
    func current() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        try await fixture.rotation.proxies.updateStats(id: "b", success: true, latency: 40)
        try await stats.recordUsage(
            UsageRecord(proxyID: "a", requests: 4, successful: 3, latencyMs: 9))
        try await stats.recordRotation(proxyID: "a", reason: .manual)
        let now = try stats.currentStats()
        #expect(now.map(\.proxyID) == ["a", "b"] && now[0].name == "name a" && now[0].port == 1)
        #expect(now[0].requests24h == 4 && now[0].success24h == 3 && now[0].rotations24h == 1)
        #expect(now[0].avgLatency24h == 9 && now[1].avgLatency24h == 40 && now[1].latency == 40)
        #expect(now[1].requests24h == 0 && now[1].status == .active && now[1].successRate == 100)
        // The view asks SQLite for the time, so the rows are moved to today.
        let today = EventStore.systemClock()
        fixture.clock.now = today
        try await stats.recordUsage(UsageRecord(proxyID: "b", requests: 5, latencyMs: 8))
        #expect(
            try fixture.rows(
                "SELECT id, requests_24h, avg_latency_24h FROM v_proxy_current_stats ORDER BY id")
                == [["a", "0", nil], ["b", "5", "8.0"]])
        #expect(try stats.currentStats().map(\.requests24h) == [0, 5])
    }

    @Test("O2.21 C11 T3.7 E2.42 old hours leave, the days outlive them")
    func cleanup() async throws {
        let fixture = try fixture()
        let stats = fixture.rotation.proxyUsageStats
        try await stats.recordUsage(
            UsageRecord(
                proxyID: "a", requests: 3, successful: 2, failed: 1, latencyMs: 10.4, domain: "x"))
        try await stats.recordUsage(UsageRecord(proxyID: "a", latencyMs: 0.6))
        fixture.clock.advance(milliseconds: hour * 24 * 30)
        try await stats.recordUsage(UsageRecord(proxyID: "b", successful: 1))
        #expect(try await stats.cleanup() == 0)
        fixture.clock.advance(milliseconds: 1)
        #expect(try await stats.cleanup() == 1)
        #expect(try await stats.cleanup() == 0)
        #expect(try stats.find(proxyID: "a").isEmpty)
        for table in ["distinct", "errors", "latencies"] {
            #expect(try fixture.rows("SELECT * FROM proxy_usage_\(table)").isEmpty)
        }
        let days = try stats.days()
        #expect(days.map(\.date) == ["2026-01-31", "2026-01-01"] && days[1].proxyID == "a")
        #expect(days[1].requestCount == 4 && days[1].successCount == 2 && days[1].failureCount == 1)
        #expect(days[1].totalLatencyMs == 11)
        #expect(try stats.days(proxyID: "a", from: "2026-01-01", through: "2026-01-30").count == 1)
        #expect(try stats.days(from: "2026-02-01").isEmpty)
        await refused(.invalid(field: "date")) { _ = try stats.days(from: "January") }
        await refused(.invalid(field: "retentionDays")) {
            try await stats.cleanup(retentionDays: 36_526)
        }
        try fixture.expectReplayEqual()
    }
}
