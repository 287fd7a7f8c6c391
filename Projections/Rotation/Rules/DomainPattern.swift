/// A domain, or a pattern of domains in which `*` stands for any run of characters, dots included.
///
/// Letters' case makes no difference, the whole domain must match, and `*.x` also matches `x` itself.
public struct DomainPattern: Sendable, Equatable {
    /// The pattern as it was given.
    public let text: String
    private let bytes: [UInt8]

    /// Makes a pattern of a text.
    public init(_ text: String) {
        self.text = text
        bytes = Array(text.lowercased().utf8)
    }

    /// Whether it holds a `*`.
    public var isWildcard: Bool { bytes.contains(Self.star) }

    /// Whether a domain matches.
    public func matches(_ domain: String) -> Bool {
        let name = Array(domain.lowercased().utf8)
        if bytes.starts(with: [Self.star, Self.dot]), name[...] == bytes[2...] { return true }
        return matches(name)
    }

    private static let star = UInt8(ascii: "*")
    private static let dot = UInt8(ascii: ".")

    /// Walks both once; after a mismatch the last star takes one byte more.
    private func matches(_ name: [UInt8]) -> Bool {
        var (place, at) = (0, 0)
        var lastStar: (place: Int, at: Int)?
        while at < name.count {
            if place < bytes.count, bytes[place] == Self.star {
                lastStar = (place, at)
                place += 1
            } else if place < bytes.count, bytes[place] == name[at] {
                place += 1
                at += 1
            } else if let star = lastStar {
                lastStar = (star.place, star.at + 1)
                place = star.place + 1
                at = star.at + 1
            } else {
                return false
            }
        }
        return bytes[place...].allSatisfy { $0 == Self.star }
    }
}
