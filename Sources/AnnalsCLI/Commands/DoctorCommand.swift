internal import Annals
internal import ArgumentParser
internal import EventModel
internal import LogStorage

/// `annals doctor`: says what is wrong with a store and what to do about it.
struct DoctorCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is wrong with this store and what to do about it.",
        discussion: """
            Changes nothing, unless --heal or --rebuild-indexes is given. Ends with 1 when \
            something was found.
            """)

    @Flag(help: "Check every record, every index entry and every row too.")
    var full = false

    @Flag(help: "Mend links and store.json, remove abandoned files, catch projections up.")
    var heal = false

    @Flag(help: "Make the log's index tables anew from the records.")
    var rebuildIndexes = false

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        var done: [String] = []
        if heal || rebuildIndexes { done = try mend(session) }
        let store = try session.openForReading(checksPages: full)
        var findings = try store.diagnoseFiles()
        let status = try store.status()
        findings += status.projections.flatMap(Self.findings)
        if full { findings += try fullFindings(store, session) }
        try tell(findings, status, done, session)
        return findings.isEmpty ? .done : .failure
    }

    private func mend(_ session: Session) throws -> [String] {
        var done: [String] = []
        let store = try session.openForWriting(checksPages: full)
        if heal { done.append("healed what derives from the log") }
        if rebuildIndexes {
            let meter = ProgressMeter("rebuilding indexes", on: session.console)
            defer { meter.end() }
            try store.log.rebuildIndexes { meter.update(done: $0.value, total: $1.value) }
            done.append("rebuilt the log's index tables")
        }
        return done
    }

    /// What the state of a projection asks for.
    private static func findings(_ projection: ProjectionStatus) -> [StoreFinding] {
        let name = projection.name
        func finding(_ code: String, _ message: String, _ remedy: String) -> [StoreFinding] {
            [StoreFinding(code: code, message: message, remedy: remedy, projection: name)]
        }
        switch projection.state {
        case .drift:
            return projection.drift.filter(\.isBlocking).flatMap {
                finding("MIGRATION_DRIFT", "\(name): \($0.summary).", "annals validate \(name)")
            }
        case .missing:
            return finding(
                "FILE_MISSING",
                "\(name): the file of the current generation is missing, damaged or ahead of the log.",
                "annals rebuild \(name)")
        case .halted:
            return finding(
                "PROJECTION_HALTED", "\(name) halted at \(projection.halt ?? "an event").",
                "annals rebuild \(name) --quarantine")
        case .pending:
            let numbers = projection.pending.map { String($0.number) }.joined(separator: ", ")
            return finding(
                "PENDING", "\(name): the migrations \(numbers) wait.",
                "annals migrate --projection \(name)")
        case .current where projection.lag > 0:
            return finding(
                "BEHIND", "\(name) lacks the last \(projection.lag) events.",
                "annals doctor --heal")
        case .current:
            return []
        }
    }

    private func fullFindings(_ store: EventStore, _ session: Session) throws -> [StoreFinding] {
        let meter = ProgressMeter("checking the log", on: session.console)
        defer { meter.end() }
        let report = try store.log.verify { meter.update(done: $0.value, total: $1.value) }
        meter.end()
        var findings = report.problems.map {
            StoreFinding(
                code: $0.code, message: $0.message,
                remedy: $0.hint.isEmpty
                    ? "Keep a copy of the store, then restore a backup." : $0.hint)
        }
        for name in store.projections where store.loadFailures[name] == nil {
            findings += try store.validate(name).problems.map {
                StoreFinding(
                    code: $0.code, message: $0.message, remedy: $0.hint, projection: name)
            }
        }
        return findings
    }

    private func tell(
        _ findings: [StoreFinding], _ status: StoreStatus, _ done: [String], _ session: Session
    ) throws {
        let console = session.console
        let told = findings.map { finding in
            let isCommand = finding.remedy.hasPrefix("annals ")
            return (
                finding, isCommand ? session.command(line: finding.remedy) : finding.remedy
            )
        }
        try console.emit([
            "schema": "annals.doctor/1", "healthy": .bool(findings.isEmpty),
            "head": JSON(status.head),
            "lock": status.lock.map { ["pid": JSON($0.pid), "since": .string($0.since)] }
                ?? .null,
            "done": .array(done.map { .string($0) }),
            "findings": .array(
                told.map { finding, remedy in
                    [
                        "code": .string(finding.code), "message": .string(finding.message),
                        "remedy": .string(remedy), "projection": JSON(finding.projection),
                    ]
                }),
        ])
        for line in done { try console.print(line) }
        if let lock = status.lock {
            try console.print("locked by process \(lock.pid) since \(lock.since)")
        }
        if findings.isEmpty { try console.print(console.painted("nothing is wrong", .green)) }
        for (finding, remedy) in told {
            try console.print(
                "\(console.painted(finding.code, .red)): \(DisplayText.escaped(finding.message))")
            try console.print("  \(DisplayText.escaped(remedy))")
        }
    }
}
