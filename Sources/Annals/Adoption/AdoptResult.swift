/// What an adoption did.
public struct AdoptResult: Sendable, Equatable {
    /// One adopted table.
    public struct Table: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its rows: as many events, and as many rows of the projection.
        public let rows: Int
        /// The columns that tell its rows apart; empty where their order in the file does.
        public let key: [String]
    }

    /// Something that was left in the file.
    public struct Ignored: Sendable, Equatable {
        /// `table`, `index`, `view`, `trigger`, or `clause` for a part of a table's statement.
        public let kind: String
        /// Its name.
        public let name: String
        /// Why.
        public let reason: String
    }

    /// The projection.
    public let projection: String
    /// The file, as it was named.
    public let file: String
    /// SHA-256 over the file before and after, its WAL included, in hex.
    public let fileDigest: String
    /// Whether a WAL or journal beside the file was read with it.
    public let hasLog: Bool
    /// The migrations whose schema the file has, ascending.
    public let versions: [Int]
    /// The projection's version now.
    public let version: Int
    /// The migrations that were marked as applied, or applied.
    public let applied: [MigrateResult.Applied]
    /// The tables, parents first.
    public let tables: [Table]
    /// What was left in the file.
    public let ignored: [Ignored]
    /// Events in the log that tell of the rows: one for each, and a second one for those of a circle.
    public let rows: Int
    /// The content digest of the projection that was found equal to the file.
    public let digest: String
    /// `false` when the same rows were adopted before, and nothing was left to do.
    public let isNew: Bool
    /// How long it took, in milliseconds.
    public let durationMs: Double
}

/// How far an adoption is.
public struct AdoptProgress: Sendable, Equatable {
    /// The steps.
    public enum Step: String, Sendable {
        /// The rows are read and written as events into a log of their own.
        case reading
        /// A projection is built from those events.
        case building
        /// It is compared with the file, row by row.
        case comparing
        /// The events are appended to the store's log.
        case appending
        /// The store's projection is built.
        case switching
    }

    /// The step.
    public let step: Step
    /// Rows or events done in this step.
    public let done: Int
    /// All of them.
    public let total: Int
}
