internal import Annals
internal import ArgumentParser
internal import EventModel
internal import LogStorage

/// `annals verify`: checks the log, and the projections against it.
struct VerifyCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the log, and each projection against a replay to the same position.")

    @Argument(help: "The projections; all that are built without one.")
    var projections: [String] = []

    @Flag(help: "Check the log alone.")
    var logOnly = false

    @OptionGroup var common: CommonOptions

    /// What the check of one projection found, or why it could not be made.
    private struct Finding {
        let name: String
        let result: Result<ProjectionVerification, AnnalsError>

        var isEqual: Bool {
            switch result {
            case .success(let verification): verification.isEqual
            case .failure: false
            }
        }
    }

    func validate() throws {
        guard !logOnly || projections.isEmpty else {
            throw ValidationError("--log-only goes without projections.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading(checksPages: true)
        for name in projections { _ = try store.definition(of: name) }
        let meter = ProgressMeter("verifying the log", on: session.console)
        let report = try store.log.verify { meter.update(done: $0.value, total: $1.value) }
        meter.end()
        var findings: [Finding] = []
        if !logOnly {
            let names = projections.isEmpty ? try store.builtProjections() : projections
            for name in names { findings.append(try verify(name, store, session)) }
        }
        let keys = KeyCheck(store)
        try session.console.emit(document(report, findings).adding(keys.members))
        try tell(report, findings, session.console)
        if let line = keys.line(session.console) { try session.console.print(line) }
        let isGood =
            report.problemCount == 0 && findings.allSatisfy(\.isEqual) && keys.isGood
        return isGood ? .done : .verification
    }

    private func verify(
        _ name: String, _ store: EventStore, _ session: Session
    ) throws -> Finding {
        let meter = ProgressMeter("verifying \(name)", on: session.console)
        defer { meter.end() }
        do throws(AnnalsError) {
            let result = try store.verify(name) {
                meter.update(done: $0.value, total: $1.value)
            }
            return Finding(name: name, result: .success(result))
        } catch {
            // A projection that cannot be replayed is not verified; the others still are.
            let isItsOwn = ["EVENT_REFUSED", "PROJECTION_FORMAT", "PROJECTION_UNFINISHED"]
            guard error.kind == .corrupt || isItsOwn.contains(error.code) else { throw error }
            return Finding(name: name, result: .failure(error))
        }
    }

    private func document(_ report: LogReport, _ findings: [Finding]) -> JSON {
        [
            "schema": "annals.verify/1",
            "log": [
                "head": JSON(report.head), "problemCount": JSON(report.problemCount),
                "problems": .array(
                    report.problems.map {
                        [
                            "code": .string($0.code), "message": .string($0.message),
                            "position": JSON($0.context.position),
                        ]
                    }),
            ],
            "projections": .array(findings.map(Self.document)),
        ]
    }

    private static func document(_ finding: Finding) -> JSON {
        switch finding.result {
        case .success(let result):
            [
                "name": .string(finding.name), "version": JSON(result.version),
                "position": JSON(result.position), "digest": .string(result.digest),
                "replayDigest": .string(result.replayDigest), "equal": .bool(result.isEqual),
                "differences": .array(result.differences.map(ContentReport.document)),
            ]
        case .failure(let error):
            [
                "name": .string(finding.name), "version": nil,
                "position": JSON(error.context.position), "digest": nil, "replayDigest": nil,
                "equal": false, "code": .string(error.code), "message": .string(error.message),
            ]
        }
    }

    private func tell(_ report: LogReport, _ findings: [Finding], _ console: Console) throws {
        if report.problemCount == 0 {
            let word = console.painted("sound", .green)
            try console.print("log: \(word), head \(DisplayText.grouped(report.head.value))")
        } else {
            let count = DisplayText.count(report.problemCount, "problem")
            try console.print("log: \(console.painted(count, .red))")
        }
        for problem in report.problems {
            try console.print("  \(problem.code): \(DisplayText.escaped(problem.message))")
        }
        for finding in findings {
            switch finding.result {
            case .success(let result):
                let word =
                    result.isEqual
                    ? console.painted("equal", .green) : console.painted("DIFFERENT", .red)
                try console.print(
                    "\(finding.name): \(word) at position \(result.position), \(result.digest)")
                if !result.isEqual { try console.print("  a replay gives \(result.replayDigest)") }
                for line in result.differences.flatMap(ContentReport.lines) {
                    try console.print("  \(line)")
                }
            case .failure(let error):
                try console.print(
                    "\(finding.name): \(console.painted("NOT VERIFIED", .red)), "
                        + "\(error.code): \(DisplayText.escaped(error.message))")
            }
        }
    }
}
