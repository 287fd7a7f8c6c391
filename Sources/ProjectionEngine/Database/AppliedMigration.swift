public import EventModel

/// A migration as a projection file remembers it: a row of `schema_migrations`.
public struct AppliedMigration: Sendable, Equatable {
    /// The migration's number.
    public let number: Int
    /// The module that it belongs to.
    public let module: String
    /// Its name, without the number.
    public let name: String
    /// When it was applied to this file, or to the file that this one replaced.
    public let appliedAt: Timestamp
    /// The rendering of its checksums at that time.
    public let checksum: String
    /// The head of the log at that time.
    public let position: Position
    /// How long its Up ran.
    public let durationMs: Int
}
