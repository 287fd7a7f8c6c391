/// The base 64 of RFC 4648 §4, with padding.
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends the bytes in base 64.
    package static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = min(3, bytes.count - start)
            var group = UInt32(bytes[start]) << 16
            if count > 1 { group |= UInt32(bytes[start + 1]) << 8 }
            if count > 2 { group |= UInt32(bytes[start + 2]) }
            for place in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * place)) & 0x3F
                output.append(place <= count ? alphabet[digit] : UInt8(ascii: "="))
            }
            start += 3
        }
    }

    /// The bytes that a text in base 64 stands for; `nil` if it is anything else.
    ///
    /// Strict: no spaces, no missing padding, no stray bits, so that a text has one meaning and bytes
    /// have one text.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var start = 0
        while start < text.count {
            var padding = 0
            if start + 4 == text.count {
                if text[start + 3] == UInt8(ascii: "=") { padding = 1 }
                if padding == 1 && text[start + 2] == UInt8(ascii: "=") { padding = 2 }
            }
            var group: UInt32 = 0
            for place in 0..<(4 - padding) {
                guard let digit = value(text[start + place]) else { return nil }
                group |= UInt32(digit) << UInt32(18 - 6 * place)
            }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if padding < 1 { bytes.append(UInt8(truncatingIfNeeded: group)) }
            if group & ((1 << UInt32(8 * padding)) - 1) != 0 { return nil }
            start += 4
        }
        return bytes
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
