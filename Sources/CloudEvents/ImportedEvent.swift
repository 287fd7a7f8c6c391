public import EventModel

/// An event read from a line of CloudEvents.
public struct ImportedEvent: Sendable, Equatable {
    /// The event to append.
    ///
    /// Its `id` is `nil` if the line's was made from stream and revision.
    public var event: Event
    /// The place in its stream that the line says it had; `nil` if it says none.
    public var revision: Revision?
    /// Whether the line's id was `STREAM@REVISION`: stream and `revision` identify the event then.
    public var idIsSynthesised: Bool
    /// When the store that wrote the line recorded it; `nil` if the line does not say.
    public var recorded: Timestamp?
    /// The `source` of the line, never empty.
    public var source: String
}
