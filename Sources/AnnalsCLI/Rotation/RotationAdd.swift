internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// `annals rotation add`: makes a configuration.
struct RotationAdd: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a configuration; 'activate' puts it to work.")

    @Argument(help: "Its name.")
    var name: String

    @Option(help: "How it chooses.")
    var strategy: RotationStrategy

    @Option(help: "The group of proxies that it is for; none for all.")
    var group: String?

    @Option(help: "What it is for.")
    var description: String?

    @Option(help: "Greater ones come first.")
    var priority = 0

    @Option(help: "The strategy's settings, as a JSON object.")
    var settings: String?

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let input = RotationConfigInput(
            name: name, strategy: strategy, description: description,
            strategyConfig: try parsedSettings(), targetGroup: group, priority: priority)
        let rotation = try session.openRotation()
        let made = try await rotation.rotationConfigs.create(input)
        try session.catchUpAll(rotation.store)
        try tellConfig(
            "added", made.id, back: session.command("rotation", "remove", made.id),
            on: session.console)
        return .done
    }

    private func parsedSettings() throws -> [String: JSONValue] {
        guard let settings else { return [:] }
        do {
            if let object = try JSONValue(text: settings).object { return object }
        } catch {
            throw CommandError.usage("USAGE", "The settings are no JSON: \(error)")
        }
        throw CommandError.usage("USAGE", "The settings are JSON, but no object.")
    }
}

/// `annals rotation remove`: takes a configuration away.
struct RotationRemove: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a configuration away, with its rules and mappings.")

    @Argument(help: "The configuration's id.")
    var id: String

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        _ = try rotation.rotationConfigs.named(id)
        try await rotation.rotationConfigs.delete(id: id)
        try session.catchUpAll(rotation.store)
        try tellConfig("removed", id, back: nil, on: session.console)
        return .done
    }
}
