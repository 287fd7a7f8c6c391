// The copies out of lent memory. A byte-by-byte loop costs ten times a block copy, so this file
// is on the list of those that may say `unsafe`.

extension String {
    /// The text of UTF-8 bytes; invalid sequences, which no checked record holds, are replaced.
    public init(utf8 bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension Array<UInt8> {
    /// A copy of lent bytes.
    public init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends a copy of lent bytes.
    public mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

/// Whether two lent byte strings are equal.
public func sameBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    // Eight at a time, the last word may begin in the one before: names are compared for every event.
    if left.count >= 8 {
        for index in stride(from: 0, to: left.count - 8, by: 8)
        where left.word(at: index) != right.word(at: index) {
            return false
        }
        return left.word(at: left.count - 8) == right.word(at: left.count - 8)
    }
    for index in left.indices where left[index] != right[index] { return false }
    return true
}
