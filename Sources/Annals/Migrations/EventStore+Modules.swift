public import EventModel
internal import ProjectionEngine

/// How one module of a projection stands.
public struct ModuleStatus: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The numbers that its migrations may have.
    public let range: ClosedRange<Int>
    /// Whether the store has it.
    public let isEnabled: Bool
    /// The greatest applied number of its migrations, 0 if none.
    public let version: Int
    /// The numbers of its migrations that wait, ascending; none when it is disabled.
    public let pending: [Int]
}

extension EventStore {
    /// The modules of a projection by ascending range.
    /// - Throws: `PROJECTION_UNKNOWN`.
    public func modules(of projection: String) throws(AnnalsError) -> [ModuleStatus] {
        let definition = try handle(projection).definition
        let state = try stateOrNew(of: projection)
        let enabled = state.enabledModules(of: definition)
        let pending = Set(state.pending(in: definition))
        return definition.modules.map { module in
            let own = definition.migrations.filter { $0.module == module.name }.map(\.number)
            let applied = state.applied.filter { $0.module == module.name }.map(\.number)
            return ModuleStatus(
                name: module.name, range: module.range, isEnabled: enabled.contains(module.name),
                version: applied.max() ?? 0, pending: own.filter(pending.contains))
        }
    }

    /// The projections that have a generation, sorted.
    public func builtProjections() throws(AnnalsError) -> [String] {
        var built: [String] = []
        for name in projections where try state(of: name)?.current != nil { built.append(name) }
        return built
    }
}
