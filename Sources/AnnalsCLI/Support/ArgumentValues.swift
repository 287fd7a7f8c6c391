public import ArgumentParser
public import EventModel

extension Position: ExpressibleByArgument {
    /// Reads a position.
    public init?(argument: String) {
        guard let value = UInt64(argument) else { return nil }
        self.init(value)
    }
}

extension Timestamp: ExpressibleByArgument {
    /// Reads a time as RFC 3339 writes it.
    public init?(argument: String) { self.init(rfc3339: argument) }
}
