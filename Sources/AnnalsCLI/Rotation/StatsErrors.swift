internal import ArgumentParser
internal import RotationProjection

/// `annals stats errors`: which errors occurred how often.
struct StatsErrors: Verb {
    static let configuration = CommandConfiguration(
        commandName: "errors", abstract: "Show which errors occurred how often, over all proxies.")

    @OptionGroup var period: PeriodOptions
    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let counts = try period.rotation(in: session).proxyUsageStats
            .errorDistribution(hours: period.hours)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var table = Table([.left("ERROR"), .right("COUNT")])
        for (error, count) in counts { table.add([error, DisplayText.grouped(count)]) }
        let document: JSON = [
            "schema": "annals.stats-errors/1",
            "errors": .array(
                counts.map { ["type": .string($0.key), "count": JSON($0.value)] }),
        ]
        try session.console.emit(document.adding(period.members))
        try counts.isEmpty ? session.console.print("no errors") : session.console.print(table)
        return .done
    }
}
