internal import Dispatch
public import EventModel
internal import LMDB
internal import Synchronization

/// An append that waits for its commit.
struct WaitingAppend: Sendable {
    let append: PreparedAppend
    let complete: @Sendable (Result<AppendResult, AnnalsError>) -> Void
}

extension EventLog {
    /// Events of one group commit; what waits beyond it takes the next one.
    private static var groupEventsMax: Int { 16_384 }
    /// Events that the tail index holds before they are written into the index tables.
    static var flushEvents: Int { 65_536 }

    /// Appends events; on return they are on disk.
    ///
    /// All of them are appended or none. Appends that wait at the same time share a commit.
    /// - Throws: kind `conflict` when the condition or an id does not hold; `unavailable` when the
    ///   disk is full; `corrupt`.
    public func append(_ append: PreparedAppend) async throws(AnnalsError) -> AppendResult {
        let result = await withCheckedContinuation { continuation in
            enqueue(append) { continuation.resume(returning: $0) }
            writer.async { self.commitWaiting() }
        }
        return try result.get()
    }

    /// The same for callers that may block their thread.
    public func appendAndWait(_ append: PreparedAppend) throws(AnnalsError) -> AppendResult {
        let result = Mutex<Result<AppendResult, AnnalsError>?>(nil)
        enqueue(append) { answer in result.withLock { $0 = answer } }
        return try writer.sync {
            // Another thread's turn may have committed it already.
            while result.withLock({ $0 == nil }) { commitWaiting() }
            return result.withLock { $0 } ?? .failure(Self.lostAppend)
        }.get()
    }

    private static var lostAppend: AnnalsError {
        AnnalsError(.unavailable, "APPEND_LOST", "The append got no answer from the writer.")
    }

    private func enqueue(
        _ append: PreparedAppend,
        _ complete: @escaping @Sendable (Result<AppendResult, AnnalsError>) -> Void
    ) {
        waiting.withLock { $0.append(WaitingAppend(append: append, complete: complete)) }
    }

    /// Commits the appends that wait, in one transaction, and answers them. Runs on the writer.
    private func commitWaiting() {
        let group = waiting.withLock { waiting -> [WaitingAppend] in
            var events = 0
            var count = 0
            while count < waiting.count, count == 0 || events < Self.groupEventsMax {
                events += waiting[count].append.count
                count += 1
            }
            let group = Array(waiting.prefix(count))
            waiting.removeFirst(count)
            return group
        }
        guard !group.isEmpty else { return }
        let answers = commit(group.map(\.append))
        for (append, answer) in zip(group, answers) { append.complete(answer) }
        flushIfDue()
    }

    private func commit(_ appends: [PreparedAppend]) -> [Result<AppendResult, AnnalsError>] {
        do throws(AnnalsError) {
            try checkWritable()
            var answers: [Result<AppendResult, AnnalsError>] = []
            let turn = try poisoning("appending") {
                try environment.write { transaction in
                    answers.removeAll()
                    var turn = try transaction.reading { try AppendTurn(on: self, in: $0) }
                    for append in appends {
                        do {
                            answers.append(
                                .success(
                                    try transaction.reading {
                                        try turn.stage(append, on: self, in: $0)
                                    }))
                        } catch let error as AnnalsError where error.kind == .conflict {
                            answers.append(.failure(error))
                        }
                    }
                    try turn.write(to: &transaction, tables)
                    return turn
                }
            }
            accept(turn)
            return answers
        } catch {
            return appends.map { _ in .failure(error) }
        }
    }

    /// Takes committed events into the tail index and tells those who wait for them.
    func accept(_ turn: AppendTurn) {
        guard !turn.staged.isEmpty else { return }
        tail.withLock { pair in
            // A reader may have read them from their records already.
            if pair.current.covered == turn.baseHead { pair.current.absorb(turn.overlay) }
        }
        watchers.wake()
    }

    /// - Throws: `STORE_POISONED` after a commit that failed in doubt.
    func checkWritable() throws(AnnalsError) {
        if let reason = poison.withLock({ $0 }) { throw reason }
    }

    /// Runs a write transaction. When its commit fails for another reason than space, nobody knows
    /// what reached the disk: the log then refuses writes until it is opened anew, which reads what
    /// is really there. A failed sync is never repeated, for the second one would succeed falsely.
    func poisoning<R>(
        _ what: String, _ body: () throws -> R
    ) throws(AnnalsError) -> R {
        do {
            return try body()
        } catch {
            if let failure = error as? LMDBError, failure.call.description == "mdb_txn_commit",
                failure.cause != .diskFull, failure.cause != .mapFull
            {
                poison.withLock {
                    $0 = AnnalsError(
                        .unavailable, "STORE_POISONED",
                        "A commit failed (\(failure)); the store takes no more writes.",
                        hint: "Look after the disk, then open the store again: what was acknowledged is there.")
                }
            }
            throw logError(error, whileDoing: what)
        }
    }
}
