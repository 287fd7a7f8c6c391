internal import Annals
internal import ArgumentParser
internal import EventModel
internal import ProjectionEngine

/// `annals lint`: looks for hazards in migrations.
struct LintCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Look for hazards in migrations: a store's, or those of a folder.",
        discussion: """
            Changes nothing. Ends with 1 when an error or a warning was found; notes are none. A line \
            '-- Lint: allow CODE reason' in a migration's header waives a warning or a note for that \
            file. The codes: \(LintRule.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Argument(help: "A folder with projection.yaml, or one whose folders have that; no store then.")
    var folder: String?

    @Option(help: "Only this projection.")
    var projection: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard folder == nil || common.store == nil else {
            throw ValidationError("Give a folder or a store.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let report =
            try folder.map { try LintReport.of(folder: $0, projection: projection) }
            ?? session.openForReading().lint([projection].compactMap(\.self))
        try session.console.emit([
            "schema": "annals.lint/1", "clean": .bool(report.isClean),
            "projections": .array(report.projections.map { .string($0) }),
            "errors": JSON(report.count(.error)), "warnings": JSON(report.count(.warning)),
            "notes": JSON(report.count(.note)),
            "findings": .array(report.findings.map(Self.document)),
            "waived": .array(report.waived.map(Self.document)),
            "skipped": .array(report.skipped.map { .string($0) }),
        ])
        try tell(report, session.console)
        return report.isClean ? .done : .failure
    }

    private static func document(_ finding: LintFinding) -> JSON {
        [
            "code": .string(finding.code), "severity": .string(finding.severity.rawValue),
            "projection": .string(finding.projection), "migration": JSON(finding.migration),
            "file": .string(finding.file), "line": JSON(finding.line),
            "column": JSON(finding.column), "message": .string(finding.message),
            "remedy": .string(finding.remedy), "waiver": JSON(finding.waiver),
        ]
    }

    private func tell(_ report: LintReport, _ console: Console) throws {
        var told: Set<String> = []
        for finding in report.findings {
            let colour: Console.Colour =
                switch finding.severity {
                case .error: .red
                case .warning: .yellow
                case .note: .green
                }
            try console.print(
                "\(finding.file):\(finding.line):\(finding.column): "
                    + "\(console.painted(finding.severity.rawValue, colour)) \(finding.code): "
                    + DisplayText.escaped(finding.message))
            // A remedy that many findings share is said once.
            if told.insert(finding.remedy).inserted {
                try console.print("  \(DisplayText.escaped(finding.remedy))")
            }
        }
        for finding in report.waived {
            try console.print(
                "\(finding.file):\(finding.line):\(finding.column): waived \(finding.code): "
                    + DisplayText.escaped(finding.waiver ?? ""))
        }
        if !report.skipped.isEmpty {
            console.note(
                "not looked for without a store: \(report.skipped.joined(separator: ", "))")
        }
        let counts = [
            DisplayText.count(report.count(.error), "error"),
            DisplayText.count(report.count(.warning), "warning"),
            DisplayText.count(report.count(.note), "note"),
            "\(report.waived.count) waived",
        ]
        let word =
            report.isClean ? console.painted("clean", .green) : console.painted("NOT CLEAN", .red)
        try console.print(
            "\(word): \(counts.joined(separator: ", ")) in "
                + DisplayText.count(report.projections.count, "projection"))
    }
}
