internal import ArgumentParser
internal import RotationProjection

/// `annals rotation activate`: makes a configuration the one of its group.
struct RotationActivate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Make a configuration the active one of its group; another one stops being it.")

    @Argument(help: "The configuration's id.")
    var id: String

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        let configs = rotation.rotationConfigs
        let config = try configs.named(id)
        let before = try configs.findActive(targetGroup: config.targetGroup)
        let isDone = before?.id != id
        if isDone { try await configs.setActive(id: id) }
        try session.catchUpAll(rotation.store)
        let words = before.map { ["activate", $0.id] } ?? ["deactivate", id]
        try tellConfig(
            isDone ? "activated" : "nothing to do", id,
            back: isDone ? session.command(["rotation"] + words) : nil, on: session.console)
        return .done
    }
}

/// `annals rotation deactivate`: leaves a group without an active configuration.
struct RotationDeactivate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "deactivate", abstract: "Leave a group without an active configuration.")

    @Argument(help: "The configuration's id.")
    var id: String

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        let isDone = try rotation.rotationConfigs.named(id).isActive
        if isDone { try await rotation.rotationConfigs.deactivate(id: id) }
        try session.catchUpAll(rotation.store)
        try tellConfig(
            isDone ? "deactivated" : "nothing to do", id,
            back: isDone ? session.command("rotation", "activate", id) : nil, on: session.console)
        return .done
    }
}

extension RotationConfigs {
    /// The configuration with an id.
    /// - Throws: `notFound`.
    func named(_ id: String) throws(RotationError) -> RotationConfig {
        guard let config = try find(id: id) else {
            throw RotationError(.notFound(id), "There is no configuration with the id '\(id)'.")
        }
        return config
    }
}

/// Tells what was done with a configuration, and the way back.
func tellConfig(
    _ message: String, _ id: String, back: String?, on console: Console
) throws {
    try console.emit([
        "schema": "annals.rotation-change/1", "config": .string(id), "message": .string(message),
        "back": .array(back.map { [.string($0)] } ?? []),
    ])
    try console.print(message == "nothing to do" ? message : "\(message) \(id)")
    if let back { try console.print("back: \(back)") }
}
