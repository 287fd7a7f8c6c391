public import EventModel
internal import LogStorage
internal import ProjectionEngine

/// What enabling or disabling a module did.
public struct ModuleChange: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The module.
    public let module: String
    /// Whether anything changed; `false` when it was so already.
    public let isChanged: Bool
    /// For an enabled module: its migrations that wait, ascending.
    public let pending: [Int]
    /// For a disabled module: what was taken back; `nil` when nothing of it was applied.
    public let rollback: RollbackResult?
}

extension EventStore {
    /// The projections that have a generation, sorted.
    public func builtProjections() throws(AnnalsError) -> [String] {
        var built: [String] = []
        for name in projections where try state(of: name)?.current != nil { built.append(name) }
        return built
    }

    /// Gives the store an optional module of a projection; its migrations wait from now on.
    ///
    /// The next migration builds them from the first event on, so that the rows are what they would be
    /// had the module always been enabled.
    /// - Throws: `LOCKED`, `MODULE_UNKNOWN`; `MODULE_DEPENDS` when a module that it needs is not enabled.
    public func enableModule(
        _ name: String, of projection: String, lockTimeoutSeconds: Double = 60
    ) throws(AnnalsError) -> ModuleChange {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let definition = try handle(projection).definition
        let module = try definition.knownModule(name)
        let enabled = try stateOrNew(of: projection).enabledModules(of: definition)
        let isChanged = module.isOptional && !enabled.contains(name)
        if isChanged {
            let missing = module.depends.filter {
                !enabled.contains($0) && definition.module($0)?.isOptional == true
            }
            if let first = missing.first {
                throw AnnalsError(
                    .invalid, "MODULE_DEPENDS",
                    "The module '\(name)' depends on \(missing.joined(separator: ", ")), which is not enabled.",
                    hint: "Run 'annals modules enable \(first) --projection \(projection)' first.",
                    context: .init(projection: projection))
            }
            let note = adminEvent("module.enabled", projection, ["module": name])
            try updateState(of: projection) { state in
                state.modules = Set(state.modules).union([name]).sorted()
                state.disabled?.removeAll { $0 == name }
                state.outgoing.append(note)
            }
            try deliver(projection)
        }
        let pending = try modules(of: projection).first { $0.name == name }?.pending ?? []
        return ModuleChange(
            projection: projection, module: name, isChanged: isChanged, pending: pending,
            rollback: nil)
    }

    /// Takes an optional module of a projection out of the store, and its migrations back, at once.
    ///
    /// Its events stay in the log: enabled again, it shows all of them.
    /// - Throws: `LOCKED`, `MODULE_UNKNOWN`, `MIGRATION_DRIFT`; `MODULE_REQUIRED` for one that is not
    ///   optional; `MODULE_NEEDED` while an enabled module or an applied migration depends on it.
    public func disableModule(
        _ name: String, of projection: String, lockTimeoutSeconds: Double = 60,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> ModuleChange {
        let lock = try StoreLock(
            files, timeoutSeconds: lockTimeoutSeconds, now: options.clock())
        defer { withExtendedLifetime(lock) {} }
        let state = try checkedState(projection)
        let definition = try handle(projection).definition
        let module = try definition.knownModule(name)
        let enabled = state.enabledModules(of: definition)
        guard module.isOptional else { throw required(module, projection) }
        guard enabled.contains(name) else {
            return ModuleChange(
                projection: projection, module: name, isChanged: false, pending: [], rollback: nil)
        }
        let dependents = definition.modules.filter {
            enabled.contains($0.name) && $0.depends.contains(name)
        }.map(\.name)
        if let first = dependents.first { throw needed(name, by: dependents, first, projection) }
        let own = state.applied.filter { $0.module == name && $0.waiver == nil }.map(\.number)
        let selection = try RollbackSelection(
            removing: Set(own), cascades: false, state, definition)
        let note = adminEvent("module.disabled", projection, ["module": name])
        let change: @Sendable (inout ProjectionState) -> Void = { state in
            state.modules.removeAll { $0 == name }
            state.disabled = Set(state.disabled ?? []).union([name]).sorted()
        }
        var rollback: RollbackResult?
        if own.isEmpty {
            try updateState(of: projection) { state in
                change(&state)
                state.outgoing.append(note)
            }
            try deliver(projection)
        } else {
            rollback = try takeBack(
                try plan(projection, selection, state), selection, state, telling: [note], change,
                progress: progress)
        }
        return ModuleChange(
            projection: projection, module: name, isChanged: true, pending: [], rollback: rollback)
    }

    private func required(_ module: Module, _ projection: String) -> AnnalsError {
        AnnalsError(
            .invalid, "MODULE_REQUIRED", "The module '\(module.name)' is not optional.",
            hint: "Roll its migrations back, or write `optional: true` into the manifest.",
            context: .init(projection: projection))
    }

    private func needed(
        _ name: String, by dependents: [String], _ first: String, _ projection: String
    ) -> AnnalsError {
        AnnalsError(
            .invalid, "MODULE_NEEDED",
            "The enabled \(dependents.count == 1 ? "module" : "modules") "
                + "\(dependents.joined(separator: ", ")) "
                + "\(dependents.count == 1 ? "depends" : "depend") on '\(name)'.",
            hint: "Run 'annals modules disable \(first) --projection \(projection)' first.",
            context: .init(projection: projection))
    }
}
