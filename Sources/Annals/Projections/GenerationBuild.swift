internal import EventModel
internal import Foundation
internal import LogStorage
internal import Logging
internal import ProjectionEngine

/// A generation that was built beside the live one and waits to be switched to.
struct BuiltGeneration {
    let generation: ProjectionState.Generation
    let database: ProjectionDatabase
    /// Events applied so far.
    var events: Int
    /// How it came to be.
    var way = BuildWay.rebuild
}

extension EventStore {
    /// Events that may still be missing when the write lock is taken for the switch.
    private static var switchLagMax: UInt64 { 2_000 }

    /// Builds a generation at a version set, from the first event nearly to the head, beside the live
    /// one, which goes on serving reads and taking appends.
    func build(
        _ projection: String, versions: [Int], quarantines: Bool,
        progress: (_ done: Position, _ head: Position) -> Void
    ) throws(AnnalsError) -> BuiltGeneration {
        let start = ContinuousClock.now
        let built = try generation(
            of: projection, versions, .rebuild, quarantines: quarantines, progress
        ) { path, definition in
            let database = try ProjectionDatabase.create(
                path: path, definition: definition, versions: versions,
                appliedAt: options.clock(), logID: logIdentity, headAtCreation: try log.head())
            Failpoint.reach("build.created")
            return (database, 0)
        }
        try keepRate(of: projection, events: built.events, since: start)
        return built
    }

    /// Makes a generation: `body` begins its file, the events behind that file's checkpoint follow.
    ///
    /// - Parameter body: Gives the file and the number of events that it has applied already.
    func generation(
        of projection: String, _ versions: [Int], _ way: BuildWay, quarantines: Bool,
        _ progress: (_ done: Position, _ head: Position) -> Void,
        _ body: (_ path: String, ProjectionDefinition) throws -> (ProjectionDatabase, events: Int)
    ) throws(AnnalsError) -> BuiltGeneration {
        let definition = try handle(projection).definition
        let since = options.clock().milliseconds
        let files = files
        let state = try updateState(of: projection) { state in
            // A name that somebody has taken is passed over.
            while files.hasGeneration(projection, state.nextGeneration) {
                state.foreign = (state.foreign ?? []) + [state.nextGeneration]
                state.nextGeneration += 1
            }
            state.nextGeneration += 1
            state.building = .init(versions: versions, since: since)
        }
        let name = GenerationName(projection: projection, number: state.nextGeneration - 1)
        let generation = ProjectionState.Generation(
            file: name.file, versions: versions, fingerprint: definition.fingerprint(versions))
        do {
            let (database, events) = try body(files.generation(generation.file), definition)
            var built = BuiltGeneration(
                generation: generation, database: database, events: events, way: way)
            var head = try log.head()
            repeat {
                built.events += try database.apply(
                    from: logForBuild(projection), through: head, batchEvents: Self.catchUpBatch,
                    policy: quarantines ? .quarantine : .stop, progress: { progress($0, head) })
                head = try log.head()
            } while head.value - database.checkpoint.value > Self.switchLagMax
            Failpoint.reach("build.applied")
            try database.finishBulk()
            try StoreFiles.sync(folder: files.generations)
            Failpoint.reach("build.finished")
            try checkRows(of: generation, projection)
            return built
        } catch {
            try removeGeneration(generation.file)
            forgetBuild(of: projection)
            throw storeError(error, projection: projection)
        }
    }

    /// Refuses a new file whose pages, indexes, constraints or foreign keys do not hold.
    ///
    /// Handlers are held to the constraints while they run; this is what stands between a mistake of the
    /// engine, the memory or the disk and the readers.
    private func checkRows(
        of generation: ProjectionState.Generation, _ projection: String
    ) throws(AnnalsError) {
        let check = try ProjectionFileCheck.read(
            path: files.generation(generation.file), projection: projection)
        guard let first = check.problems.first else { return }
        let others = check.problems.count == 1 ? "" : ", and \(check.problems.count - 1) more"
        throw AnnalsError(
            .corrupt, "ROWS_INVALID",
            "The new file of '\(projection)' is not switched to: \(first)\(others).",
            hint: "The earlier file stays in service. Mend the migration or handler that writes the"
                + " table; if none is to blame, look after memory and disk, and repeat.",
            context: .init(projection: projection))
    }

    /// Takes the writers' turn, applies the last few events and makes a generation the current one.
    ///
    /// The pointer in the log is the switch; everything before it can be thrown away, everything behind
    /// it can be made anew.
    /// - Returns: how long the writers waited, in milliseconds.
    func switchTo(
        _ projection: String, _ generation: ProjectionState.Generation,
        _ database: ProjectionDatabase, quarantines: Bool,
        _ change: @escaping @Sendable (inout ProjectionState) -> Void
    ) throws(AnnalsError) -> Double {
        // Writers wait from the moment on that `finish` begins, with their lock taken.
        var start = DispatchTime.now().uptimeNanoseconds
        let handle = try handle(projection)
        let old = try state(of: projection)?.current
        let finish = { () throws -> Void in
            start = DispatchTime.now().uptimeNanoseconds
            _ = try database.apply(
                from: self.logForBuild(projection), through: try self.log.head(),
                batchEvents: Self.catchUpBatch,
                policy: quarantines ? .quarantine : .stop, progress: { _ in })
            try database.seal()
            Failpoint.reach("switch.before-pointer")
            let retained = self.options.retainedGenerations
            try self.updateState(of: projection) { state in
                if let old = state.current, old != generation {
                    state.retained.removeAll { $0.file == generation.file }
                    state.retained.insert(old, at: 0)
                    state.retained = Array(state.retained.prefix(retained))
                }
                state.current = generation
                state.quarantines = quarantines
                state.halt = nil
                state.distrust = nil
                state.building = nil
                change(&state)
            }
            Failpoint.reach("switch.after-pointer")
        }
        do {
            if let old, old.file != generation.file,
                FileManager.default.fileExists(atPath: files.generation(old.file))
            {
                try whileLocked(old, handle, finish)
            } else {
                try finish()
            }
            handle.close()
            if let state = try state(of: projection) { try showLink(projection, state) }
            Failpoint.reach("switch.after-link")
        } catch {
            throw storeError(error, projection: projection)
        }
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }

    /// Runs the end of a switch while the old generation is locked.
    ///
    /// Nobody applies to it meanwhile, or appends checked. One that cannot be opened is nobody else's either, and needs no lock.
    private func whileLocked(
        _ old: ProjectionState.Generation, _ handle: ProjectionHandle, _ finish: () throws -> Void
    ) throws {
        var isLocked = false
        do {
            try handle.with(old, in: files, log: logIdentity) { writer in
                try writer.beginImmediate()
                isLocked = true
                do {
                    try finish()
                } catch {
                    try writer.rollback()
                    throw error
                }
                try writer.rollback()
            }
        } catch let error as AnnalsError where !isLocked && error.kind != .unavailable {
            options.logger.warning("The file to be replaced is of no use: \(error.message)")
            try finish()
        }
    }

    /// Removes the files of a generation.
    func removeGeneration(_ file: String) throws(AnnalsError) {
        for suffix in [""] + GenerationName.sideEndings {
            try StoreFiles.removeIfPresent(files.generation(file) + suffix)
        }
    }

    /// After a switch: notes for the log, the last events, and files no longer retained.
    func settle(_ projection: String) throws(AnnalsError) {
        try deliver(projection)
        try removeUnretained(projection)
        _ = try catchUp(projection)
    }

    /// Removes generations that are neither current nor retained, once no reader holds them.
    private func removeUnretained(_ projection: String) throws(AnnalsError) {
        guard let state = try state(of: projection) else { return }
        let kept = Set(([state.current].compactMap { $0 } + state.retained).map(\.file))
        for name in try namesInGenerations() where !kept.contains(name) {
            guard let own = GenerationName(name, of: projection), own.file == name,
                state.hasGiven(own.number)
            else { continue }
            if ProjectionSnapshot.isUnused(path: files.generation(name)) {
                try removeGeneration(name)
            }
        }
    }
}
