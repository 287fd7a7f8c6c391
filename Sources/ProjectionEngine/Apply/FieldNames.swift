import EventModel

/// The fields that the handlers of a type name, behind one another in one array: comparing with one of
/// them touches no reference count, which counts in the loop over events.
struct FieldNames {
    private var bytes: [UInt8] = []
    private var starts: [Int] = [0]

    /// How many there are.
    var count: Int { starts.count - 1 }

    /// The number of a name, entered now if it is new.
    mutating func number(of name: [UInt8]) -> Int {
        for index in 0..<count where isSame(index, as: name.span) { return index }
        bytes += name
        starts.append(bytes.count)
        return count - 1
    }

    /// The number of a name, looked for from a guess on; `nil` if it is none of them.
    @inline(__always)
    func index(of name: Span<UInt8>, _ guess: Int) -> Int? {
        for step in 0..<count {
            var index = guess + step
            if index >= count { index -= count }
            if isSame(index, as: name) { return index }
        }
        return nil
    }

    /// Whether a name is the lent bytes.
    @inline(__always)
    private func isSame(_ index: Int, as name: Span<UInt8>) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == name.count else { return false }
        for offset in name.indices where bytes[start + offset] != name[offset] { return false }
        return true
    }
}
