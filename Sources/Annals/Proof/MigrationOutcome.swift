internal import EventModel
internal import Foundation
internal import ProjectionEngine

/// What came of the checks of one migration on one history.
struct MigrationOutcome: Sendable {
    /// What came of one check.
    struct Finding: Sendable {
        let check: ProofDifference.Check
        let verdict: ProofVerdict
        let content: [ContentDifference]
        let refusal: AnnalsError?
    }

    let number: Int
    private(set) var findings: [Finding] = []
    /// The rows of the tables that the migration names, by table.
    private(set) var rows: [String: Int] = [:]

    /// Runs Up and Down in copies of the replays before and at a migration, and compares.
    init(
        _ migration: Migration, _ definition: ProjectionDefinition, versions: [Int],
        before: ProofReplay, at replay: ProofReplay, now: Timestamp
    ) throws {
        number = migration.number
        let isReplay = migration.down == .replay
        if let refusal = before.refusal ?? replay.refusal {
            add(.down, isReplay ? .replay : .differs, refusal: isReplay ? nil : refusal)
            add(.roundTrip, .replay)
            add(.inPlace, .differs, refusal: refusal)
            return
        }
        try count(migration, before, replay, definition.name)
        let earlier = Array(versions.prefix(before.step))
        let later = Array(versions.prefix(replay.step))
        let copy = "\(replay.path).down"
        if isReplay {
            add(.down, .replay)
        } else {
            try check(.down, definition.name, copyOf: replay, at: copy, against: before) {
                try ProjectionDatabase.runDown(
                    migration, path: copy, definition: definition, versions: later,
                    isScratch: true)
            }
            try StoreFiles.removeIfPresent(copy)
        }
        let upgraded = "\(replay.path).up"
        let isUp = try check(
            .inPlace, definition.name, copyOf: before, at: upgraded, against: replay
        ) {
            try ProjectionDatabase.runUp(
                migration, path: upgraded, definition: definition, versions: earlier, appliedAt: now
            )
        }
        if isReplay || !isUp {
            // An Up that filled tables refuse is only ever run in a new file: so is its way back.
            add(.roundTrip, .replay)
        } else {
            try check(.roundTrip, definition.name, copyOf: nil, at: upgraded, against: before) {
                try ProjectionDatabase.runDown(
                    migration, path: upgraded, definition: definition, versions: later,
                    isScratch: true)
            }
        }
        try StoreFiles.removeIfPresent(upgraded)
    }

    /// Runs a step in a file and compares it with a replay; `false` when the step was refused.
    @discardableResult
    private mutating func check(
        _ check: ProofDifference.Check, _ projection: String, copyOf source: ProofReplay?,
        at path: String, against expected: ProofReplay, _ step: () throws -> Void
    ) throws -> Bool {
        guard !Task.isCancelled else { throw EventStore.interrupted("nothing was changed") }
        if let source { try FileManager.default.copyItem(atPath: source.path, toPath: path) }
        do {
            try step()
        } catch let error as AnnalsError where error.kind == .invalid {
            add(check, .differs, refusal: error)
            return false
        }
        let content = try ContentComparison.differences(
            expected: expected.path, found: path, projection: projection)
        add(check, content.isEmpty ? .proven : .differs, content: content)
        return true
    }

    private mutating func count(
        _ migration: Migration, _ before: ProofReplay, _ replay: ProofReplay, _ projection: String
    ) throws {
        let old = try TableCoverage.read(path: before.path, projection: projection).rows
        let new = try TableCoverage.read(path: replay.path, projection: projection).rows
        let all = old.merging(new) { max($0, $1) }
        for table in migration.tablesNamed(among: all.keys) { rows[table] = all[table] ?? 0 }
    }

    private mutating func add(
        _ check: ProofDifference.Check, _ verdict: ProofVerdict, content: [ContentDifference] = [],
        refusal: AnnalsError? = nil
    ) {
        findings.append(
            Finding(check: check, verdict: verdict, content: content, refusal: refusal))
    }
}
