internal import ArgumentParser
internal import RotationProjection

/// `annals stats targets`: the domains, sessions or countries that proxies were used for.
struct StatsTargets: Verb {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Show the domains, sessions or countries that proxies were used for.")

    @Argument(help: "domain, session or country.")
    var kind = UsageTarget.domain

    @Option(help: "Only those of the proxy with this id.")
    var proxy: String?

    @Option(help: "At most this many.")
    var limit = 20

    @OptionGroup var period: PeriodOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try period.rotation(in: session)
        if let proxy { _ = try rotation.proxies.named(proxy) }
        let targets = try rotation.proxyUsageStats.targets(
            kind, proxyID: proxy, hours: period.hours, limit: limit)
        var table = Table([.left(kind.rawValue.uppercased()), .right("HOURS"), .right("PROXIES")])
        for target in targets {
            table.add([
                target.value, DisplayText.grouped(target.hours),
                DisplayText.grouped(target.proxies),
            ])
        }
        let document: JSON = [
            "schema": "annals.stats-targets/1", "kind": .string(kind.rawValue),
            "targets": .array(
                targets.map {
                    [
                        "value": .string($0.value), "hoursSeen": JSON($0.hours),
                        "proxies": JSON($0.proxies),
                    ]
                }),
        ]
        try session.console.emit(document.adding(period.members))
        try targets.isEmpty ? session.console.print("none") : session.console.print(table)
        return .done
    }
}
