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
    /// Bytes of one group commit; a single append may have more.
    private static var groupBytesMax: Int { 64 << 20 }

    /// Appends events; on return they are on disk.
    ///
    /// All of them are appended or none. Appends that wait at the same time share a commit.
    /// - Throws: kind `conflict` when the condition or an id does not hold; `unavailable` when the
    ///   disk is full; `invalid` when the log was opened to read; `corrupt`.
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
            while true {
                if let answer = result.withLock({ $0 }) { return answer }
                commitWaiting()
            }
        }.get()
    }

    private func enqueue(
        _ append: PreparedAppend,
        _ complete: @escaping @Sendable (Result<AppendResult, AnnalsError>) -> Void
    ) {
        waiting.withLock { $0.append(WaitingAppend(append: append, complete: complete)) }
    }

    /// Commits the appends that wait, in one transaction, and answers them.
    ///
    /// Runs on the writer.
    private func commitWaiting() {
        let group = waiting.withLock { waiting -> [WaitingAppend] in
            var (events, bytes, count) = (0, 0, 0)
            while count < waiting.count {
                events += waiting[count].append.count
                bytes += waiting[count].append.bytes.count
                let isFull = events > Self.groupEventsMax || bytes > Self.groupBytesMax
                if count > 0, isFull { break }
                count += 1
            }
            let group = Array(waiting.prefix(count))
            waiting.removeFirst(count)
            return group
        }
        guard !group.isEmpty else { return }
        let callers = group.map(\.complete)
        // The group ends here, so that the callers free the memory that they took, not the writer.
        let answers = commit(group)
        for (complete, answer) in zip(callers, answers) { complete(answer) }
        flushIfDue()
    }

    private func commit(
        _ appends: [WaitingAppend]
    ) -> [Result<AppendResult, AnnalsError>] {
        do throws(AnnalsError) {
            var answers: [Result<AppendResult, AnnalsError>] = []
            let turn = try writing("appending") { transaction in
                answers.removeAll()
                var turn = try transaction.reading { try AppendTurn(on: self, in: $0) }
                for waiting in appends {
                    do {
                        let result = try transaction.reading {
                            try turn.stage(waiting.append, on: self, in: $0)
                        }
                        answers.append(.success(result))
                    } catch let error as AnnalsError where error.kind == .conflict {
                        answers.append(.failure(error))
                    }
                }
                try turn.write(to: &transaction, tables)
                return turn
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
}
