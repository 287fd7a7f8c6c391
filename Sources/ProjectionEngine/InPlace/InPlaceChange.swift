/// A change of version set that a copy of the present file can take: new tables come, or go, and what
/// is in the others is nobody's business but theirs.
///
/// Only `ProjectionDefinition.inPlace(from:to:)` makes one, after it has proved that the copy is then
/// equal to a replay at the other version set.
public struct InPlaceChange: Sendable, Equatable {
    /// The numbers of the migrations before, ascending.
    public let from: [Int]
    /// The numbers afterwards, ascending.
    public let to: [Int]
    /// What comes, in number order; empty when migrations go.
    let added: [Migration]
    /// What goes, the last number first; empty when migrations come.
    let removed: [Migration]
    /// The event types that the added handlers are to be fed with, each once.
    public let eventTypes: [String]
    /// The tables that come or go, in small letters.
    let tables: Set<String>
}

/// Whether a change can be made in a copy of the present file.
public enum InPlaceVerdict: Sendable, Equatable {
    /// The copy is equal to a replay afterwards.
    case equal(InPlaceChange)
    /// It is not, or that cannot be proved: the reason, a part of a sentence.
    case unproven(because: String)
}
