import Annals
import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Rows that other programs left incomplete")
struct AdoptedRowTests {
    @Test("T2.1 T2.2 T2.3 C2 adopted rows without values read as their columns' defaults")
    func incomplete() throws {
        let fixture = try RotationFixture()
        let adopted = [
            ("proxies", #"{"id":"p","name":"p","host":"h","port":1,"protocol":"http"}"#),
            ("rotation_configs", #"{"id":"c","name":"c","strategy":"random"}"#),
            (
                "proxy_usage_stats",
                #"{"id":"s","proxy_id":"p","time_bucket":0,"latency_sum_ms":0.0,"latency_count":0}"#
            ),
        ]
        _ = try fixture.temporary.store.appendAndWait(
            adopted.map { Event(type: "\($0).adopted", stream: "adoption/\($0)", data: $1) })
        let rotation = fixture.rotation
        let proxy = try #require(try rotation.proxies.find(id: "p"))
        #expect(proxy.status == .active && proxy.successRate == 100 && proxy.weight == 1)
        #expect(proxy.failureCount == 0 && proxy.createdAt.milliseconds == 0)
        let config = try #require(try rotation.rotationConfigs.find(id: "c"))
        #expect(!config.isActive && config.enabled && config.priority == 0)
        #expect(config.commonConfig.isEmpty && config.createdAt.milliseconds == 0)
        #expect(try rotation.rotationConfigs.findAllWithSummary().first?.enabled == true)
        let bucket = try #require(try rotation.proxyUsageStats.find(proxyID: "p").first)
        #expect(
            bucket.totalRequests == 0 && bucket.errorCounts.isEmpty && bucket.uniqueDomains == 0)
        #expect(try rotation.proxyUsageStats.currentStats().first?.weight == 1)
    }
}
