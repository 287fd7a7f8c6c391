internal import EventModel
internal import Foundation
internal import LogStorage
internal import Logging
internal import ProjectionEngine

/// One turn of checked appends: the projections hold their write locks and apply the events under
/// their coming positions; then the log commits; then the projections do.
///
/// A crash between the commits leaves a projection behind the log, which the next opening heals; the
/// reverse cannot happen.
struct CheckedTurnRunner {
    let store: EventStore
    let appends: [PreparedAppend]

    /// Times that a turn starts again because another process moved the head or switched a generation.
    private static let attemptsMax = 1_000

    /// A projection whose write lock the turn holds.
    private struct Locked {
        let database: ProjectionDatabase
        let policy: PoisonPolicy
    }

    func run() throws -> [Result<AppendResult, AnnalsError>] {
        for _ in 0..<Self.attemptsMax {
            if let answers = try attempt() { return answers }
        }
        throw AnnalsError(
            .unavailable, "STORE_BUSY",
            "Other processes moved the head \(Self.attemptsMax) times during one append.",
            hint: "Repeat the append.")
    }

    /// One try with the write locks of the concerned projections, taken in the order of their names so
    /// that two processes cannot wait for each other; `nil` to start again.
    private func attempt() throws -> [Result<AppendResult, AnnalsError>]? {
        let types = Set(appends.flatMap(\.types))
        // Which projections are asked follows from these bytes: the commit sees that they still hold.
        var known: [String: [UInt8]?] = [:]
        var concerned: [(name: String, state: ProjectionState)] = []
        for name in Set(store.projections).union(try store.knownProjections()).sorted() {
            let key = ProjectionState.key(name)
            let bytes = try store.log.state(key)
            known[key] = .some(bytes)
            guard let bytes else { continue }
            guard let handle = store.handles[name] else {
                // Without its handlers nobody knows what it would refuse.
                guard let state = try store.state(of: name), state.current != nil,
                    !state.applied.isEmpty
                else { continue }
                throw store.unasked(name)
            }
            let (state, drift) = try handle.state(bytes)
            guard state.current != nil else { continue }
            // Nor when the definition is not the one that was applied: a handler may be missing.
            try store.refuse(drift, of: name)
            if !handle.handledTypes(state).isDisjoint(with: types) {
                concerned.append((name, state))
            }
        }
        for (name, _) in concerned { _ = try store.catchUp(name) }
        return try locked(concerned[...], [], known)
    }

    /// Takes the write lock of one projection after the other, then stages and commits.
    private func locked(
        _ rest: ArraySlice<(name: String, state: ProjectionState)>, _ databases: [Locked],
        _ known: [String: [UInt8]?]
    ) throws -> [Result<AppendResult, AnnalsError>]? {
        guard let (name, state) = rest.first else { return try stageAndCommit(databases, known) }
        guard let current = state.current else { return nil }
        let answers = Answers()
        do {
            try store.handle(name).with(
                current, in: store.files, log: store.logIdentity
            ) { database in
                try database.beginImmediate()
                do {
                    // Switched while we waited for the lock: what we hold is an old generation.
                    if try store.state(of: name)?.current == current {
                        let locked = Locked(
                            database: database, policy: state.quarantines ? .quarantine : .stop)
                        answers.value = try self.locked(
                            rest.dropFirst(), databases + [locked], known)
                    }
                    if answers.value == nil { try database.rollback() }
                } catch {
                    try database.rollback()
                    throw error
                }
            }
        } catch {
            // Its file may have gone with a switch after its name had been read.
            if try store.state(of: name)?.current == current { throw error }
            return nil
        }
        return answers.value
    }

    /// Answers come out of a closure whose result may not hold errors of any kind.
    private final class Answers { var value: [Result<AppendResult, AnnalsError>]? }

    private func stageAndCommit(
        _ databases: [Locked], _ known: [String: [UInt8]?]
    ) throws -> [Result<AppendResult, AnnalsError>]? {
        let answers = try store.log.withTurn { turn -> [Result<AppendResult, AnnalsError>]? in
            guard try catchUp(databases, through: turn.baseHead) else { return nil }
            var answers: [Result<AppendResult, AnnalsError>] = []
            for append in appends {
                let mark = turn.mark
                do throws(AnnalsError) {
                    answers.append(
                        .success(try stage(append, on: databases[...], in: &turn, since: mark)))
                } catch {
                    turn.unstage(to: mark)
                    guard isRefusal(error) else { throw error }
                    answers.append(.failure(error))
                }
            }
            Failpoint.reach("checked.before-log-commit")
            return try turn.commit(ifStateIs: known) ? answers : nil
        }
        guard let answers else { return nil }
        Failpoint.reach("checked.between-commits")
        for locked in databases {
            do {
                try locked.database.commit()
            } catch {
                // The events are in the log, which alone decides: to report a failure would make the
                // caller append them again. The projection catches up with the next append or opening.
                store.options.logger.warning("Behind the log: \(error.message)")
            }
        }
        return answers
    }

    /// Applies what was appended between the catch-up and the locks; `false` at an event that a handler
    /// refuses, which the catch-up of the next try then reports.
    private func catchUp(
        _ databases: [Locked], through head: Position
    ) throws(AnnalsError) -> Bool {
        for locked in databases {
            do {
                try locked.database.catchUp(
                    from: store.logForCatchUp(locked.database.definition.name), through: head,
                    policy: locked.policy)
            } catch  where error.code == "EVENT_REFUSED" {
                return false
            }
        }
        return true
    }

    /// What refuses one append and leaves the others of the turn alone.
    private func isRefusal(_ error: AnnalsError) -> Bool {
        error.kind == .conflict || error.code.hasPrefix("CONSTRAINT_")
            || error.code == "EVENT_REFUSED"
    }

    /// Stages one append and applies it to each projection, inside a savepoint of each.
    private func stage(
        _ append: PreparedAppend,
        on databases: ArraySlice<Locked>,
        in turn: inout CheckedTurn, since mark: CheckedTurn.Mark
    ) throws(AnnalsError) -> AppendResult {
        let result = try turn.stage(append)
        try apply(to: databases, turn, since: mark)
        return result
    }

    private func apply(
        to databases: ArraySlice<Locked>,
        _ turn: CheckedTurn, since mark: CheckedTurn.Mark
    ) throws(AnnalsError) {
        guard let database = databases.first?.database else { return }
        try database.savepoint { () throws(AnnalsError) in
            try turn.forEachStaged(since: mark) { (event) throws(AnnalsError) in
                try database.applyCandidate(event)
            }
            try apply(to: databases.dropFirst(), turn, since: mark)
        }
    }
}
