internal import ArgumentParser
internal import RotationProjection

/// `annals stats top`: the proxies with the best rate of answers.
struct StatsTop: Verb {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show the proxies with the best rate of answered requests.")

    @Option(help: "At most this many.")
    var limit = 10

    @OptionGroup var period: PeriodOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try period.rotation(in: session)
        let top = try rotation.proxyUsageStats.topBySuccessRate(limit: limit, hours: period.hours)
        var table = Table([.left("NAME")] + UsageReport.columns + [.left("ID")])
        var documents: [JSON] = []
        for entry in top {
            let name = try rotation.proxies.find(id: entry.proxyID)?.name
            table.add([name ?? ""] + UsageReport.cells(entry.usage) + [entry.proxyID])
            documents.append(
                (["id": .string(entry.proxyID), "name": JSON(name)] as JSON)
                    .adding(UsageReport.members(entry.usage)))
        }
        let document: JSON = ["schema": "annals.stats-top/1", "proxies": .array(documents)]
        try session.console.emit(document.adding(period.members))
        try top.isEmpty ? session.console.print("no requests") : session.console.print(table)
        return .done
    }
}
