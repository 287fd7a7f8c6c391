/// Where the value of a handler's parameter comes from.
enum HandlerParameter: Equatable {
    /// A part of the event around its data.
    enum Envelope: String {
        case data = "@data"
        case metadata = "@metadata"
        case type = "@type"
        case stream = "@stream"
        case key = "@key"
        case revision = "@revision"
        case position = "@position"
        case time = "@time"
        case recorded = "@recorded"
        case id = "@id"
    }

    /// The top-level field of the data with this index in the list of fields.
    case field(Int)
    /// A part of the envelope.
    case envelope(Envelope)
}

/// The value of one field of one event; texts are ranges, so that nothing is copied.
enum FieldValue {
    case null
    case integer(Int64)
    case real(Double)
    /// Bytes of the event's data.
    case data(Range<Int>)
    /// Bytes of the scratch buffer: a string without its escapes.
    case scratch(Range<Int>)
}
