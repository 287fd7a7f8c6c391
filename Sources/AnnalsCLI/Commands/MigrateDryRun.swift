internal import Annals
internal import EventModel
internal import ProjectionEngine

/// `annals migrate --dry-run`: rehearses a migration on the whole history.
struct MigrateDryRun {
    let store: EventStore
    let session: Session
    /// The projections, each with where its migration would lead.
    let targets: [(name: String, target: MigrationTarget)]
    let options: MigrateOptions

    /// Rehearses every projection and tells all; fails as the first migration that would fail.
    func run() throws -> ExitStatus {
        session.stopAtSafePoints()
        var rehearsals: [Rehearsal] = []
        for (name, target) in targets {
            let meter = ProgressMeter("rehearsing \(name)", on: session.console)
            defer { meter.end() }
            rehearsals.append(
                try store.rehearseMigration(name, to: target, options: options) {
                    meter.update(done: $0.value, total: $1.value)
                })
        }
        for rehearsal in rehearsals where !rehearsal.plan.steps.isEmpty { try tell(rehearsal) }
        let members = members(rehearsals)
        if let refusal = rehearsals.lazy.compactMap(\.refusal).first {
            throw CommandError(refusal, status: .failure, done: members)
        }
        let isNothing = rehearsals.allSatisfy(\.plan.steps.isEmpty)
        if isNothing { try session.console.print("nothing to do") }
        try session.console.emit(
            JSON.object([
                .init(name: "schema", value: "annals.migrate/1"),
                .init(name: "applied", value: []),
                .init(
                    name: "message",
                    value: isNothing ? "nothing to do" : "it would succeed; nothing was changed"),
            ]).adding(members))
        return .done
    }

    // MARK: What is told

    private func members(_ rehearsals: [Rehearsal]) -> [JSON.Member] {
        [
            .init(name: "dryRun", value: true),
            .init(
                name: "pending", value: .array(rehearsals.flatMap(\.plan.stepDocuments))),
            .init(
                name: "rehearsals",
                value: .array(
                    rehearsals.filter { !$0.plan.steps.isEmpty }.map { Self.document($0) })),
        ]
    }

    private static func document(_ rehearsal: Rehearsal) -> JSON {
        [
            "projection": .string(rehearsal.plan.projection),
            "from": JSON(rehearsal.plan.from), "to": JSON(rehearsal.plan.to),
            "succeeds": .bool(rehearsal.refusal == nil),
            "refusal": rehearsal.refusal?.document ?? .null,
            "healthy": .array(
                rehearsal.healthy.map {
                    .object(migrationDocument(rehearsal.plan.projection, $0.number, $0.name))
                }), "events": JSON(rehearsal.events),
            "quarantined": JSON(rehearsal.quarantined), "digest": JSON(rehearsal.digest),
            "durationMs": JSON(rehearsal.durationMs),
            "tables": .array(
                rehearsal.tables.map { ["name": .string($0.table), "rows": JSON($0.rows)] }),
            "slowest": .array(
                rehearsal.slowest.map { handler in
                    [
                        "type": .string(handler.eventType), "file": .string(handler.file),
                        "line": JSON(handler.line), "calls": JSON(handler.calls),
                        "totalMs": JSON(handler.totalMs), "meanMs": JSON(handler.meanMs),
                    ]
                }),
        ]
    }

    private func tell(_ rehearsal: Rehearsal) throws {
        let console = session.console
        let plan = rehearsal.plan
        let word =
            rehearsal.refusal == nil
            ? console.painted("would succeed", .green) : console.painted("WOULD FAIL", .red)
        try console.print(
            "\(plan.projection): \(plan.from) → \(plan.to) \(word), "
                + "\(DisplayText.count(rehearsal.events, "event")) in "
                + ProgressMeter.time(rehearsal.durationMs / 1000))
        for step in rehearsal.healthy {
            try console.print("  would apply \(MigrationName.full(step.number, step.name))")
        }
        for step in plan.steps where !rehearsal.healthy.contains(step) {
            try console.print("  would not apply \(MigrationName.full(step.number, step.name))")
        }
        if rehearsal.quarantined > 0 {
            try console.print("  put aside: \(DisplayText.count(rehearsal.quarantined, "event"))")
        }
        for table in rehearsal.tables {
            let name = DisplayText.escaped(table.table)
            try console.print("  \(name): \(DisplayText.count(table.rows, "row"))")
        }
        if let digest = rehearsal.digest { try console.print("  digest: \(digest)") }
        guard !rehearsal.slowest.isEmpty else { return }
        var table = Table([
            .left("  handler"), .left("at"), .right("calls"), .right("total"), .right("mean"),
        ])
        for handler in rehearsal.slowest {
            table.add([
                "  \(handler.eventType)", "\(handler.file):\(handler.line)",
                DisplayText.grouped(handler.calls), milliseconds(handler.totalMs),
                milliseconds(handler.meanMs),
            ])
        }
        try console.print(table)
    }

    /// Three decimal places.
    private func milliseconds(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let fraction = String(1000 + thousandths % 1000).dropFirst()
        return "\(DisplayText.grouped(thousandths / 1000)).\(fraction) ms"
    }
}
