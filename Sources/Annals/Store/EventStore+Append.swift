internal import Dispatch
public import EventModel
public import LogStorage
internal import ProjectionEngine
internal import Synchronization

extension EventStore {
    /// Appends events if no projection refuses them; on return they are on disk and in the projections
    /// that handle them.
    ///
    /// All of them are appended or none. The events are first applied, under the positions they would
    /// get, to every projection that has a handler for one of them; a violated CHECK, UNIQUE, NOT NULL
    /// or foreign key refuses the append before the log was touched. Appends that wait at the same time
    /// share a turn, each on its own.
    /// - Throws: `CONSTRAINT_…` with constraint, event type and the handler's place; what is wrong with
    ///   the files of a projection that is built and would have to be asked; kind `conflict` when the condition or an id does not hold; `RESERVED_STREAM`; kind `unavailable`.
    public func append(
        _ events: [Event], condition: AppendCondition = .none
    ) async throws(AnnalsError) -> AppendResult {
        let append = try prepared(events, condition)
        let result = await withCheckedContinuation { continuation in
            checked.add(append) { continuation.resume(returning: $0) }
            checked.turns.async { self.runTurn() }
        }
        return try result.get()
    }

    /// The same for callers that may block their thread.
    public func appendAndWait(
        _ events: [Event], condition: AppendCondition = .none
    ) throws(AnnalsError) -> AppendResult {
        let append = try prepared(events, condition)
        let result = Mutex<Result<AppendResult, AnnalsError>?>(nil)
        checked.add(append) { answer in result.withLock { $0 = answer } }
        return try checked.turns.sync {
            while result.withLock({ $0 == nil }) { runTurn() }
            return result.withLock { $0 }
                ?? .failure(AnnalsError(.unavailable, "APPEND_LOST", "The append got no answer."))
        }.get()
    }

    /// Appends events without asking the projections: for bulk import, where the source was checked.
    ///
    /// Call `catchUp` afterwards; an event that a handler refuses halts its projection there.
    public func appendUnchecked(
        _ events: [Event], condition: AppendCondition = .none
    ) async throws(AnnalsError) -> AppendResult {
        try await log.append(try prepared(events, condition))
    }

    func prepared(
        _ events: [Event], _ condition: AppendCondition
    ) throws(AnnalsError) -> PreparedAppend {
        for event in events where event.stream.utf8.starts(with: Self.reservedPrefix.utf8) {
            throw AnnalsError(
                .invalid, "RESERVED_STREAM",
                "The stream '\(event.stream)' is the store's own: names that begin with '\(Self.reservedPrefix)' are reserved.",
                hint: "Give the event another stream.",
                context: .init(type: event.type, stream: event.stream))
        }
        return try PreparedAppend(events, condition: condition)
    }

    /// Runs one turn for the appends that wait, and answers them.
    private func runTurn() {
        let group = checked.takeGroup()
        guard !group.isEmpty else { return }
        let answers = answers(to: group.map(\.append))
        for (waiting, answer) in zip(group, answers) { waiting.complete(answer) }
    }

    private func answers(to appends: [PreparedAppend]) -> [Result<AppendResult, AnnalsError>] {
        do {
            return try CheckedTurnRunner(store: self, appends: appends).run()
        } catch {
            let failure = storeError(error)
            // A halted projection, for example, concerns only the appends that it has handlers for.
            guard appends.count > 1, failure.kind == .invalid else {
                return appends.map { _ in .failure(failure) }
            }
            return appends.flatMap { answers(to: [$0]) }
        }
    }

    /// The error of an append that a projection should be asked about whose files are wrong.
    func unasked(_ projection: String) -> AnnalsError {
        do {
            _ = try handle(projection)
        } catch {
            var failure = error
            failure.message = "The projection '\(projection)' cannot be asked: \(error.message)"
            failure.hint = "\(error.hint) An unchecked append (--unchecked) asks no projection."
            return failure
        }
        return notBuilt(projection)
    }
}
