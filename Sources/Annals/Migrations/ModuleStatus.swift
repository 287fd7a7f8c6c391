public import EventModel
public import ProjectionEngine

/// How one module of a projection stands: a row of the table by which people share out numbers.
public struct ModuleStatus: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// What it is for; may be empty.
    public let description: String
    /// The numbers that its migrations may have.
    public let range: ClosedRange<Int>
    /// The modules that must be enabled with it.
    public let depends: [String]
    /// Whether a store may leave it out.
    public let isOptional: Bool
    /// Whether the store has it.
    public let isEnabled: Bool
    /// The greatest number of its migrations in force, 0 if none.
    public let version: Int
    /// The numbers of its migrations that wait, ascending; none when it is disabled.
    public let pending: [Int]
    /// The numbers that are taken, ascending: by a file, or by what the store has on record.
    public let used: [Int]
    /// The numbers left out below the greatest one used, ascending.
    public let holes: [Int]
    /// What is planned and not written yet, by ascending number.
    public let planned: [PlannedMigration]

    /// The number of the next new migration; `nil` when the range is used up.
    public var next: Int? { reserved?.lowerBound }

    /// The reserved tail: the numbers behind the greatest one used; `nil` when there are none.
    public var reserved: ClosedRange<Int>? {
        let first = (used.last ?? range.lowerBound - 1) + 1
        return first <= range.upperBound ? first...range.upperBound : nil
    }
}

extension EventStore {
    /// The modules of a projection by ascending range.
    /// - Throws: `PROJECTION_UNKNOWN`, or what is wrong with the projection's files.
    public func modules(of projection: String) throws(AnnalsError) -> [ModuleStatus] {
        let definition = try handle(projection).definition
        let state = try stateOrNew(of: projection)
        let enabled = state.enabledModules(of: definition)
        let pending = Set(state.pending(in: definition))
        return definition.modules.map { module in
            let files = definition.migrations.filter { $0.module == module.name }.map(\.number)
            let recorded = state.applied.filter { $0.module == module.name }
            let used = Set(files + recorded.map(\.number))
            let top = used.max() ?? 0
            return ModuleStatus(
                name: module.name, description: module.description, range: module.range,
                depends: module.depends, isOptional: module.isOptional,
                isEnabled: enabled.contains(module.name) || !module.isOptional,
                version: recorded.filter { $0.waiver == nil }.map(\.number).max() ?? 0,
                pending: files.filter(pending.contains), used: used.sorted(),
                holes: module.range.filter { $0 < top && !used.contains($0) },
                planned: module.planned.filter { !used.contains($0.number) })
        }
    }
}
