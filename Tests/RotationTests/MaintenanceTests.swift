import Annals
import AnnalsTesting
import EventModel
import LogStorage
import RotationProjection
import Testing

@Suite("Maintenance")
struct MaintenanceTests {
    private func fixture() async throws -> RotationFixture {
        let fixture = try RotationFixture()
        try fixture.append([
            ProxyAdded(
                proxyID: "a", name: "a", host: "a", port: 1, protocol: .http, weight: 1,
                status: .active, at: fixture.clock.now)
        ])
        let rotation = fixture.rotation
        try await rotation.proxyUsageStats.recordUsage(UsageRecord(proxyID: "a", domain: "x"))
        _ = try await rotation.rotationEvents.record(RotationInput(reason: .manual))
        _ = try await rotation.stickySessions.upsert(domain: "x", proxyID: "a", ttlSeconds: 1)
        fixture.clock.advance(milliseconds: 86_400_000 * 40)
        _ = try await rotation.stickySessions.upsert(domain: "y", proxyID: "a")
        return fixture
    }

    @Test("O2.79 E2.45 E2.42 E2.44 E2.39 C31 one append takes away what is old, and says so")
    func run() async throws {
        let fixture = try await fixture()
        let head = try fixture.temporary.store.log.head()
        let result = try await fixture.rotation.maintenance.run()
        #expect(result.statsDeleted == 1 && result.eventsDeleted == 1 && !result.vacuumed)
        #expect(result.expiredMappingsDeleted == 1)
        #expect(
            try fixture.types().suffix(4) == [
                "proxy_usage.purged", "proxy_rotation.purged", "sticky_session.expired_purged",
                "maintenance.completed",
            ])
        #expect(try fixture.temporary.store.log.head().value == head.value + 4)
        #expect(try fixture.rotation.stickySessions.findAll().map(\.domain) == ["y"])
        #expect(try fixture.rotation.rotationEvents.recent().isEmpty)
        let again = try await fixture.rotation.maintenance.run()
        #expect(again.statsDeleted + again.eventsDeleted + again.expiredMappingsDeleted == 0)
        #expect(try fixture.temporary.store.log.head().value == head.value + 5)
        try fixture.expectReplayEqual()
    }

    @Test("O2.79 how long each is kept is the caller's choice, within limits")
    func retention() async throws {
        let fixture = try await fixture()
        let kept = try await fixture.rotation.maintenance.run(
            statsRetentionDays: 40, eventsRetentionDays: 39)
        #expect(kept.statsDeleted == 0 && kept.eventsDeleted == 1)
        let count = try fixture.types().count
        for (stats, events) in [(-1, 30), (30, 36_526)] {
            await refused(.invalid(field: "retentionDays")) {
                try await fixture.rotation.maintenance.run(
                    statsRetentionDays: stats, eventsRetentionDays: events)
            }
        }
        #expect(try fixture.types().count == count)
    }

    @Test("O2.79 M2.11 the file is built anew to be compact, and the same rows are in it")
    func vacuum() async throws {
        let fixture = try await fixture()
        let before = try fixture.rows("PRAGMA database_list").first?.last
        let result = try await fixture.rotation.maintenance.run(vacuum: true)
        #expect(result.vacuumed && result.statsDeleted == 1)
        #expect(try fixture.rows("PRAGMA database_list").first?.last != before)
        #expect(try fixture.types().last == "maintenance.completed")
        #expect(try fixture.rows("PRAGMA freelist_count") == [["0"]])
        #expect(try fixture.rotation.stickySessions.findAll().map(\.domain) == ["y"])
        try fixture.expectReplayEqual()
    }
}
