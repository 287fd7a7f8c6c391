public import EventModel
internal import Foundation
internal import LogStorage
internal import Logging
internal import ProjectionEngine

extension EventStore {
    /// Makes the rows of a SQLite file the beginning of a projection's history: one `TABLE.adopted`
    /// event per row, parents first; where tables refer to each other in a circle, a `TABLE.linked` event
    /// brings the references of one of them when all rows are there.
    ///
    /// The file's schema tells the version of the projection that it is; those migrations are marked as
    /// applied. Before the store's log is touched, the events are written into a log of their own, a
    /// projection is built from that and compared with the file, table by table and value by value.
    /// While the events are appended, in more than one commit when they are many, nobody applies them; an
    /// adoption that was interrupted there is completed by the same call. The file is only read.
    /// - Throws: `ADOPT_…` and `FILE_…` for what stands in the way, with nothing left behind;
    ///   `ADOPT_DIFFERS` when the projection would not equal the file; `LOCKED`; `MIGRATION_DRIFT`.
    public func adopt(
        _ file: String, as projection: String, lockTimeoutSeconds: Double = 60,
        progress: (AdoptProgress) -> Void = { _ in }
    ) throws(AnnalsError) -> AdoptResult {
        let definition = try handle(projection).definition
        return try adopt(
            file, as: projection, lockTimeoutSeconds: lockTimeoutSeconds, progress: progress
        ) { source throws(AnnalsError) in try AdoptionPlan.matching(definition, source) }
    }

    /// Adopts a file by a plan that is made once the store is locked and the file is open.
    func adopt(
        _ file: String, as projection: String, lockTimeoutSeconds: Double,
        progress: (AdoptProgress) -> Void,
        plan makePlan: (AdoptionSource) throws(AnnalsError) -> AdoptionPlan
    ) throws(AnnalsError) -> AdoptResult {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let start = options.clock()
        let state = try stateOrNew(of: projection)
        let definition = try handle(projection).definition
        try refuse(definition.drift(from: state.applied), of: projection)
        try definition.check()
        // Beside the generations, where there has to be room for one more anyway.
        let scratch = try ScratchFolder(in: files.generations)
        defer { withExtendedLifetime(scratch) {} }
        let source = try AdoptionSource(path: file, scratch: scratch.path)
        let plan = try makePlan(source)
        let occurred = Timestamp(
            milliseconds: state.adoption?.startedAt ?? start.milliseconds)
        let events = try AdoptionScratch(in: scratch.path, definition, occurred: occurred)
        try events.write(seedsOf: plan.versions)
        try events.writeRemovals(plan)
        try events.writeRows(plan, source, progress: progress)

        let target = try target(plan, state, definition)
        let isRepeated = try isAdopted(events, plan, state, definition, target)
        let digest = try prove(events, plan, source, target, progress)
        try source.checkUnchanged()
        let made = Adopted(
            file: file, source: source, plan: plan, target: target, digest: digest)
        if !isRepeated {
            try complete(projection, events, made, startedAt: occurred, progress)
        }
        return AdoptResult(
            projection: projection, file: file, fileDigest: source.digest, hasLog: source.hasLog,
            versions: plan.versions, version: target.last ?? 0,
            applied: definition.migrations(in: target.filter { !state.recorded.contains($0) })
                .map { .init(number: $0.number, name: $0.name) },
            tables: plan.tables.map {
                .init(name: $0.source.name, rows: $0.source.count, key: $0.source.key)
            },
            ignored: plan.ignored, rows: events.rows, digest: digest, isNew: !isRepeated,
            durationMs: Double(options.clock().milliseconds - start.milliseconds))
    }

    /// What was found out about an adoption before it is decided.
    private struct Adopted {
        let file: String
        let source: AdoptionSource
        let plan: AdoptionPlan
        let target: [Int]
        let digest: String
    }

    /// The version set that the store's projection has afterwards: the file's, and what was applied.
    private func target(
        _ plan: AdoptionPlan, _ state: ProjectionState, _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> [Int] {
        let target = Set(plan.versions).union(state.versions).sorted()
        try definition.validate(versionSet: target)
        return target
    }

    /// Whether the log has the events already; refuses a projection that has other ones.
    private func isAdopted(
        _ events: AdoptionScratch, _ plan: AdoptionPlan, _ state: ProjectionState,
        _ definition: ProjectionDefinition, _ target: [Int]
    ) throws(AnnalsError) -> Bool {
        if let open = state.adoption {
            guard open.digest == events.digest else { throw adoptionOpen(definition.name, open) }
            return false
        }
        if let last = events.lastID, try log.position(ofID: last) != nil { return true }
        try checkOthers(plan, definition.name)
        var seeded: [String: UInt64] = [:]
        for seed in definition.seeds(in: definition.migrations.map(\.number))
        where try log.position(ofID: seed.id) != nil { seeded[seed.type, default: 0] += 1 }
        let handled = Set(definition.handlers(in: target).map(\.eventType))
        let told = try log.types().first {
            handled.contains($0.name) && $0.count > seeded[$0.name] ?? 0
        }
        if let told {
            throw AnnalsError(
                .invalid, "ADOPT_NOT_EMPTY",
                "The log has \(told.count) events \(told.name), which the projection "
                    + "'\(definition.name)' shows already.",
                hint: "Adopt the file into a new store: a projection begins with it.",
                context: .init(type: told.name, projection: definition.name))
        }
        return false
    }

    /// Refuses event types that another projection would take for its own.
    private func checkOthers(_ plan: AdoptionPlan, _ projection: String) throws(AnnalsError) {
        let types = Set(
            plan.tables.flatMap {
                ["\($0.word).adopted", "\($0.word).linked", "\($0.word).removed"]
            })
        for name in projections where name != projection {
            let other = try definition(of: name)
            let numbers = other.migrations.map(\.number)
            if let taken = other.handlers(in: numbers).first(where: {
                types.contains($0.eventType)
            }) {
                throw AnnalsError(
                    .invalid, "ADOPT_TYPE_TAKEN",
                    "The projection '\(name)' has a handler of \(taken.eventType) too, and would "
                        + "show the rows of \(projection).",
                    hint: "Adopt the file into a store of its own.",
                    context: .init(type: taken.eventType, projection: name))
            }
        }
    }

    /// Builds the projection from the events alone and compares it with the file; at the store's
    /// version, when that is another one, all events must be accepted.
    /// - Returns: the content digest of what was compared.
    private func prove(
        _ events: AdoptionScratch, _ plan: AdoptionPlan, _ source: AdoptionSource, _ target: [Int],
        _ progress: (AdoptProgress) -> Void
    ) throws(AnnalsError) -> String {
        let total = Int(try events.log.head().value)
        let built = try events.build(plan.versions, name: "proof") { done, _ in
            progress(.init(step: .building, done: Int(done.value), total: total))
        }
        do {
            let projection = try AdoptionSource(
                path: built.path, scratch: files.generations, isForeign: false)
            let proof = AdoptionProof(source: source, built: projection)
            var compared = 0
            for table in plan.tables {
                try proof.compare(table) {
                    progress(.init(step: .comparing, done: compared + $0, total: events.rows))
                }
                compared += table.source.count
            }
        }
        try StoreFiles.removeIfPresent(built.path)
        if target != plan.versions {
            try events.write(seedsOf: target.filter { !plan.versions.contains($0) })
            let later = try events.build(target, name: "target") { done, _ in
                progress(.init(step: .building, done: Int(done.value), total: total))
            }
            try StoreFiles.removeIfPresent(later.path)
        }
        return built.digest
    }

    /// Appends the events and switches to a projection that is built from them.
    ///
    /// From the mark on the adoption is decided: whatever interrupts it, the same call goes on here.
    private func complete(
        _ projection: String, _ events: AdoptionScratch, _ made: Adopted, startedAt: Timestamp,
        _ progress: (AdoptProgress) -> Void
    ) throws(AnnalsError) {
        let mark = ProjectionState.Adoption(
            digest: events.digest, startedAt: startedAt.milliseconds, file: made.file)
        try updateState(of: projection) { $0.adoption = mark }
        Failpoint.reach("adopt.marked")
        let total = Int(try events.log.head().value)
        do {
            var done = 0
            try events.forEachBatch { batch in
                _ = try log.appendAndWait(try PreparedAppend(batch))
                Failpoint.reach("adopt.appended")
                done += batch.count
                progress(.init(step: .appending, done: done, total: total))
            }
        } catch {
            throw storeError(error, projection: projection)
        }
        let state = try stateOrNew(of: projection)
        let definition = try handle(projection).definition
        let built = try build(
            projection, versions: made.target, quarantines: state.quarantines
        ) { progress(.init(step: .switching, done: Int($0.value), total: Int($1.value))) }
        let added = definition.migrations(in: made.target.filter { !state.recorded.contains($0) })
        let now = options.clock()
        let entries = added.map { migration in
            ProjectionState.Applied(
                number: migration.number, name: migration.name, module: migration.module,
                appliedAt: now.milliseconds, checksums: migration.checksums.rendering)
        }
        let modules = Set(definition.migrations(in: made.target).map(\.module))
        let notes = try notes(projection, events, made, definition)
        _ = try switchTo(
            projection, built.generation, built.database, quarantines: state.quarantines
        ) { state in
            state.applied += entries
            state.modules = modules.union(state.modules).sorted()
            state.disabled?.removeAll(where: modules.contains)
            state.adoption = nil
            state.outgoing += notes
        }
        try settle(projection)
    }

    /// An administrative event for each module whose migrations the file had.
    private func notes(
        _ projection: String, _ events: AdoptionScratch, _ made: Adopted,
        _ definition: ProjectionDefinition
    ) throws(AnnalsError) -> [ProjectionState.Outgoing] {
        let head = try log.head()
        let migrations = definition.migrations(in: made.plan.versions)
        return definition.modules.compactMap { module in
            let numbers = migrations.filter { $0.module == module.name }.map(\.number)
            guard !numbers.isEmpty else { return nil }
            return adminEvent(
                "migration.adopted", projection,
                [
                    "module": module.name, "versions": numbers, "rows": events.rows,
                    "file": URL(fileURLWithPath: made.file).lastPathComponent,
                    "file_sha256": made.source.digest, "digest": made.digest,
                    "log_position": Int(head.value),
                ])
        }
    }

    /// The error of whoever meets a projection with half of a file's rows in the log.
    func adoptionOpen(
        _ projection: String, _ adoption: ProjectionState.Adoption
    ) -> AnnalsError {
        AnnalsError(
            .unavailable, "ADOPTION_OPEN",
            "The adoption of \(adoption.file) into the projection '\(projection)' was interrupted.",
            hint:
                "Repeat the same 'annals adopt' with the same rows: it goes on where it stopped. If they are "
                + "lost, 'annals adopt --abandon --projection \(projection)' gives it up.",
            context: .init(projection: projection))
    }
}
