/// Names a data key for ever: its place in the file and 16 random bytes, as in `17-9f…`.
///
/// The place lets a key be found with one read; the bytes tell it from an earlier one at that place.
package struct DataKeyID: Sendable, Hashable, CustomStringConvertible {
    /// Its place in the file, from 0.
    package let slot: Int
    /// 32 hex digits.
    package let digits: String

    static let byteCount = 16

    init(slot: Int, bytes: [UInt8]) {
        self.slot = slot
        digits = bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Reads an id from its text; `nil` for any other text.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let slot = Int(parts[0]), slot >= 0, slot <= DataKeyFile.slotsMax,
            String(slot) == parts[0], parts[1].utf8.count == 2 * Self.byteCount,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.slot = slot
        digits = String(parts[1])
    }

    /// The text that stands in events.
    package var description: String { "\(slot)-\(digits)" }
}
