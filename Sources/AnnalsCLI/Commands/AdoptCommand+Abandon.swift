internal import Annals
internal import EventModel

extension AdoptCommand {
    /// `annals adopt --abandon`: gives up an adoption whose file is lost.
    func giveUp(_ session: Session) throws -> ExitStatus {
        if !yes { try ask(session) }
        let store = try session.openForWriting()
        let name = try session.projection(projection, of: store)
        let result = try store.abandonAdoption(
            of: name, reason: reason ?? "", lockTimeoutSeconds: lockTimeout)
        try session.catchUpAll(store)
        try session.console.emit([
            "schema": "annals.adopt-abandon/1", "projection": .string(result.projection),
            "file": .string(result.file), "rows": JSON(result.rows), "message": "abandoned",
            "back": [],
        ])
        let console = session.console
        try console.print(
            "\(result.projection): the adoption of \(DisplayText.escaped(result.file)) was given up"
        )
        try console.print(
            "\(DisplayText.count(result.rows, "event")) of its rows stay in the log, and are shown")
        try console.print("back: none; events stay, later ones correct them")
        return .done
    }

    private func ask(_ session: Session) throws {
        guard session.console.canAsk else {
            let named = projection.map { ["--projection", $0] } ?? []
            throw CommandError.usage(
                "CONSENT_NEEDED", "To give an adoption up wants consent.", hint: "Give --yes.",
                next: session.command(
                    ["adopt", "--abandon"] + named + ["--reason", reason ?? "", "--yes"]))
        }
        guard session.console.confirms("Give it up? A part of the rows stays in the log.") else {
            throw CommandError(AnnalsError(.invalid, "NOT_CONFIRMED", "Nothing was changed."))
        }
    }
}
