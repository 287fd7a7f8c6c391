/// The bounds on what a caller may append; each is checked before anything is written.
public enum Limits {
    /// Bytes of a type, stream, tag or client id: at least 1, at most this.
    public static let nameBytesMax = 255
    /// Bytes of an event's data.
    public static let dataBytesMax = 64 << 20
    /// Bytes of an event's metadata.
    public static let metadataBytesMax = 64 << 10
    /// Nested objects and arrays in data and metadata; the object itself is depth 1.
    public static let jsonDepthMax = 64
    /// Tags of one event.
    public static let tagsMax = 64
    /// Events of one append.
    public static let appendEventsMax = 65_536
    /// The greatest schema version of an event.
    public static let schemaVersionMax = 65_535
}
