internal import ArgumentParser
internal import RotationProjection

/// `annals rotation maintenance`: takes what is old out of the tables.
struct RotationMaintenance: Verb {
    static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract: "Take old hours and rotations, and expired mappings, out of the tables.",
        discussion: "The days' figures stay, and the log keeps every event.")

    @Option(help: "Keep the hours of so many days.")
    var statsDays = 30

    @Option(help: "Keep the rotations of so many days.")
    var eventsDays = 30

    @Flag(help: "Build the projection anew afterwards, so that its file holds no free pages.")
    var vacuum = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard statsDays >= 0, eventsDays >= 0 else {
            throw ValidationError("A number of days is at least 0.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        let result = try await rotation.maintenance.run(
            statsRetentionDays: statsDays, eventsRetentionDays: eventsDays, vacuum: vacuum)
        try session.catchUpAll(rotation.store)
        try session.console.emit([
            "schema": "annals.rotation-maintenance/1", "statsDeleted": JSON(result.statsDeleted),
            "eventsDeleted": JSON(result.eventsDeleted),
            "expiredMappingsDeleted": JSON(result.expiredMappingsDeleted),
            "vacuumed": .bool(result.vacuumed),
        ])
        try session.console.print(
            "taken away: \(DisplayText.count(result.statsDeleted, "hour")), "
                + "\(DisplayText.count(result.eventsDeleted, "rotation")), "
                + DisplayText.count(result.expiredMappingsDeleted, "expired mapping"))
        return .done
    }
}
