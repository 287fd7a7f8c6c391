internal import ArgumentParser
internal import RotationProjection

/// `annals rotation reasons`: how often proxies were rotated, and why.
struct RotationReasons: Verb {
    static let configuration = CommandConfiguration(
        commandName: "reasons", abstract: "Show how often proxies were rotated, why, and to which.")

    @OptionGroup var period: PeriodOptions
    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let audit = try period.rotation(in: session).rotationEvents
        let reasons = try audit.countByReason(hours: period.hours)
            .sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        let frequency = try audit.frequency(hours: period.hours)
        let hourly = try audit.hourlyCounts(hours: period.hours)
        let proxies = try audit.mostRotated(hours: period.hours)
        let document: JSON = [
            "schema": "annals.rotation-reasons/1", "perHour": JSON(frequency),
            "reasons": .array(
                reasons.map { ["reason": .string($0.key.rawValue), "count": JSON($0.value)] }),
            "hourly": .array(hourly.map { ["hour": .string($0.hour), "count": JSON($0.count)] }),
            "proxies": .array(
                proxies.map { ["id": .string($0.proxyID), "count": JSON($0.count)] }),
        ]
        try session.console.emit(document.adding(period.members))
        guard !reasons.isEmpty else {
            try session.console.print("no rotations")
            return .done
        }
        var table = Table([.left("REASON"), .right("COUNT")])
        for (reason, count) in reasons {
            table.add([reason.rawValue, DisplayText.grouped(count)])
        }
        try session.console.print(table)
        var most = Table([.left("TO"), .right("COUNT")])
        for proxy in proxies { most.add([proxy.proxyID, DisplayText.grouped(proxy.count)]) }
        try session.console.print()
        try session.console.print(most)
        try session.console.print("\(DisplayText.decimal(frequency)) an hour")
        return .done
    }
}
