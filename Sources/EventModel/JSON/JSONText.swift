/// Checks and writes JSON text in the I-JSON profile (RFC 7493), in place.
public enum JSONText {
    /// Checks that the text is one JSON object, with nothing but spaces around it.
    ///
    /// I-JSON asks for more than JSON: UTF-8, no two members of one name in an object (compared
    /// after unescaping), no half surrogate pairs, no noncharacters. In a large object a
    /// duplicate name is found only at the end, so an error of form inside it is reported first.
    /// - Parameter depthMax: Nested objects and arrays, the outer object being 1; at most 512.
    /// - Throws: The first defect and where it begins.
    /// - Complexity: O(n log n) in the members of an object, O(n) in everything else; allocates only
    ///   for objects of many members or with escapes in names.
    public static func validateObject(
        _ text: Span<UInt8>, depthMax: Int = Limits.jsonDepthMax
    ) throws(JSONError) {
        var validator = JSONValidator(text, depthMax: depthMax)
        try validator.validate(objectOnly: true)
    }

    /// Checks that the text is one JSON value of any kind, as `validateObject` does for objects.
    public static func validateValue(
        _ text: Span<UInt8>, depthMax: Int = Limits.jsonDepthMax
    ) throws(JSONError) {
        var validator = JSONValidator(text, depthMax: depthMax)
        try validator.validate(objectOnly: false)
    }

    /// The line and column of a byte, both from 1; the column counts Unicode scalars.
    ///
    /// An offset past the end stands for the end. Bytes that are not UTF-8 count as one column each.
    public static func lineAndColumn(
        of offset: Int, in text: Span<UInt8>
    ) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<min(max(offset, 0), text.count) {
            if text[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if index + 1 >= text.count || text[index + 1] & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }

    /// Appends the text as a JSON string in quotes, with as few escapes as possible (RFC 8785 §3.2.2.2).
    public static func quote(_ text: String, into output: inout [UInt8]) {
        var text = text
        text.makeContiguousUTF8()
        quote(utf8: text.utf8.span, into: &output)
    }

    /// Appends UTF-8 as a JSON string in quotes, with as few escapes as possible.
    ///
    /// - Precondition: The bytes are valid UTF-8; they are not checked again.
    public static func quote(utf8 text: Span<UInt8>, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                index += 1
                continue
            }
            output.append(copying: text.extracting(start..<index))
            escape(byte, into: &output)
            index += 1
            start = index
        }
        output.append(copying: text.extracting(start..<text.count))
        output.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            output.append(UInt8(ascii: "0") + (byte >> 4))
            let low = byte & 0x0F
            output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
