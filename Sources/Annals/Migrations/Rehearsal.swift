public import EventModel
public import ProjectionEngine

/// What a migration did when it was rehearsed on the whole history, in files of its own.
public struct Rehearsal: Sendable, Equatable {
    /// The rows of one table.
    public struct TableRows: Sendable, Equatable {
        /// The table.
        public let table: String
        /// Its rows.
        public let rows: Int
    }

    /// What the migration would do.
    public let plan: MigrationPlan
    /// Why the migration would fail; `nil` when it would not.
    ///
    /// It is the first event that a handler refuses, with its position, type and the handler's place;
    /// or a seed.
    public internal(set) var refusal: AnnalsError?
    /// What would be applied in spite of the refusal.
    ///
    /// The steps before the one that fails, as far as they succeed alone; without a refusal the whole plan.
    public internal(set) var healthy: [MigrationPlan.Step] = []
    /// Events that were applied.
    public internal(set) var events = 0
    /// Events that were put aside, for a projection that does so.
    public internal(set) var quarantined = 0
    /// The tables at the end, by name; none after a refusal.
    public internal(set) var tables: [TableRows] = []
    /// The content digest that the projection would have; `nil` after a refusal and with nothing to do.
    public internal(set) var digest: String?
    /// What the handlers took, the ten slowest, the slowest first.
    public internal(set) var slowest: [HandlerTime] = []
    /// How long it took, in milliseconds.
    public internal(set) var durationMs = 0.0

    /// Handlers that are named.
    static let slowestMax = 10
}
