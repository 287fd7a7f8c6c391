internal import Annals
internal import EventModel
internal import ProjectionEngine

extension ValidateCommand {
    /// `annals validate --prove`: proves Up and Down against replays.
    func runProof(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        session.stopAtSafePoints()
        let reading = ProgressMeter("reading", unit: .bytes, on: session.console)
        let replaying = ProgressMeter("replaying every version", on: session.console)
        defer {
            reading.end()
            replaying.end()
        }
        let proofs = try await store.prove(
            names, allModules: allModules, history: history
        ) { progress in
            switch progress {
            case .reading(let file, let bytes, let total):
                reading.update(file, done: UInt64(bytes), total: UInt64(total ?? 0))
            case .replaying(let projection, let done, let total):
                reading.end()
                replaying.update(projection, done: done, total: total)
            }
        }
        reading.end()
        replaying.end()
        try session.console.emit(ProofReport.document(proofs))
        for proof in proofs { try ProofReport.tell(proof, session.console) }
        return proofs.contains { $0.failed > 0 } ? .verification : .done
    }
}

/// What `validate --prove` says of projections' proofs.
enum ProofReport {
    /// The document that `--json` gives.
    static func document(_ proofs: [ProjectionProof]) -> JSON {
        [
            "schema": "annals.prove/1", "proven": JSON(proofs.reduce(0) { $0 + $1.proven }),
            "failed": JSON(proofs.reduce(0) { $0 + $1.failed }),
            "projections": .array(
                proofs.map {
                    [
                        "name": .string($0.projection), "history": .string($0.history),
                        "events": JSON(Int(clamping: $0.events)), "proven": JSON($0.proven),
                        "failed": JSON($0.failed),
                    ]
                }),
            "migrations": .array(
                proofs.flatMap { proof in
                    proof.migrations.map { document($0, of: proof.projection) }
                }),
        ]
    }

    private static func document(_ migration: MigrationProof, of projection: String) -> JSON {
        JSON.object(migrationDocument(projection, migration.number, migration.name)).adding([
            .init(name: "module", value: .string(migration.module)),
            .init(name: "down", value: .string(migration.down.rawValue)),
            .init(name: "roundTrip", value: .string(migration.roundTrip.rawValue)),
            .init(name: "inPlace", value: .string(migration.inPlace.rawValue)),
            .init(name: "events", value: JSON(Int(clamping: migration.events))),
            .init(name: "rows", value: JSON(migration.rows)),
            .init(
                name: "tablesWithoutRows",
                value: .array(migration.tablesWithoutRows.map { .string($0) })),
            .init(
                name: "difference", value: migration.decisive.map(document) ?? .null),
            .init(name: "differences", value: .array(migration.differences.map(document))),
        ])
    }

    private static func document(_ difference: ProofDifference) -> JSON {
        let first = difference.content.first
        return [
            "check": .string(difference.check.rawValue), "history": .string(difference.history),
            "table": JSON(first?.table), "object": JSON(first?.object),
            "rows": JSON(first?.rows), "example": first.map(ContentReport.example) ?? .null,
            "tables": .array(difference.content.map { .string($0.table) }),
            "error": difference.refusal?.document ?? .null,
            "message": .string(difference.summary),
        ]
    }

    /// Writes the table for people, what differs, and what the proof does not cover.
    static func tell(_ proof: ProjectionProof, _ console: Console) throws {
        let events = DisplayText.grouped(proof.events)
        try console.print(
            "\(proof.projection): \(proof.proven) proven, \(proof.failed) failed, on \(events) events"
                + " (\(DisplayText.escaped(proof.history)))")
        var table = Table([
            .left("MIGRATION"), .left("DOWN"), .left("ROUND TRIP"), .left("IN PLACE"),
            .right("EVENTS"), .right("ROWS"),
        ])
        for migration in proof.migrations {
            table.add([
                Migration.fullName(migration.number, migration.name), migration.down.rawValue,
                migration.roundTrip.rawValue, migration.inPlace == .differs ? "no" : "yes",
                DisplayText.grouped(migration.events), DisplayText.grouped(migration.rows),
            ])
        }
        try console.print(table) { cell in
            switch cell {
            case "proven": console.painted(cell, .green)
            case "differs": console.painted(cell, .red)
            default: cell
            }
        }
        for migration in proof.migrations { try tell(migration, console) }
        let empty = proof.migrations.filter { !$0.tablesWithoutRows.isEmpty }
        for migration in empty {
            console.warn(
                DisplayText.escaped(
                    "\(proof.projection) \(Migration.padded(migration.number)): no rows in "
                        + "\(migration.tablesWithoutRows.joined(separator: ", "));"
                        + " a proof is only as good as its history"))
        }
    }

    private static func tell(_ migration: MigrationProof, _ console: Console) throws {
        for difference in migration.differences where difference.check != .inPlace {
            let title = Migration.fullName(migration.number, migration.name)
            let way = difference.check == .down ? "Down" : "Up and Down"
            try console.print(
                DisplayText.escaped(
                    "\(title): \(way) is not the replay (\(difference.history))"))
            if let refusal = difference.refusal {
                try console.print("  \(refusal.code): \(DisplayText.escaped(refusal.message))")
            }
            for content in difference.content {
                for line in ContentReport.lines(content) { try console.print("  \(line)") }
            }
        }
    }
}

extension MigrationProof {
    /// The difference that made the Down fail; without one, why Up cannot run in place.
    fileprivate var decisive: ProofDifference? {
        differences.first { $0.check != .inPlace } ?? differences.first
    }
}
