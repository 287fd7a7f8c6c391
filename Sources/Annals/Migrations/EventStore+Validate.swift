public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// What the validation of one projection found.
public struct ProjectionValidation: Sendable {
    /// The projection.
    public let projection: String
    /// How what was applied differs from the definition, cosmetic differences included.
    public internal(set) var drift: [Drift] = []
    /// What is wrong with the definition or the live file.
    public internal(set) var problems: [AnnalsError] = []
}

extension EventStore {
    /// Checks a projection's definition, what was applied against it, and the live file.
    ///
    /// The definition is checked at every version, the file's schema against a fresh build's and its
    /// rows against their constraints. Reads only.
    public func validate(_ projection: String) throws(AnnalsError) -> ProjectionValidation {
        var validation = ProjectionValidation(projection: projection)
        if let failure = loadFailures[projection] {
            validation.problems.append(failure)
            return validation
        }
        let definition = try handle(projection).definition
        let state = try state(of: projection)
        validation.drift = definition.drift(from: state?.applied ?? [])
        do {
            // What was applied is compared first: a file that has gone leaves a hole, and worse.
            if !validation.drift.contains(where: \.isBlocking) {
                try definition.checkConsistency(recorded: state?.recorded ?? [])
                try definition.check()
            }
        } catch {
            validation.problems.append(storeError(error, projection: projection))
        }
        guard let state else { return validation }
        guard let current = state.current else { return validation }
        guard FileManager.default.fileExists(atPath: files.generation(current.file)) else {
            validation.problems.append(
                problem(
                    projection, "FILE_MISSING",
                    "The file of the current generation, \(current.file), is not there.",
                    "Run 'annals rebuild \(projection)'."))
            return validation
        }
        do {
            try check(current, of: projection, into: &validation)
        } catch {
            validation.problems.append(error)
        }
        return validation
    }

    private func check(
        _ current: ProjectionState.Generation, of projection: String,
        into validation: inout ProjectionValidation
    ) throws(AnnalsError) {
        let path = files.generation(current.file)
        let rebuild = "Run 'annals rebuild \(projection)'."
        let snapshot = try ProjectionSnapshot.read(
            path: path, projection: projection, digests: false)
        if snapshot.logID != logIdentity {
            validation.problems.append(
                problem(projection, "LINEAGE", "\(current.file) follows another log.", rebuild))
        }
        let head = try log.head()
        if snapshot.checkpoint > head {
            validation.problems.append(
                problem(
                    projection, "AHEAD",
                    "\(current.file) is at \(snapshot.checkpoint), ahead of the log's head \(head).",
                    rebuild))
        }
        let live = try ProjectionFileCheck.read(path: path, projection: projection)
        validation.problems += live.problems.map {
            problem(projection, "ROWS_INVALID", "\(current.file): \($0).", rebuild)
        }
        if live.applied.map(\.number) != current.versions {
            validation.problems.append(
                problem(
                    projection, "VERSION_SET",
                    "\(current.file) is made of the migrations \(live.applied.map(\.number)), not of "
                        + "\(current.versions).", rebuild))
        }
        // Against a definition that was edited since, a fresh build says nothing about the file.
        guard !validation.drift.contains(where: \.isBlocking), validation.problems.isEmpty else {
            return
        }
        let fresh = try freshSchema(of: projection, current.versions)
        let differing = Set(fresh).symmetricDifference(live.schema).sorted()
        if let first = differing.first {
            let side =
                live.schema.contains(first) ? "only the live file has" : "the live file lacks"
            validation.problems.append(
                problem(
                    projection, "SCHEMA_DIFFERS",
                    "The schema of \(current.file) is not a fresh build's in \(differing.count) "
                        + "statements; \(side): \(first)", rebuild))
        }
    }

    private func freshSchema(
        of projection: String, _ versions: [Int]
    ) throws(AnnalsError) -> [String] {
        let scratch = try ScratchFolder()
        defer { withExtendedLifetime(scratch) {} }
        let database = try ProjectionDatabase.create(
            path: "\(scratch.path)/fresh.sqlite", definition: try handle(projection).definition,
            versions: versions, appliedAt: options.clock(), logID: logIdentity)
        try database.finishBulk()
        return try database.schemaNormalForm()
    }

    private func problem(
        _ projection: String, _ code: String, _ message: String, _ hint: String
    ) -> AnnalsError {
        AnnalsError(
            .corrupt, code, message, hint: hint, context: .init(projection: projection))
    }
}
