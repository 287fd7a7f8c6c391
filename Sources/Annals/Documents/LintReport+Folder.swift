public import EventModel
public import ProjectionEngine

extension LintReport {
    /// Looks for hazards in the folder of a projection, or in the projections of a folder; no store is
    /// needed, and nothing is changed.
    ///
    /// - Parameters:
    ///   - path: A folder with `projection.yaml`, or one whose folders have that.
    ///   - projection: Only this one; `nil` for all.
    /// - Throws: `FILE_UNREADABLE`, `FILE_OUTSIDE`, `FILE_TOO_LARGE`, `PROJECTION_MISSING`,
    ///   `PROJECTION_UNKNOWN`. What is wrong with the files is a finding.
    public static func of(
        folder path: String, projection: String? = nil
    ) throws(AnnalsError) -> LintReport {
        var loaded: [ProjectionDefinition] = []
        var findings: [LintFinding] = []
        let folders = try ProjectionFolder.all(in: path)
        for folder in folders {
            let problems = try problems(in: folder)
            if problems.isEmpty { loaded.append(try .load(folder: folder.path)) }
            findings += problems
        }
        if let projection, findings.isEmpty, !loaded.contains(where: { $0.name == projection }) {
            throw AnnalsError(
                .invalid, "PROJECTION_UNKNOWN",
                "There is no projection '\(projection)' in \(path).",
                hint: "There are: \(loaded.map(\.name).sorted().joined(separator: ", ")).",
                context: .init(projection: projection))
        }
        // Two folders that hold one name.
        if findings.isEmpty, folders.count > 1 {
            let all = try LoadedProjections(folder: path, isChecked: true)
            findings += all.failures.map { LintFinding($0.value, projection: $0.key) }
        }
        for definition in loaded where projection == nil || definition.name == projection {
            findings += try Linter(definition, others: loaded).findings()
        }
        return LintReport(
            projections: loaded.map(\.name).filter { projection == nil || $0 == projection },
            findings, skipped: Linter.storeRules.sorted())
    }

    /// What keeps the projection in a folder from being loaded; the folder's name stands for the
    /// projection's when the manifest does not tell it.
    static func problems(in folder: ProjectionFolder) throws(AnnalsError) -> [LintFinding] {
        ProjectionDefinition.problems(
            manifest: try folder.manifest(), files: try folder.migrations()
        ).map { LintFinding($0, projection: $0.context.projection ?? folder.name) }
    }
}
