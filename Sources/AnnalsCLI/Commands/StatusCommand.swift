internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals status`: tells how the store stands.
struct StatusCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell how the store stands, and what to run next.",
        aliases: ["info"])

    @Flag(help: "End with 3 when migrations are pending or a projection halted, with 4 for drift.")
    var check = false

    @Flag(help: "Show the content digests too; --json always does.")
    var digests = false

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        let status = try store.status(digests: digests || isJSON)
        let next = status.next.isEmpty ? nil : session.command(line: status.next)
        var modules: [String: [ModuleStatus]] = [:]
        for name in store.projections where store.loadFailures[name] == nil {
            modules[name] = try store.modules(of: name)
        }
        try session.console.emit(document(status, modules, next))
        try tell(status, modules, next, session.console)
        return check ? Self.verdict(status) : .done
    }

    /// The status that `--check` ends with; the worst state decides.
    static func verdict(_ status: StoreStatus) -> ExitStatus {
        let states = status.projections.map(\.state)
        if status.error != nil { return .drift }
        if states.contains(.drift) || states.contains(.missing) { return .drift }
        if states.contains(.pending) || states.contains(.halted) { return .pending }
        return .done
    }

    private func document(
        _ status: StoreStatus, _ modules: [String: [ModuleStatus]], _ next: String?
    ) -> JSON {
        let document: JSON = [
            "schema": "annals.status/1", "head": JSON(status.head),
            "lock": status.lock.map { ["pid": JSON($0.pid), "since": .string($0.since)] } ?? .null,
            "next": JSON(next),
            "projections": .array(
                status.projections.map { Self.document($0, modules[$0.name] ?? []) }),
        ]
        return document.adding(
            status.error.map { [.init(name: "error", value: $0.document)] } ?? [])
    }

    private static func document(
        _ projection: ProjectionStatus, _ modules: [ModuleStatus]
    ) -> JSON {
        [
            "name": .string(projection.name), "version": JSON(projection.version),
            "checkpoint": JSON(projection.checkpoint), "lag": JSON(projection.lag),
            "digest": JSON(projection.digest), "state": .string(projection.state.rawValue),
            "applied": .array(
                projection.applied.map {
                    JSON.object(migrationNames($0.number, $0.name)).adding([
                        .init(name: "module", value: .string($0.module)),
                        .init(name: "appliedAt", value: JSON($0.appliedAt)),
                        .init(name: "waived", value: JSON($0.waived)),
                    ])
                }),
            "pending": .array(
                projection.pending.map { .object(migrationNames($0.number, $0.name)) }),
            "drift": .array(projection.drift.map(\.document)), "halt": JSON(projection.halt),
            "retained": .array(projection.retained.map { JSON($0) }),
            "error": projection.error?.document ?? .null,
            "modules": .array(
                modules.map {
                    [
                        "name": .string($0.name), "enabled": .bool($0.isEnabled),
                        "first": JSON($0.range.lowerBound), "last": JSON($0.range.upperBound),
                        "version": JSON($0.version), "pending": .array($0.pending.map { JSON($0) }),
                    ]
                }),
        ]
    }

    private func tell(
        _ status: StoreStatus, _ modules: [String: [ModuleStatus]], _ next: String?,
        _ console: Console
    ) throws {
        try console.print(Self.sentence(status))
        if let lock = status.lock {
            try console.print("locked by process \(lock.pid) since \(lock.since)")
        }
        var titles: [Table.Column] = [
            .left("PROJECTION"), .right("VERSION"), .left("STATE"), .right("CHECKPOINT"),
            .right("LAG"), .left("PENDING"),
        ]
        if digests { titles.append(.left("DIGEST")) }
        var table = Table(titles)
        func add(_ cells: [String], _ digest: String) {
            table.add(digests ? cells + [digest] : cells)
        }
        for projection in status.projections {
            add(
                [
                    projection.name, String(projection.version), projection.state.rawValue,
                    DisplayText.grouped(projection.checkpoint.value),
                    DisplayText.grouped(projection.lag),
                    Self.numbers(projection.pending.map(\.number)),
                ], projection.digest ?? "")
            for module in modules[projection.name] ?? [] {
                let state =
                    module.isEnabled ? module.pending.isEmpty ? "current" : "pending" : "disabled"
                add(
                    [
                        "  \(module.name)", String(module.version), state, "", "",
                        Self.numbers(module.pending),
                    ], "")
            }
        }
        if !status.projections.isEmpty { try console.print(table, style: console.paintedState) }
        try tellDetails(status, console)
        if let next { try console.print("next: \(next)") }
    }

    private static func numbers(_ numbers: [Int]) -> String {
        numbers.map(String.init).joined(separator: " ")
    }

    /// What was edited since it was applied, and why projections halted.
    private func tellDetails(_ status: StoreStatus, _ console: Console) throws {
        if let error = status.error, status.projections.isEmpty {
            try console.print(DisplayText.escaped(error.message))
        }
        for projection in status.projections {
            for drift in projection.drift {
                try console.print("\(projection.name): \(DisplayText.escaped(drift.summary))")
            }
            for waived in projection.applied where waived.waived != nil {
                let name = MigrationName.full(waived.number, waived.name)
                let reason = DisplayText.escaped(waived.waived ?? "")
                try console.print("\(projection.name): does without \(name): \(reason)")
            }
            if let error = projection.error {
                try console.print("\(projection.name): \(DisplayText.escaped(error.message))")
            }
            if let halt = projection.halt {
                try console.print("\(projection.name): halted at \(DisplayText.escaped(halt))")
            }
        }
    }

    /// The verdict in one line.
    private static func sentence(_ status: StoreStatus) -> String {
        let head = "head \(DisplayText.grouped(status.head.value))"
        var counts: [String] = []
        for state in [ProjectionStatus.State.drift, .missing, .halted, .pending] {
            let count = status.projections.count { $0.state == state }
            if count > 0 { counts.append("\(count) \(state.rawValue)") }
        }
        let behind = status.projections.filter { $0.state == .current && $0.lag > 0 }.count
        if behind > 0 { counts.append("\(behind) behind") }
        if !counts.isEmpty { return "\(counts.joined(separator: ", ")); \(head)" }
        if status.error != nil { return "the projections cannot be read; \(head)" }
        let all = DisplayText.count(status.projections.count, "projection")
        return "everything is current: \(all), \(head)"
    }
}
