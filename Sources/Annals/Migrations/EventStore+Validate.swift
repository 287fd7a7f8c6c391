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
    /// What is wrong with the definition or the live file, all that could be seen at once.
    public internal(set) var problems: [AnnalsError] = []
    /// The checkpoint of the live file; `nil` when there is none that can be read.
    public internal(set) var checkpoint: Position?

    /// Takes note of a problem, unless one of the same code and place or words is known.
    mutating func add(_ problem: AnnalsError) {
        let isKnown = problems.contains {
            $0.code == problem.code
                && ($0.message == problem.message
                    || $0.context.line != nil && $0.context.line == problem.context.line
                        && $0.context.file == problem.context.file
                        && $0.context.column == problem.context.column)
        }
        if !isKnown { problems.append(problem) }
    }
}

extension EventStore {
    /// Checks a projection's definition, what was applied against it, and the live file; reads only.
    ///
    /// The definition: every file by itself, ranges, holes, dependencies, every statement at every
    /// version. The live file: the log that it follows, its checkpoint, its migrations, pages and rows against
    /// their constraints, foreign keys table by table, views and triggers, and its schema against a fresh
    /// build's, so that every object of every applied migration is there. Rows are compared with a
    /// replay by `verify`.
    public func validate(_ projection: String) throws(AnnalsError) -> ProjectionValidation {
        var validation = ProjectionValidation(projection: projection)
        if let failure = loadFailures[projection] {
            for problem in try loadProblems(projection) { validation.add(problem) }
            if validation.problems.isEmpty { validation.add(failure) }
            return validation
        }
        let definition = try handle(projection).definition
        let state = try state(of: projection)
        validation.drift = definition.drift(from: state?.applied ?? [])
        // What was applied is compared first: a file that has gone leaves a hole, and worse.
        if !validation.drift.contains(where: \.isBlocking) {
            let recorded = state?.recorded ?? []
            for problem in definition.consistencyProblems(recorded: recorded) {
                validation.add(problem)
            }
            if validation.problems.isEmpty {
                for problem in try definition.statementProblems() { validation.add(problem) }
            }
        }
        guard let state, let current = state.current else { return validation }
        do {
            try check(current, state, definition, into: &validation)
        } catch {
            validation.add(error)
        }
        return validation
    }

    /// Everything that keeps a projection's folder from being loaded.
    private func loadProblems(_ projection: String) throws(AnnalsError) -> [AnnalsError] {
        guard let projectionsFolder else { return [] }
        var found: [AnnalsError] = []
        for folder in try ProjectionFolder.all(in: projectionsFolder) {
            let problems = ProjectionDefinition.problems(
                manifest: try folder.manifest(), files: try folder.migrations())
            let isMeant =
                folder.name == projection
                || problems.contains { $0.context.projection == projection }
            if isMeant { found += problems }
        }
        return found
    }

    private func check(
        _ current: ProjectionState.Generation, _ state: ProjectionState,
        _ definition: ProjectionDefinition, into validation: inout ProjectionValidation
    ) throws(AnnalsError) {
        let projection = definition.name
        let path = files.generation(current.file)
        let rebuild = "Run 'annals rebuild \(projection)'."
        func note(_ code: String, _ message: String, _ hint: String = rebuild) {
            validation.add(
                AnnalsError(
                    .corrupt, code, message, hint: hint, context: .init(projection: projection)))
        }
        guard FileManager.default.fileExists(atPath: path) else {
            note(
                "FILE_MISSING", "The file of the current generation, \(current.file), is not there."
            )
            return
        }
        let snapshot = try ProjectionSnapshot.read(
            path: path, projection: projection, digests: false)
        validation.checkpoint = snapshot.checkpoint
        if snapshot.logID != logIdentity {
            note("LINEAGE", "\(current.file) follows another log.")
        }
        // The head is read behind the checkpoint, which never overtakes it.
        let head = try log.head()
        if snapshot.checkpoint > head {
            note(
                "AHEAD",
                "\(current.file) is at \(snapshot.checkpoint), ahead of the log's head \(head).")
        }
        if let reason = state.distrust { note("LINEAGE", reason) }
        if let halt = state.halt {
            note(
                "PROJECTION_HALTED",
                "\(projection) stopped at position \(halt.position): \(halt.message)",
                "Mend the handler with a new migration, or put the event aside with"
                    + " 'annals rebuild \(projection) --quarantine'.")
        }
        let live = try ProjectionFileCheck.read(
            path: path, definition: definition, versions: current.versions)
        for problem in live.problems { note("ROWS_INVALID", "\(current.file): \(problem).") }
        for problem in live.dangling { validation.add(problem) }
        if live.applied.map(\.number) != current.versions {
            note(
                "VERSION_SET",
                "\(current.file) is made of the migrations \(live.applied.map(\.number)), not of "
                    + "\(current.versions).")
        }
        // Against a definition that was edited since, a fresh build says nothing about the file.
        guard !validation.drift.contains(where: \.isBlocking) else { return }
        for problem in try schemaProblems(path, current, definition) { validation.add(problem) }
    }

    /// The schema objects that the live file has otherwise than a fresh build, each with the migration that
    /// makes it.
    private func schemaProblems(
        _ path: String, _ current: ProjectionState.Generation, _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> [AnnalsError] {
        let scratch = try ScratchFolder()
        defer { withExtendedLifetime(scratch) {} }
        let fresh = "\(scratch.path)/fresh.sqlite"
        do {
            try ProjectionDatabase.create(
                path: fresh, definition: definition, versions: current.versions,
                appliedAt: options.clock(), logID: logIdentity
            ).finishCopy()
        } catch  where error.kind == .invalid {
            // The definition cannot be built: that is told already.
            return []
        }
        let differences = try ContentComparison.schemaDifferences(
            expected: fresh, found: path, projection: definition.name)
        return differences.map { difference in
            let maker = definition.maker(of: difference.object ?? "", in: current.versions)
            let source = maker.map { ", which \($0.fullName) makes" } ?? ""
            func sql(_ fields: [ContentDifference.Field]) -> String {
                guard case .text(let text) = fields.first?.value else { return "nothing" }
                return text
            }
            return AnnalsError(
                .corrupt, "SCHEMA_DIFFERS",
                "\(current.file): \(difference.summary)\(source): a fresh build has "
                    + "\(sql(difference.expected)), the live file \(sql(difference.found)).",
                hint: "Run 'annals rebuild \(definition.name)'.",
                context: .init(
                    projection: definition.name, migration: maker?.number, file: maker?.file))
        }
    }
}
