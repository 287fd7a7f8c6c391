public import EventModel
import SQLite

extension ProjectionDatabase {
    /// Applies the log's events after the checkpoint, up to `through` or the log's head.
    ///
    /// Each batch is one transaction of rows and checkpoint. A batch begins where the file is then, so
    /// several processes may catch up the same file.
    /// - Parameters:
    ///   - batchEvents: events of one transaction, at least 1.
    ///   - progress: called after each commit with the new checkpoint.
    /// - Returns: the number of events that were applied, those without a handler included.
    /// - Throws: `EVENT_REFUSED` under the policy `stop`, with everything before the event committed;
    ///   `POSITION_MISSING` (corrupt) for a hole in the log; what the source throws; what SQLite says.
    ///   After any error the rows are those of the checkpoint.
    @discardableResult
    public func apply(
        from source: some EventSource, through: Position, batchEvents: Int = 16_384,
        policy: PoisonPolicy = .stop, progress: (Position) -> Void = { _ in }
    ) throws(AnnalsError) -> Int {
        precondition(batchEvents > 0, "a batch has at least one event")
        let target = try target(in: source, through)
        let reader = reader(of: source)
        defer { reader.finish() }
        var portion = EventPortion()
        var applied = 0
        while checkpoint < target {
            do throws(EventApplier.Failure) {
                applied += try applyBatch(reader, &portion, target, batchEvents, policy)
            } catch {
                // What a refused event has written cannot be told from the rest of its batch: the
                // batch is taken back, and the events before the refused one are applied again.
                if case .refused(let refusal) = error {
                    let before = Position(refusal.position.value - 1)
                    if checkpoint < before {
                        _ = try reporting { () throws(EventApplier.Failure) in
                            try applyBatch(reader, &portion, before, batchEvents, .stop)
                        }
                        progress(checkpoint)
                    }
                }
                throw self.error(error)
            }
            progress(checkpoint)
        }
        return applied
    }

    /// Takes the file's write lock; from here on the checkpoint is nobody else's to move.
    /// - Throws: `PROJECTION_BUSY` when another process holds the lock for longer than 5 seconds.
    public func beginImmediate() throws(AnnalsError) {
        try wrap { () throws(SQLiteError) in try begin() }
    }

    /// Applies the log's events after the checkpoint inside the open transaction.
    /// - Throws: as `apply`; the transaction is to be rolled back then.
    public func catchUp(
        from source: some EventSource, through: Position, policy: PoisonPolicy = .stop
    ) throws(AnnalsError) {
        precondition(connection.inTransaction, "catchUp stands between beginImmediate and commit")
        let target = try target(in: source, through)
        let reader = reader(of: source)
        defer { reader.finish() }
        var portion = EventPortion()
        try reporting { () throws(EventApplier.Failure) in
            try run(reader, &portion, target, .max, policy)
        }
    }

    /// Runs a body in a savepoint of the open transaction: when it throws, its rows are taken back.
    public func savepoint<R>(_ body: () throws(AnnalsError) -> R) throws(AnnalsError) -> R {
        precondition(connection.inTransaction, "a savepoint stands between begin and commit")
        let before = checkpoint
        try wrap { () throws(SQLiteError) in try connection.execute("SAVEPOINT append") }
        do throws(AnnalsError) {
            let result = try body()
            try wrap { () throws(SQLiteError) in try connection.execute("RELEASE append") }
            return result
        } catch {
            checkpoint = before
            // An error of the disk may have ended the transaction, and the savepoint with it.
            guard connection.inTransaction else { throw error }
            try wrap { () throws(SQLiteError) in
                try connection.execute("ROLLBACK TO append; RELEASE append")
            }
            throw error
        }
    }

    /// Applies an event that is not in the log yet, under the position that it is going to have.
    /// - Precondition: The position is the one after the checkpoint.
    /// - Throws: `CONSTRAINT_CHECK`, `CONSTRAINT_UNIQUE`, `CONSTRAINT_NOT_NULL`,
    ///   `CONSTRAINT_FOREIGN_KEY`, `CONSTRAINT_TRIGGER`, `CONSTRAINT_OTHER` or `EVENT_REFUSED` when a
    ///   handler refuses it; rows may be there, so call it inside `savepoint`.
    public func applyCandidate(_ view: borrowing EventView) throws(AnnalsError) {
        precondition(connection.inTransaction, "a candidate stands between begin and commit")
        precondition(view.position == checkpoint.next, "a candidate follows the checkpoint")
        var portion = EventPortion()
        portion.add(view, applier.inputs)
        do throws(EventApplier.Failure) {
            for index in portion.entries.indices { try applier.apply(index, of: &portion) }
        } catch {
            guard case .refused(let refusal) = error else { throw self.error(error) }
            throw refusal.rejected(projection: definition.name)
        }
        checkpoint = view.position
    }

    /// Stores the checkpoint and commits rows and checkpoint together.
    ///
    /// Not synced: after a power cut the file may be behind, and is caught up from the log.
    public func commit() throws(AnnalsError) {
        try reporting { () throws(EventApplier.Failure) in try finish() }
    }

    /// Takes back everything since `beginImmediate`.
    public func rollback() throws(AnnalsError) {
        try wrap { () throws(SQLiteError) in try undo() }
    }

    private func target(
        in source: some EventSource, _ through: Position
    ) throws(AnnalsError) -> Position {
        do {
            return min(through, try source.head())
        } catch {
            throw PortionReader.sourceError(error)
        }
    }

    private func reader(of source: some EventSource) -> PortionReader {
        PortionReader(source, applier.inputs, projection: definition.name)
    }

    /// One transaction; taken back when it fails.
    private func applyBatch(
        _ reader: PortionReader, _ portion: inout EventPortion, _ target: Position, _ limit: Int,
        _ policy: PoisonPolicy
    ) throws(EventApplier.Failure) -> Int {
        try Self.failing { () throws(SQLiteError) in try begin() }
        let start = checkpoint
        do throws(EventApplier.Failure) {
            try run(reader, &portion, target, limit, policy)
        } catch {
            try Self.failing { () throws(SQLiteError) in try undo() }
            throw error
        }
        let end = checkpoint
        try finish()
        return Int(end.value - start.value)
    }

    /// Applies up to `limit` events in the open transaction and moves the checkpoint in memory; begins
    /// to read what another call with the same limit would apply.
    private func run(
        _ reader: PortionReader, _ portion: inout EventPortion, _ target: Position, _ limit: Int,
        _ policy: PoisonPolicy
    ) throws(EventApplier.Failure) {
        var left = limit
        while left > 0, checkpoint < target {
            do throws(AnnalsError) {
                try reader.read(&portion, after: checkpoint, through: target, limit: left)
            } catch {
                throw .source(error)
            }
            left -= Int(portion.end.value - checkpoint.value)
            reader.readAhead(
                after: portion.end, through: target, limit: left > 0 ? left : limit)
            try apply(&portion, policy)
            checkpoint = portion.end
        }
    }

    /// Applies a portion, measured if that was asked for.
    private func apply(
        _ portion: inout EventPortion, _ policy: PoisonPolicy
    ) throws(EventApplier.Failure) {
        guard var meter else {
            var meter = NoMeter()
            for index in portion.entries.indices {
                try apply(index, of: &portion, policy, &meter)
            }
            return
        }
        // Taken out meanwhile, so that adding up copies nothing.
        self.meter = nil
        defer { self.meter = meter }
        for index in portion.entries.indices { try apply(index, of: &portion, policy, &meter) }
    }

    @inline(__always)
    private func apply(
        _ index: Int, of portion: inout EventPortion, _ policy: PoisonPolicy,
        _ meter: inout some StatementMeter
    ) throws(EventApplier.Failure) {
        if policy == .stop { return try applier.apply(index, of: &portion, &meter) }
        try Self.failing { () throws(SQLiteError) in try statements.run(statements.savepoint) }
        do throws(EventApplier.Failure) {
            try applier.apply(index, of: &portion, &meter)
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            try Self.failing { () throws(SQLiteError) in
                try statements.undoSavepoint()
                try statements.record(refusal)
            }
            return
        }
        try Self.failing { () throws(SQLiteError) in try statements.run(statements.release) }
    }

    private func begin() throws(SQLiteError) {
        try statements.run(statements.begin)
        checkpoint = try statements.checkpoint()
    }

    private func finish() throws(EventApplier.Failure) {
        do throws(SQLiteError) {
            try statements.store(checkpoint)
            try statements.run(statements.commit)
        } catch {
            try Self.failing { () throws(SQLiteError) in try undo() }
            throw .database(error)
        }
    }

    private func undo() throws(SQLiteError) {
        try statements.rollBack()
        checkpoint = try statements.checkpoint()
    }

    func error(_ failure: EventApplier.Failure) -> AnnalsError {
        switch failure {
        case .refused(let refusal): refusal.stopped(projection: definition.name)
        case .database(let error): .database(error, projection: definition.name)
        case .source(let error): error
        }
    }

    private func reporting<R>(
        _ body: () throws(EventApplier.Failure) -> R
    ) throws(AnnalsError) -> R {
        do throws(EventApplier.Failure) {
            return try body()
        } catch {
            throw self.error(error)
        }
    }

    private static func failing<R>(
        _ body: () throws(SQLiteError) -> R
    ) throws(EventApplier.Failure) -> R {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw .database(error)
        }
    }
}
