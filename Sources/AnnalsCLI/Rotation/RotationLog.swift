internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// `annals rotation log`: the last rotations.
struct RotationLog: Verb {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show the last rotations, the newest first.")

    @Option(help: "Only those for this reason.")
    var reason: RotationReason?

    @Option(help: "Only those from or to the proxy with this id.")
    var proxy: String?

    @Option(help: "Only those of the configuration with this id.")
    var config: String?

    @Option(help: "Only those for this domain.")
    var domain: String?

    @Option(help: "At most this many.")
    var limit = 20

    @OptionGroup var watch: WatchOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard [reason?.rawValue, proxy, config, domain].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("--reason, --proxy, --config and --domain exclude each other.")
        }
        guard limit > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotationForReading()
        return try await watch.run(on: session) {
            try tell(try records(rotation.rotationEvents), on: session.console)
        }
    }

    private func records(_ audit: RotationAudit) throws -> [RotationRecord] {
        if let reason { return try audit.find(reason: reason, limit: limit) }
        if let proxy { return try audit.find(proxyID: proxy, limit: limit) }
        if let config { return try audit.find(configID: config, limit: limit) }
        if let domain { return try audit.find(domain: domain, limit: limit) }
        return try audit.recent(limit: limit)
    }

    private func tell(_ records: [RotationRecord], on console: Console) throws {
        var table = Table([
            .left("TIME"), .left("REASON"), .left("FROM"), .left("TO"), .left("DOMAIN"),
        ])
        for record in records {
            table.add([
                record.timestamp.rfc3339 ?? "\(record.timestamp.milliseconds)",
                record.reason.rawValue, record.previousProxyID ?? "", record.newProxyID ?? "",
                record.domain ?? "",
            ])
        }
        try console.emit([
            "schema": "annals.rotations/1", "rotations": .array(try records.map(Self.document)),
        ])
        try records.isEmpty ? console.print("no rotations") : console.print(table)
    }

    private static func document(_ record: RotationRecord) throws -> JSON {
        [
            "id": .string(record.id), "time": JSON(record.timestamp),
            "reason": .string(record.reason.rawValue), "from": JSON(record.previousProxyID),
            "to": JSON(record.newProxyID), "config": JSON(record.configID),
            "domain": JSON(record.domain), "url": JSON(record.url), "tab": JSON(record.tabID),
            "session": JSON(record.sessionID),
            "metadata": try record.metadata.map { .raw(Array(try $0.text().utf8)) } ?? .null,
        ]
    }
}
