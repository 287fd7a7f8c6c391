/// A handler that runs at a version set: which one of the definitions counts, and whose it is.
public struct HandlerInForce: Sendable, Equatable {
    /// The event's type.
    public let eventType: String
    /// The module whose handler it is.
    public let module: String
    /// The number of the migration that defines it.
    public let number: Int
    /// One or more statements.
    public let section: SQLSection
}
