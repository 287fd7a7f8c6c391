/// A place in the whole log: 1, 2, 3 … without gaps; 0 stands before the first event.
public struct Position: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number itself.
    public let value: UInt64

    /// Before the first event.
    public static let start = Position(0)

    /// Makes the position with this number.
    public init(_ value: UInt64) { self.value = value }

    /// The position after this one.
    public var next: Position { Position(value + 1) }

    /// Orders by the number.
    public static func < (left: Position, right: Position) -> Bool { left.value < right.value }

    /// The number in decimal.
    public var description: String { String(value) }
}

/// A place in one stream: 1, 2, 3 … without gaps; 0 is the revision of a stream without events.
public struct Revision: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number itself.
    public let value: UInt64

    /// The revision of a stream that has no event.
    public static let none = Revision(0)

    /// Makes the revision with this number.
    public init(_ value: UInt64) { self.value = value }

    /// The revision after this one.
    public var next: Revision { Revision(value + 1) }

    /// Orders by the number.
    public static func < (left: Revision, right: Revision) -> Bool { left.value < right.value }

    /// The number in decimal.
    public var description: String { String(value) }
}
