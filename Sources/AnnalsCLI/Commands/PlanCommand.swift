internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals plan`: says what a migration would do.
struct PlanCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a migration would do, why, how and at what cost; change nothing.",
        discussion: """
            The estimate is by the rate of the projection's last build of 1,000 events or more. \
            'annals migrate --dry-run' rehearses it on the whole history.
            """)

    @Option(help: "Up to this migration: a number or a name.")
    var to: MigrationNumber?

    @Option(help: "Only this projection; all without one.")
    var projection: String?

    @Option(help: "Only the migrations of this module.")
    var module: String?

    @Flag(help: "Plan a number below one that its module has applied, or above a hole.")
    var allowOutOfOrder = false

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let store = try session.openForReading()
        var options = MigrateOptions()
        options.module = module
        options.allowsOutOfOrder = allowOutOfOrder
        var plans: [MigrationPlan] = []
        for name in try session.projectionsToMigrate(
            projection, isPart: to != nil || module != nil, in: store)
        {
            let definition = try store.definition(of: name)
            let target = try to.map { MigrationTarget.version(try $0.number(in: definition)) }
            plans.append(
                try store.planMigration(name, to: target ?? .next, options: options))
        }
        let needsWork = plans.contains { !$0.steps.isEmpty }
        let words =
            ["migrate"] + (projection.map { ["--projection", $0] } ?? [])
            + (to.map { ["--to", $0.text] } ?? []) + (module.map { ["--module", $0] } ?? [])
            + (allowOutOfOrder ? ["--allow-out-of-order"] : [])
        let next = needsWork ? session.command(words) : nil
        try session.console.emit([
            "schema": "annals.plan/1",
            "steps": .array(plans.flatMap(\.stepDocuments)),
            "events": JSON(plans.reduce(0) { $0 + $1.events }),
            "projections": .array(plans.map(\.document)),
            "message": needsWork ? "nothing was changed" : "nothing to do", "next": JSON(next),
        ])
        if !needsWork { try session.console.print("nothing to do") }
        for plan in plans where !plan.steps.isEmpty { try plan.tell(on: session.console) }
        if let next { try session.console.print("next: \(next)") }
        return .done
    }
}

extension Session {
    /// The projections that a migration is about: the named one, or all.
    ///
    /// - Parameter isPart: A target or module is one projection's: without a name the store must have
    ///   only that one.
    func projectionsToMigrate(
        _ projection: String?, isPart: Bool, in store: EventStore
    ) throws -> [String] {
        let isAll = !isPart && projection == nil
        if isAll, !store.projections.isEmpty || store.folderFailure == nil {
            return store.projections
        }
        return [try self.projection(projection, of: store)]
    }
}

extension MigrationPlan {
    /// The steps as `--json` tells them.
    var stepDocuments: [JSON] {
        steps.map { step in
            .object(
                migrationDocument(projection, step.number, step.name) + [
                    .init(name: "module", value: .string(step.module)),
                    .init(name: "reason", value: .string(step.reason.rawValue)),
                    .init(name: "detail", value: .string(step.detail)),
                ])
        }
    }

    /// The plan of one projection as `--json` tells it.
    fileprivate var document: JSON {
        [
            "name": .string(projection), "from": JSON(from), "to": JSON(to),
            "way": JSON(way?.rawValue), "because": JSON(way == nil ? nil : because),
            "events": JSON(events),
            "types": .array(
                types.map { ["type": .string($0.type), "count": JSON($0.count)] }),
            "eventsPerSecond": eventsPerSecond.map { JSON($0) } ?? .null,
            "estimateMs": estimateMs.map { JSON($0) } ?? .null,
            "disk": [
                "needed": JSON(disk.neededBytes), "free": JSON(disk.freeBytes),
                "fits": disk.fits.map { .bool($0) } ?? .null,
            ],
        ]
    }

    fileprivate func tell(on console: Console) throws {
        try console.print("\(projection): \(from) → \(to)")
        for step in steps {
            try console.print(
                "  \(MigrationName.full(step.number, step.name)): \(step.reason.rawValue)"
                    + " (\(DisplayText.escaped(step.detail)))")
        }
        if let way { try console.print("  way: \(way.rawValue), \(because)") }
        try console.print("  events: \(DisplayText.grouped(events))")
        for type in types {
            try console.print(
                "    \(DisplayText.escaped(type.type)): \(DisplayText.grouped(type.count))")
        }
        let time = estimateMs.map { "about \(ProgressMeter.time($0 / 1000))" } ?? "unknown"
        try console.print("  time: \(time)")
        let needed = disk.neededBytes.map { DisplayText.bytes($0) } ?? "unknown"
        try console.print("  disk: \(needed) of \(DisplayText.bytes(disk.freeBytes)) free")
        if disk.fits == false {
            console.warn("The new file of '\(projection)' does not fit: free some space first.")
        }
    }
}
