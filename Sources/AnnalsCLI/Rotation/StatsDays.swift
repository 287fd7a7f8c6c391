internal import ArgumentParser
internal import RotationProjection

/// `annals stats days`: what proxies carried day by day; days outlive the hours.
struct StatsDays: Verb {
    static let configuration = CommandConfiguration(
        commandName: "days", abstract: "Show what proxies carried day by day, the newest first.")

    @Option(help: "Only the proxy with this id.")
    var proxy: String?

    @Option(help: "From this day (YYYY-MM-DD).")
    var from: String?

    @Option(help: "Through this day (YYYY-MM-DD).")
    var through: String?

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotationForReading()
        if let proxy { _ = try rotation.proxies.named(proxy) }
        let days = try rotation.proxyUsageStats.days(proxyID: proxy, from: from, through: through)
        var table = Table([
            .left("DAY"), .right("REQUESTS"), .right("ANSWERED"), .right("FAILED"),
            .right("LATENCY SUM"), .left("ID"),
        ])
        for day in days {
            table.add([
                day.date, DisplayText.grouped(day.requestCount),
                DisplayText.grouped(day.successCount), DisplayText.grouped(day.failureCount),
                DisplayText.grouped(day.totalLatencyMs) + " ms", day.proxyID,
            ])
        }
        try session.console.emit([
            "schema": "annals.stats-days/1",
            "days": .array(
                days.map {
                    [
                        "date": .string($0.date), "id": .string($0.proxyID),
                        "requests": JSON($0.requestCount), "successful": JSON($0.successCount),
                        "failed": JSON($0.failureCount), "latencySumMs": JSON($0.totalLatencyMs),
                    ]
                }),
        ])
        try days.isEmpty ? session.console.print("no days") : session.console.print(table)
        return .done
    }
}
