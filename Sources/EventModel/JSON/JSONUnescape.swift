/// Unescapes the body of a JSON string, the part between its quotes, and appends it as UTF-8.
///
/// - Precondition: The body was validated.
public func unescapeJSON(_ body: Span<UInt8>, into output: inout [UInt8]) {
    var start = 0
    var index = 0
    while index < body.count {
        guard body[index] == UInt8(ascii: "\\") else {
            index += 1
            continue
        }
        output.append(copying: body.extracting(start..<index))
        switch body[index + 1] {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "u"):
            var scalar = codeUnit(body, at: index + 2)
            index += 4
            if scalar & 0xFC00 == 0xD800 {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + codeUnit(body, at: index + 4) & 0x3FF
                index += 6
            }
            appendUTF8(scalar, to: &output)
        default: output.append(body[index + 1])
        }
        index += 2
        start = index
    }
    output.append(copying: body.extracting(start..<body.count))
}

/// The four hexadecimal digits at `start`.
private func codeUnit(_ body: Span<UInt8>, at start: Int) -> UInt32 {
    var unit: UInt32 = 0
    for index in start..<(start + 4) {
        guard let digit = hexDigit(body[index]) else {
            preconditionFailure("the JSON string was not validated")
        }
        unit = unit << 4 | UInt32(digit)
    }
    return unit
}

private func appendUTF8(_ scalar: UInt32, to output: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(scalar) else {
        preconditionFailure("the JSON string was not validated")
    }
    output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
}
