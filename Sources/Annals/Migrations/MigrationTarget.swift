public import EventModel

/// Where a migration or rollback should lead.
public enum MigrationTarget: Sendable, Equatable {
    /// The newest (migrate), or one step back (rollback).
    case next
    /// This number: everything up to it, nothing beyond.
    case version(Int)
    /// So many steps.
    case steps(Int)
}

/// What a migration may do besides going to its target.
public struct MigrateOptions: Sendable, Equatable {
    /// Only this module's migrations; `nil` for those of all enabled modules.
    public var module: String?
    /// Whether a module may get a number below one that is applied in it, or above a hole.
    ///
    /// Each such migration is recorded with `reason` in the event `migration.allowed_out_of_order`.
    public var allowsOutOfOrder = false
    /// Why that is allowed; may be empty.
    public var reason = ""
    /// Whether all of it is applied or nothing.
    ///
    /// Otherwise what comes before the migration that fails is applied and stays.
    public var isGrouped = false
    /// Whether to begin although the new file may not fit on the disk.
    public var ignoresFreeSpace = false

    /// The defaults: every enabled module, in order, up to the one that fails.
    public init() {}
}

/// What a rollback may do besides going to its target.
public struct RollbackOptions: Sendable, Equatable {
    /// Only this module's migrations; `nil` for all.
    public var module: String?
    /// Whether migrations of other modules that depend on what goes are taken back too.
    public var cascades = false
    /// Whether to refuse when events would no longer be shown.
    public var isStrict = false

    /// The defaults: every module, whatever is hidden.
    public init() {}
}

/// What a migration did.
public struct MigrateResult: Sendable, Equatable {
    /// One applied migration.
    public struct Applied: Sendable, Equatable {
        /// Its number.
        public let number: Int
        /// Its name.
        public let name: String
    }

    /// The projection.
    public let projection: String
    /// The version before, 0 for none.
    public let from: Int
    /// The version now.
    public let to: Int
    /// What was applied, in order; empty when there was nothing to do.
    public let applied: [Applied]
    /// Events replayed.
    public let events: Int
    /// How the version was reached; `nil` when there was nothing to do.
    public let way: BuildWay?
    /// How long it took, in milliseconds.
    public let durationMs: Double
    /// How long writers waited for the switch, in milliseconds.
    public let switchMs: Double
    /// What kept the migration behind the last one applied from being applied; `nil` for success.
    public internal(set) var failure: AnnalsError?
}
