internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// `annals stats proxy`: what one proxy carried, hour by hour.
struct StatsProxy: Verb {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Show what one proxy carried, hour by hour.")

    @Argument(help: "The proxy's id.")
    var id: String

    @OptionGroup var period: PeriodOptions
    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try period.rotation(in: session)
        let proxy = try rotation.proxies.named(id)
        let stats = rotation.proxyUsageStats
        let sums = try stats.aggregatedStats(proxyID: id, hours: period.hours)
        let p95 = try stats.p95Latency(proxyID: id, hours: period.hours)
        let hours = try stats.timeSeries(proxyID: id, hours: period.hours)
        let document: JSON = [
            "schema": "annals.stats-proxy/1", "proxy": try ProxyReport.document(proxy),
            "p95LatencyMs": p95.map { JSON($0) } ?? .null,
            "buckets": .array(hours.map(Self.document)),
        ]
        try session.console.emit(document.adding(UsageReport.members(sums) + period.members))
        var table = Table([.left("HOUR"), .right("P95")] + UsageReport.columns)
        for hour in hours {
            table.add(
                [
                    hour.timeBucket.rfc3339 ?? "\(hour.timeBucket.milliseconds)",
                    Self.ms(hour.p95LatencyMs),
                ]
                    + Self.cells(hour))
        }
        table.add(["all", Self.ms(p95)] + UsageReport.cells(sums))
        try session.console.print(
            "\(proxy.name), \(ProxyReport.address(proxy)), \(proxy.status.rawValue)")
        try session.console.print(table)
        return .done
    }

    private static func ms(_ latency: Double?) -> String {
        latency.map { DisplayText.decimal($0) + " ms" } ?? ""
    }

    private static func cells(_ hour: UsageBucket) -> [String] {
        [
            DisplayText.grouped(hour.totalRequests), DisplayText.grouped(hour.successfulRequests),
            DisplayText.grouped(hour.failedRequests), DisplayText.decimal(hour.successRate) + " %",
            ms(hour.avgLatencyMs), DisplayText.bytes(hour.bytesSent),
            DisplayText.bytes(hour.bytesReceived), DisplayText.grouped(hour.rotationCount),
        ]
    }

    private static func document(_ hour: UsageBucket) -> JSON {
        [
            "hour": JSON(hour.timeBucket), "requests": JSON(hour.totalRequests),
            "successful": JSON(hour.successfulRequests), "failed": JSON(hour.failedRequests),
            "successRate": JSON(hour.successRate),
            "avgLatencyMs": hour.avgLatencyMs.map { JSON($0) } ?? .null,
            "minLatencyMs": hour.minLatencyMs.map { JSON($0) } ?? .null,
            "maxLatencyMs": hour.maxLatencyMs.map { JSON($0) } ?? .null,
            "p95LatencyMs": hour.p95LatencyMs.map { JSON($0) } ?? .null,
            "bytesSent": JSON(hour.bytesSent), "bytesReceived": JSON(hour.bytesReceived),
            "rotations": JSON(hour.rotationCount), "uniqueDomains": JSON(hour.uniqueDomains),
            "uniqueSessions": JSON(hour.uniqueSessions),
            "errors": .object(
                hour.errorCounts.sorted { $0.key < $1.key }
                    .map { JSON.Member(name: $0.key, value: JSON($0.value)) }),
        ]
    }
}
