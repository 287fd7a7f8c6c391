/// A moment: milliseconds since 1970-01-01T00:00:00Z, any value an Int64 holds.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since the Unix epoch, UTC; negative before it.
    public let milliseconds: Int64

    /// Makes the moment that lies so many milliseconds after the Unix epoch.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Orders by the number.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
