internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// `annals rotation configs`: the configurations.
struct RotationConfigsList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "configs", abstract: "List configurations, the most important first.")

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let all = try session.openRotationForReading().rotationConfigs.findAllWithSummary()
        var table = Table([
            .left("ID"), .left("NAME"), .left("STRATEGY"), .left("GROUP"), .left("STATE"),
            .right("PRIORITY"), .right("RULES"), .right("MAPPINGS"),
        ])
        for config in all {
            let state = config.isActive ? "active" : config.enabled ? "enabled" : "disabled"
            table.add([
                config.id, config.name, config.strategy.rawValue, config.targetGroup ?? "", state,
                "\(config.priority)", DisplayText.grouped(config.ruleCount),
                DisplayText.grouped(config.stickyMappingCount),
            ])
        }
        try session.console.emit([
            "schema": "annals.rotation-configs/1", "configs": .array(all.map(Self.document)),
        ])
        try all.isEmpty ? session.console.print("no configurations") : session.console.print(table)
        return .done
    }

    private static func document(_ config: RotationConfigSummary) -> JSON {
        [
            "id": .string(config.id), "name": .string(config.name),
            "strategy": .string(config.strategy.rawValue), "targetGroup": JSON(config.targetGroup),
            "isActive": .bool(config.isActive), "enabled": .bool(config.enabled),
            "priority": JSON(config.priority), "rules": JSON(config.ruleCount),
            "mappings": JSON(config.stickyMappingCount), "createdAt": JSON(config.createdAt),
            "updatedAt": JSON(config.updatedAt),
        ]
    }
}
