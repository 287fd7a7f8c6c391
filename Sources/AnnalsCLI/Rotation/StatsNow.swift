internal import Annals
internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// `annals stats now`: each proxy as it stands, with its last 24 hours.
struct StatsNow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "now", abstract: "Show each proxy as it stands, with its last 24 hours.")

    @Option(help: "The 24 hours before this time (RFC 3339), not before now.")
    var at: Timestamp?

    @OptionGroup var watch: WatchOptions
    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        var options = RotationStore.Options()
        if let at { options.clock = { at } }
        let rotation = try RotationStore(try session.openForReading(), options: options)
        return try await watch.run(on: session) {
            try tell(try rotation.proxyUsageStats.currentStats(), on: session.console)
        }
    }

    private func tell(_ all: [CurrentStats], on console: Console) throws {
        var table = Table([
            .left("NAME"), .left("STATUS"), .left("GROUP"), .right("WEIGHT"), .right("LATENCY"),
            .right("REQUESTS"), .right("ANSWERED"), .right("ROTATIONS"), .right("AVG"), .left("ID"),
        ])
        for stats in all {
            table.add([
                stats.name, stats.status.rawValue, stats.rotationGroup ?? "",
                DisplayText.decimal(stats.weight), stats.latency.map { "\($0) ms" } ?? "",
                DisplayText.grouped(stats.requests24h), DisplayText.grouped(stats.success24h),
                DisplayText.grouped(stats.rotations24h),
                stats.avgLatency24h.map { DisplayText.decimal($0) + " ms" } ?? "", stats.proxyID,
            ])
        }
        try console.emit([
            "schema": "annals.stats/1", "at": at.map { JSON($0) } ?? .null,
            "proxies": .array(all.map(Self.document)),
        ])
        try all.isEmpty ? console.print("no proxies") : console.print(table)
    }

    private static func document(_ stats: CurrentStats) -> JSON {
        [
            "id": .string(stats.proxyID), "name": .string(stats.name), "host": .string(stats.host),
            "port": JSON(stats.port), "protocol": .string(stats.protocol.rawValue),
            "status": .string(stats.status.rawValue), "weight": JSON(stats.weight),
            "rotationGroup": JSON(stats.rotationGroup), "region": JSON(stats.region),
            "latencyMs": JSON(stats.latency), "successRate": JSON(stats.successRate),
            "requests24h": JSON(stats.requests24h), "success24h": JSON(stats.success24h),
            "rotations24h": JSON(stats.rotations24h),
            "avgLatency24hMs": stats.avgLatency24h.map { JSON($0) } ?? .null,
        ]
    }
}
