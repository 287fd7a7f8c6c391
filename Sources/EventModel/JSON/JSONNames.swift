/// The member names of the objects that are open during validation, innermost last.
///
/// A name is a range of the text. The first ones need no allocation, which most objects never leave.
struct JSONNames {
    /// A name's bytes between the quotes.
    struct Name {
        var start: UInt32
        var count: UInt32

        var range: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
    }

    private static let inlineCount = 32
    /// Up to so many names of an object are compared pair by pair; more are sorted at its end.
    private static let pairwiseMax = 16

    private var first: [32 of Name] = .init(repeating: Name(start: 0, count: 0))
    private var rest: [Name] = []
    private(set) var count = 0

    private subscript(_ index: Int) -> Name {
        index < Self.inlineCount ? first[index] : rest[index - Self.inlineCount]
    }

    /// The names of one open object.
    struct Scope {
        /// Where its names begin among all.
        let start: Int
        /// Whether any of them has escapes, so that the bytes do not tell names apart.
        var hasEscapes = false
        /// One bit per name: a bit that is free says that no name so far equals the new one.
        var marks: UInt64 = 0
    }

    /// Begins an object inside the innermost one.
    @inline(__always)
    func open() -> Scope { Scope(start: count) }

    /// Adds a name to the innermost open object.
    ///
    /// - Returns: Whether it repeats one of the first few; `close` looks at the others.
    @inline(__always)
    mutating func add(
        _ range: Range<Int>, hasEscapes: Bool, to scope: inout Scope, in text: Span<UInt8>
    ) -> Bool {
        let name = Name(
            start: UInt32(truncatingIfNeeded: range.lowerBound),
            count: UInt32(truncatingIfNeeded: range.count))
        if count < Self.inlineCount { first[count] = name } else { rest.append(name) }
        count += 1
        if hasEscapes { scope.hasEscapes = true }
        let mark = Self.mark(range, in: text)
        if scope.marks & mark != 0 && count - scope.start <= Self.pairwiseMax {
            return repeatsEarlier(range, in: scope, text)
        }
        scope.marks |= mark
        return false
    }

    /// Ends the innermost object.
    ///
    /// - Returns: Where the first repeated name stands in the text, `nil` if all differ.
    @inline(__always)
    mutating func close(_ scope: Scope, in text: Span<UInt8>) -> Int? {
        defer { removeAll(from: scope.start) }
        if scope.hasEscapes { return repeatedUnescaped(from: scope.start, in: text) }
        guard count - scope.start > Self.pairwiseMax else { return nil }
        return repeatedSorted(from: scope.start, in: text)
    }

    /// A bit out of 64, by a name's length and outer bytes.
    @inline(__always)
    private static func mark(_ range: Range<Int>, in text: Span<UInt8>) -> UInt64 {
        guard !range.isEmpty else { return 1 }
        let outer = UInt32(text[range.lowerBound]) << 8 | UInt32(text[range.upperBound - 1])
        let mixed = (outer ^ UInt32(truncatingIfNeeded: range.count) << 16) &* 0x9E37_79B1
        return 1 << UInt64(mixed >> 26)
    }

    private func repeatsEarlier(_ range: Range<Int>, in scope: Scope, _ text: Span<UInt8>) -> Bool {
        for index in scope.start..<(count - 1) where self[index].count == range.count {
            if sameText(self[index].range, range, in: text) { return true }
        }
        return false
    }

    @inline(__always)
    private mutating func removeAll(from start: Int) {
        let spilled = count - max(start, Self.inlineCount)
        if spilled > 0 { rest.removeLast(spilled) }
        count = start
    }

    private func repeatedSorted(from start: Int, in text: Span<UInt8>) -> Int? {
        var keys = (start..<count).map { index in
            NameKey(self[index].range, in: text, at: self[index].range.lowerBound)
        }
        return firstRepeated(&keys, in: text)
    }

    private func repeatedUnescaped(from start: Int, in text: Span<UInt8>) -> Int? {
        var unescaped: [UInt8] = []
        var ends: [Int] = []
        for index in start..<count {
            unescapeJSON(text.extracting(self[index].range), into: &unescaped)
            ends.append(unescaped.count)
        }
        let bytes = unescaped.span
        var keys: [NameKey] = []
        var lower = 0
        for (number, upper) in ends.enumerated() {
            let place = self[start + number].range.lowerBound
            keys.append(NameKey(lower..<upper, in: bytes, at: place))
            lower = upper
        }
        return firstRepeated(&keys, in: bytes)
    }
}

/// A name made ready for sorting.
private struct NameKey {
    /// The first eight bytes, zero beyond the end: enough to tell most names apart.
    let prefix: UInt64
    let range: Range<Int>
    /// Where the name stands in the text.
    let place: Int

    init(_ range: Range<Int>, in bytes: Span<UInt8>, at place: Int) {
        var prefix: UInt64 = 0
        for index in range.prefix(8) { prefix = prefix << 8 | UInt64(bytes[index]) }
        self.prefix = prefix
        self.range = range
        self.place = place
    }

    /// Any order will do in which equal names are neighbours, the first one in the text first.
    func isBefore(_ other: NameKey, in bytes: Span<UInt8>) -> Bool {
        if prefix != other.prefix { return prefix < other.prefix }
        if range.count != other.range.count { return range.count < other.range.count }
        let distance = other.range.lowerBound - range.lowerBound
        for index in range where bytes[index] != bytes[index + distance] {
            return bytes[index] < bytes[index + distance]
        }
        return place < other.place
    }
}

/// Sorting keeps an object of a million members in O(n log n) whatever its names are, where a hash
/// table could be fed names that collide.
private func firstRepeated(_ keys: inout [NameKey], in bytes: Span<UInt8>) -> Int? {
    keys.sort { left, right in left.isBefore(right, in: bytes) }
    var found: Int?
    for index in keys.indices.dropFirst() {
        let (left, right) = (keys[index - 1], keys[index])
        guard left.prefix == right.prefix && left.range.count == right.range.count,
            sameText(left.range, right.range, in: bytes)
        else { continue }
        found = min(found ?? right.place, right.place)
    }
    return found
}

/// Whether two ranges of equal length hold the same bytes.
@inline(__always)
private func sameText(_ left: Range<Int>, _ right: Range<Int>, in text: Span<UInt8>) -> Bool {
    let distance = right.lowerBound - left.lowerBound
    for index in left where text[index] != text[index + distance] { return false }
    return true
}
