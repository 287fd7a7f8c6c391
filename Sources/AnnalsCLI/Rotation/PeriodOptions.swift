internal import Annals
internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// The options of a command that looks at the last hours.
struct PeriodOptions: ParsableArguments {
    @Option(help: "How many hours to look back.")
    var hours = 24

    @Option(help: "Look back from this time (RFC 3339), not from now.")
    var at: Timestamp?

    func validate() throws {
        guard hours > 0 else { throw ValidationError("--hours is at least 1.") }
    }

    /// The rotation system of the store, to read from at that time.
    func rotation(in session: Session) throws -> RotationStore {
        var options = RotationStore.Options()
        if let at { options.clock = { at } }
        return try RotationStore(try session.openForReading(), options: options)
    }

    /// What the document says of the period.
    var members: [JSON.Member] {
        [
            .init(name: "hours", value: JSON(hours)),
            .init(name: "at", value: at.map { JSON($0) } ?? .null),
        ]
    }
}
