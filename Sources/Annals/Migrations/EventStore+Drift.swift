public import EventModel
internal import ProjectionEngine

extension EventStore {
    /// How what was applied to a projection differs from its definition, in the order of application;
    /// comments, spacing and names included.
    /// - Throws: `PROJECTION_UNKNOWN`, or what is wrong with the projection's files.
    public func drift(of projection: String) throws(AnnalsError) -> [Drift] {
        try handle(projection).definition.drift(from: try stateOrNew(of: projection).applied)
    }

    /// The state, after the definition was found to be the one that was applied.
    /// - Throws: `MIGRATION_DRIFT`.
    func checkedState(_ projection: String) throws(AnnalsError) -> ProjectionState {
        let state = try stateOrNew(of: projection)
        try refuse(try handle(projection).definition.drift(from: state.applied), of: projection)
        if let open = state.adoption { throw adoptionOpen(projection, open) }
        return state
    }

    /// Refuses what blocks, and names all of it.
    func refuse(_ drift: [Drift], of projection: String) throws(AnnalsError) {
        let blocking = drift.filter(\.isBlocking)
        guard let first = blocking.first else { return }
        let named = 20
        var message = blocking.prefix(named).map(\.summary).joined(separator: "; ")
        if blocking.count > named { message += "; and \(blocking.count - named) more" }
        throw AnnalsError(
            .invalid, "MIGRATION_DRIFT", "The projection '\(projection)': \(message).",
            hint: Self.remedy(first, projection),
            context: .init(projection: projection, migration: first.number))
    }

    private static func remedy(_ drift: Drift, _ projection: String) -> String {
        let number = Migration.padded(drift.number)
        let repair = "'annals repair \(number) --projection \(projection) --reason TEXT --yes'"
        switch drift.kind {
        case .missing:
            return "Use the program or the projections folder that has it; if it is gone for good,"
                + " \(repair) does without it."
        case .renumbered:
            let new = drift.movedTo.map(Migration.padded) ?? "NEW"
            return "Give it its number back, or run 'annals modules reassign \(number) \(new)"
                + " --projection \(projection)'."
        default:
            return "Restore the file as it was applied, and put the change into a new migration;"
                + " \(repair) accepts the edit."
        }
    }
}
