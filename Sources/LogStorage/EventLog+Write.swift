internal import Dispatch
internal import EventModel
internal import LMDB
internal import Synchronization

extension EventLog {
    /// Runs a durable write transaction; every write of the log goes through here, on the writer.
    ///
    /// When a commit fails for another reason than space, nobody knows what reached the disk: the
    /// log then refuses writes until it is opened anew, which reads what is really there. A failed
    /// sync is never repeated, for the second one would succeed falsely.
    /// - Throws: `STORE_READ_ONLY`, `STORE_POISONED`, `WRITER_BUSY`, or what the body and LMDB throw, in
    ///   Annals' words.
    func writing<R>(
        _ what: @autoclosure () -> String, _ body: (inout WriteTransaction) throws -> R
    ) throws(AnnalsError) -> R {
        try checkWritable()
        // LMDB's own lock cannot be waited for with an end, and its holder may have been stopped.
        guard writerLock.take(withinSeconds: writeTimeoutSeconds) else { throw writerBusy() }
        defer { writerLock.give() }
        do {
            return try environment.write { transaction in
                let result = try body(&transaction)
                Failpoint.reach("log.written")
                return result
            }
        } catch {
            if let failure = error as? LMDBError, failure.isFromCommit,
                failure.cause != .diskFull, failure.cause != .mapFull
            {
                poison.withLock { $0 = poisoned(by: failure) }
            }
            throw logError(error, whileDoing: what())
        }
    }

    /// - Throws: `STORE_READ_ONLY`, or `STORE_POISONED` after a commit that failed in doubt.
    func checkWritable() throws(AnnalsError) {
        guard access == .readWrite else {
            throw AnnalsError(
                .invalid, "STORE_READ_ONLY", "The log was opened to read only.",
                hint: "Open it to read and write.")
        }
        if let reason = poison.withLock({ $0 }) { throw reason }
    }

    /// Waits for the writer's turn and runs a body in it.
    func onWriter<R>(_ body: () throws(AnnalsError) -> R) throws(AnnalsError) -> R {
        try writer.sync { () -> Result<R, AnnalsError> in
            do throws(AnnalsError) { return .success(try body()) } catch { return .failure(error) }
        }.get()
    }

    private func writerBusy() -> AnnalsError {
        let holder = environment.dataLockHolder.map { "process \($0)" }
        return AnnalsError(
            .unavailable, "WRITER_BUSY",
            "Nothing was written: \(holder ?? "another process") has been writing to the log for "
                + "\(writeTimeoutSeconds) s.",
            hint: "See whether \(holder ?? "it") is stopped or hangs, and end it; then repeat.")
    }

    private func poisoned(by failure: LMDBError) -> AnnalsError {
        AnnalsError(
            .unavailable, "STORE_POISONED",
            "A commit failed (\(failure)); the store takes no more writes.",
            hint: "Look after the disk, then open the store again: what was acknowledged is there.")
    }
}
