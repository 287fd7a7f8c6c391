/// A named and reserved range of migration numbers inside a projection.
public struct Module: Sendable, Equatable {
    /// Its name, one of a kind in the projection.
    public let name: String
    /// The numbers that only its migrations may have.
    public let range: ClosedRange<Int>
    /// What it is for; may be empty.
    public let description: String
    /// The modules that must be enabled with it; their ranges lie below its own.
    public let depends: [String]
    /// Whether a store may leave it out.
    public let isOptional: Bool
    /// Whether a new store has it; always true when it is not optional.
    public let isEnabledByDefault: Bool
    /// What its next numbers are meant for, ascending.
    public internal(set) var planned: [PlannedMigration] = []
}

/// A migration that somebody means to write, so that nobody else takes its number.
public struct PlannedMigration: Sendable, Equatable {
    /// The number, in the module's range.
    public let number: Int
    /// What it is for, in one line.
    public let text: String
}
