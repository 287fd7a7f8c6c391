internal import EventModel
internal import Foundation
internal import LogStorage
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

    func run() throws -> [Result<AppendResult, AnnalsError>] {
        let types = Set(appends.flatMap(\.types))
        let concerned = try store.projections.filter { name in
            guard let state = try store.state(of: name), state.current != nil else { return false }
            return try store.handle(name).handledTypes(state).contains { types.contains($0) }
        }
        for _ in 0..<Self.attemptsMax {
            if let answers = try attempt(concerned) { return answers }
        }
        throw AnnalsError(
            .unavailable, "STORE_BUSY",
            "Other processes moved the head \(Self.attemptsMax) times during one append.",
            hint: "Repeat the append.")
    }

    /// One try with the write locks of the concerned projections, taken in the order of their names so
    /// that two processes cannot wait for each other; `nil` to start again.
    private func attempt(_ concerned: [String]) throws -> [Result<AppendResult, AnnalsError>]? {
        for name in concerned { _ = try store.catchUp(name) }
        return try locked(concerned[...], databases: [])
    }

    /// Takes the write lock of one projection after the other, then stages and commits.
    private func locked(
        _ rest: ArraySlice<String>, databases: [(name: String, database: ProjectionDatabase)]
    ) throws -> [Result<AppendResult, AnnalsError>]? {
        guard let name = rest.first else { return try stageAndCommit(databases) }
        guard let current = try store.state(of: name)?.current else { return nil }
        let answers = Answers()
        try store.handle(name).with(current, in: store.files, log: store.logIdentity) { database in
            try database.beginImmediate()
            do {
                // Switched while we waited for the lock: what we hold is an old generation.
                if try store.state(of: name)?.current == current {
                    answers.value = try locked(
                        rest.dropFirst(), databases: databases + [(name, database)])
                }
                if answers.value == nil { try database.rollback() }
            } catch {
                try database.rollback()
                throw error
            }
        }
        return answers.value
    }

    /// Answers come out of a closure whose result may not hold errors of any kind.
    private final class Answers { var value: [Result<AppendResult, AnnalsError>]? }

    private func stageAndCommit(
        _ databases: [(name: String, database: ProjectionDatabase)]
    ) throws -> [Result<AppendResult, AnnalsError>]? {
        let answers = try store.log.withTurn { turn -> [Result<AppendResult, AnnalsError>]? in
            // What was appended between the catch-up and the locks.
            for (name, database) in databases {
                try database.catchUp(from: store.logForCatchUp(name), through: turn.baseHead)
            }
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
            return try turn.commit() ? answers : nil
        }
        guard let answers else { return nil }
        Failpoint.reach("checked.between-commits")
        for (_, database) in databases { try database.commit() }
        return answers
    }

    /// What refuses one append and leaves the others of the turn alone.
    private func isRefusal(_ error: AnnalsError) -> Bool {
        error.kind == .conflict || error.code.hasPrefix("CONSTRAINT_")
            || error.code == "EVENT_REFUSED"
    }

    /// Stages one append and applies it to each projection, inside a savepoint of each.
    private func stage(
        _ append: PreparedAppend,
        on databases: ArraySlice<(name: String, database: ProjectionDatabase)>,
        in turn: inout CheckedTurn, since mark: CheckedTurn.Mark
    ) throws(AnnalsError) -> AppendResult {
        let result = try turn.stage(append)
        try apply(to: databases, turn, since: mark)
        return result
    }

    private func apply(
        to databases: ArraySlice<(name: String, database: ProjectionDatabase)>,
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
