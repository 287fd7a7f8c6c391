import Annals
import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("The audit of rotations")
struct AuditTests {
    private func fixture() async throws -> RotationFixture {
        let fixture = try RotationFixture()
        _ = try await fixture.rotation.rotationConfigs.create(
            RotationConfigInput(name: "c", strategy: .random))
        for id in ["a", "b", "c"] {
            try fixture.append([
                ProxyAdded(
                    proxyID: id, name: id, host: id, port: 1, protocol: .http, weight: 1,
                    status: .active, at: fixture.clock.now)
            ])
        }
        return fixture
    }

    private func record(
        _ fixture: RotationFixture, _ reason: RotationReason, _ from: String?, _ to: String?,
        config: String? = nil, domain: String? = nil
    ) async throws -> RotationRecord {
        try await fixture.rotation.rotationEvents.record(
            RotationInput(
                reason: reason, configID: config, previousProxyID: from, newProxyID: to,
                domain: domain))
    }

    @Test(
        "O2.50 T2.7 E2.43 C19 a rotation is kept as it was told, with its time and its place in the log"
    )
    func recording() async throws {
        let fixture = try await fixture()
        let audit = fixture.rotation.rotationEvents
        let full = try await audit.record(
            RotationInput(
                reason: .rateLimit, configID: "id-1", previousProxyID: "a", newProxyID: "b",
                domain: "x.example", url: "https://x.example/y", tabID: "t", sessionID: "s",
                metadata: ["tries": 3, "why": ["busy"]]))
        #expect(full.reason == .rateLimit && full.configID == "id-1" && full.id == "id-2")
        #expect(full.previousProxyID == "a" && full.newProxyID == "b" && full.tabID == "t")
        #expect(full.domain == "x.example" && full.url == "https://x.example/y")
        #expect(full.sessionID == "s" && full.metadata == ["tries": 3, "why": ["busy"]])
        #expect(full.timestamp == fixture.clock.now)
        let bare = try await audit.record(RotationInput(reason: .startup))
        #expect(bare.newProxyID == nil && bare.metadata == nil && bare.seq == full.seq + 1)
        await refused(.missingReference) {
            _ = try await audit.record(RotationInput(reason: .manual, newProxyID: "nobody"))
        }
        await refused(.invalid(field: "domain")) {
            _ = try await audit.record(
                RotationInput(reason: .manual, domain: String(repeating: "d", count: 256)))
        }
        await refused(.invalid(field: "url")) {
            _ = try await audit.record(RotationInput(reason: .manual, url: "a\nb"))
        }
        try fixture.expectReplayEqual()
    }

    @Test("C4 T3.5 X3.3 each of the twelve reasons is accepted, another one or none is refused")
    func reasons() async throws {
        let fixture = try await fixture()
        #expect(RotationReason.allCases.count == 12)
        for reason in RotationReason.allCases { _ = try await record(fixture, reason, nil, "a") }
        #expect(
            try fixture.rotation.rotationEvents.countByReason().values.allSatisfy { $0 == 1 })
        for data in [#"{"rotation_id":"x","reason":"boredom"}"#, #"{"rotation_id":"x"}"#] {
            #expect(throws: AnnalsError.self) {
                _ = try fixture.temporary.store.appendAndWait([
                    Event(type: "proxy_rotation.occurred", stream: "rotation/x", data: data)
                ])
            }
        }
    }

    @Test(
        "O2.51 rotations are found by reason, proxy on either side, configuration, domain and time")
    func finding() async throws {
        let fixture = try await fixture()
        let audit = fixture.rotation.rotationEvents
        let start = fixture.clock.now
        var ids: [String] = []
        let told: [(RotationReason, String?, String?, String?, String?)] = [
            (.startup, nil, "a", nil, "x"), (.failure, "a", "b", "id-1", "x"),
            (.failure, "b", "a", "id-1", "y"), (.manual, "a", "c", nil, nil),
        ]
        for (index, one) in told.enumerated() {
            // The last two share a millisecond: the log's order decides.
            if index < 3 { fixture.clock.advance(milliseconds: 10) }
            ids.append(
                try await record(fixture, one.0, one.1, one.2, config: one.3, domain: one.4).id)
        }
        func found(_ records: [RotationRecord]) -> [Int] {
            records.compactMap { ids.firstIndex(of: $0.id) }
        }
        #expect(found(try audit.recent()) == [3, 2, 1, 0])
        #expect(found(try audit.recent(limit: 2)) == [3, 2])
        #expect(try audit.recent(limit: -1).isEmpty)
        #expect(found(try audit.find(reason: .failure)) == [2, 1])
        #expect(found(try audit.find(proxyID: "b")) == [2, 1])
        #expect(found(try audit.find(proxyID: "a", limit: 3)) == [3, 2, 1])
        #expect(found(try audit.find(configID: "id-1")) == [2, 1])
        #expect(found(try audit.find(domain: "x")) == [1, 0])
        func moment(_ milliseconds: Int64) -> Timestamp {
            Timestamp(milliseconds: start.milliseconds + milliseconds)
        }
        #expect(found(try audit.find(from: moment(10), through: moment(20))) == [1, 0])
        #expect(found(try audit.find(from: moment(11), through: moment(30))) == [3, 2, 1])
        #expect(try audit.find(from: moment(31), through: moment(99)).isEmpty)
        for _ in 0..<120 { _ = try await record(fixture, .scheduled, nil, nil) }
        #expect(try audit.recent().count == 100 && audit.find(reason: .scheduled).count == 100)
        #expect(try audit.find(from: start, through: moment(99)).count == 124)
    }

    @Test("O2.52 X2.4 figures of the last hours: by reason, an hour, hour by hour, by proxy")
    func figures() async throws {
        let fixture = try await fixture()
        let audit = fixture.rotation.rotationEvents
        #expect(try audit.countByReason().isEmpty && audit.frequency() == 0)
        #expect(try audit.hourlyCounts().isEmpty && audit.mostRotated().isEmpty)
        _ = try await record(fixture, .manual, nil, "a")
        fixture.clock.advance(milliseconds: 3_600_000 * 23)
        _ = try await record(fixture, .failure, "a", "b")
        _ = try await record(fixture, .failure, "b", "c")
        fixture.clock.advance(milliseconds: 3_600_000)
        _ = try await record(fixture, .manual, "c", "b")
        // The first one is exactly 24 hours old, and still in.
        #expect(try audit.countByReason() == [.manual: 2, .failure: 2])
        #expect(try audit.frequency() == 4.0 / 24 && audit.frequency(hours: 2) == 1.5)
        #expect(try audit.frequency(hours: 0) == 0)
        #expect(
            try audit.hourlyCounts().map { "\($0.hour) \($0.count)" } == [
                "2026-01-01 00:00:00 1", "2026-01-01 23:00:00 2", "2026-01-02 00:00:00 1",
            ])
        #expect(
            try audit.mostRotated().map { "\($0.proxyID) \($0.count)" } == ["b 2", "a 1", "c 1"])
        #expect(try audit.mostRotated(limit: 1, hours: 1).map(\.count) == [2])
        fixture.clock.advance(milliseconds: 1)
        #expect(try audit.countByReason() == [.manual: 1, .failure: 2])
        await refused(.invalid(field: "hours")) { _ = try audit.countByReason(hours: -1) }
    }

    @Test("O2.53 C31 E2.44 old rows leave the audit, and the log keeps the rotations")
    func cleanup() async throws {
        let fixture = try await fixture()
        let audit = fixture.rotation.rotationEvents
        _ = try await record(fixture, .manual, nil, "a")
        fixture.clock.advance(milliseconds: 86_400_000 * 30)
        _ = try await record(fixture, .manual, "a", "b")
        #expect(try await audit.cleanup() == 0)
        fixture.clock.advance(milliseconds: 1)
        #expect(try await audit.cleanup() == 1)
        #expect(try audit.recent().map(\.newProxyID) == ["b"])
        #expect(try await audit.cleanup(retentionDays: 0) == 1)
        #expect(try audit.recent().isEmpty)
        #expect(try fixture.types().count { $0 == "proxy_rotation.occurred" } == 2)
        await refused(.invalid(field: "retentionDays")) {
            _ = try await audit.cleanup(retentionDays: -1)
        }
        try fixture.expectReplayEqual()
    }
}
