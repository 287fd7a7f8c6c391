import Annals
import AnnalsTesting
import Foundation
import RotationProjection
import Testing

@Suite("The example of docs/rotation.md")
struct GuideTests {
    // Between the marks stands the page's example, word for word.
    // swift-format-ignore
    private func example(_ path: String) async throws -> (
        String?, RotationReason?, Int, Double
    ) {
        // begin
        var options = EventStore.Options()
        options.builtIn = [try Rotation.definition()]
        options.migrates = true
        let store = try EventStore.create(at: path, options: options)
        let rotation = try RotationStore(store)

        // A pool. A proxy that is new is being checked; a check makes it active.
        let proxies = try await rotation.proxies.add([
            ProxyInput(name: "Berlin", host: "10.0.0.1", port: 8080, protocol: .http, tags: ["fast"],
                rotationGroup: "eu", geolocation: Geolocation(country: "DE")),
            ProxyInput(name: "Dallas", host: "10.0.0.2", port: 8080, protocol: .http,
                geolocation: Geolocation(country: "US")),
        ])
        for proxy in proxies {
            try await rotation.proxies.recordCheck(id: proxy.id, success: true, latency: 40)
        }

        // How it is rotated: by rules, and where none matches in turn.
        let config = try await rotation.rotationConfigs.create(
            RotationConfigInput(name: "By rules", strategy: .custom),
            rules: [
                RotationRuleInput(
                    name: "Banks stay in Germany",
                    conditions: [RuleCondition(.domain, .endsWith, ".bank.example")],
                    actions: [RuleAction(.useCountry, ["country": "DE"])])
            ])
        try await rotation.rotationConfigs.setActive(id: config.id)

        // The next proxy for a request, and what became of the request.
        let choice = try await rotation.rotate(RotationRequest(url: "https://my.bank.example/login"))
        if let proxy = choice.proxy {
            try await rotation.proxyUsageStats.recordUsage(
                UsageRecord(proxyID: proxy.id, successful: 1, latencyMs: 38.5, domain: "my.bank.example"))
        }

        let last = try rotation.rotationEvents.recent(limit: 1)
        let day = try rotation.proxyUsageStats.aggregatedStats(proxyID: proxies[0].id)
        return (choice.proxy?.name, choice.reason, last.count, day.successRate)
        // ("Berlin", .startup, 1, 100.0)
        // end
    }

    @Test("It runs and gives what the page says")
    func runs() async throws {
        let folder = try TemporaryFolder()
        let result = try await example(folder.path + "/store")
        #expect(result == ("Berlin", .startup, 1, 100))
    }

    @Test("The page shows the code that runs")
    func isShown() throws {
        let file = URL(fileURLWithPath: #filePath)
        let root = file.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/rotation.md"), encoding: .utf8)
        let source = try String(contentsOf: file, encoding: .utf8)
        let code = source.components(separatedBy: "        // begin\n")[1]
            .components(separatedBy: "        // end\n")[0]
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("        ") ? $0.dropFirst(8) : $0 }.joined(separator: "\n")
        let shown = page.components(separatedBy: "```swift\n")[1].components(separatedBy: "```")[0]
        #expect(shown == code)
    }
}
