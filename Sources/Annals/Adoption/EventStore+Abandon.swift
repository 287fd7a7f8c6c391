public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// What is left of an adoption that was given up.
public struct AbandonedAdoption: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The file whose rows they are, as it was named.
    public let file: String
    /// Events of its rows that are in the log, and stay.
    public let rows: Int
}

extension EventStore {
    /// Gives up an adoption that was interrupted while its events were appended, because its file is lost.
    ///
    /// What is in the log stays there, and the projection shows it from now on as its handlers say: a part
    /// of the file, parents first. The act is recorded with its reason.
    /// - Parameter reason: Why; at least one character that is not a space.
    /// - Throws: `LOCKED`, `REASON_MISSING`, `ADOPTION_NONE` when none is open.
    public func abandonAdoption(
        of projection: String, reason: String, lockTimeoutSeconds: Double = 60
    ) throws(AnnalsError) -> AbandonedAdoption {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw AnnalsError(
                .invalid, "REASON_MISSING",
                "To give an adoption up needs a reason, which is recorded.",
                hint: "Say why it cannot be completed.", context: .init(projection: projection))
        }
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        guard let open = try openAdoption(of: projection) else {
            throw AnnalsError(
                .invalid, "ADOPTION_NONE", "No adoption into '\(projection)' was interrupted.",
                hint: "There is nothing to give up.", context: .init(projection: projection))
        }
        let rows = try rows(of: open)
        let note = adminEvent(
            "adoption.abandoned", projection,
            [
                "file": URL(fileURLWithPath: open.file).lastPathComponent, "digest": open.digest,
                "rows": rows, "reason": reason,
            ])
        try updateState(of: projection) { state in
            state.adoption = nil
            state.outgoing.append(note)
        }
        try deliver(projection)
        return AbandonedAdoption(projection: projection, file: open.file, rows: rows)
    }

    /// The adoption that was interrupted, if one was.
    private func openAdoption(
        of projection: String
    ) throws(AnnalsError) -> ProjectionState.Adoption? {
        _ = try handle(projection)
        return try state(of: projection)?.adoption
    }

    /// How many of its events the log has.
    private func rows(of adoption: ProjectionState.Adoption) throws(AnnalsError) -> Int {
        let prefix = AdoptionScratch.idPrefix(adoption.digest)
        var rows = 0
        do {
            _ = try log.forEachEvent(after: .start, through: try log.head(), limit: .max) { event in
                if event.id?.hasPrefix(prefix) == true { rows += 1 }
            }
        } catch {
            throw storeError(error)
        }
        return rows
    }
}
