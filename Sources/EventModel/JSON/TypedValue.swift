/// A value of SQLite that JSON cannot say, as an event's data carries it: an object with one member.
///
/// | in the data | stands for |
/// |---|---|
/// | `{"$blob":"AAEC"}` | bytes, in base 64 |
/// | `{"$text":"/wA="}` | a text that is no UTF-8, has a NUL or noncharacters: its bytes in base 64 |
/// | `{"$integer":"9007199254740993"}` | an integer beyond ±(2^53 − 1), where JSON numbers lose digits |
/// | `{"$real":"-Infinity"}` | an infinity |
///
/// As a field of a handler (`$name`) such an object is the value; in `@data` it is an object.
package enum TypedValue: Equatable, Sendable {
    /// A whole number.
    case integer(Int64)
    /// A floating-point number.
    case real(Double)
    /// The bytes of a text.
    case text([UInt8])
    /// Bytes.
    case blob([UInt8])

    /// Reads an object; `nil` when it is one like any other.
    ///
    /// - Precondition: The text was validated as an object.
    package init?(_ object: Span<UInt8>) {
        // Nearly every object ends here.
        guard object.count > 2, Self.mayBeTyped(object) else { return nil }
        var members = JSONMembers(object)
        guard let member = members.next(), member.kind == .string, !member.nameHasEscapes,
            members.next() == nil
        else { return nil }
        let value = object.extracting(member.valueRange)
        switch String(utf8: object.extracting(member.nameRange)) {
        case "$blob":
            guard let bytes = Base64.decode(value) else { return nil }
            self = .blob(bytes)
        case "$text":
            guard let bytes = Base64.decode(value) else { return nil }
            self = .text(bytes)
        case "$integer":
            guard let number = Int64(String(utf8: value)) else { return nil }
            self = .integer(number)
        case "$real":
            switch String(utf8: value) {
            case "Infinity": self = .real(.infinity)
            case "-Infinity": self = .real(-.infinity)
            default: return nil
            }
        default: return nil
        }
    }

    private static func mayBeTyped(_ object: Span<UInt8>) -> Bool {
        for index in 1..<object.count where !isJSONSpace(object[index]) {
            return object[index] == UInt8(ascii: "\"") && index + 1 < object.count
                && object[index + 1] == UInt8(ascii: "$")
        }
        return false
    }

    /// The integers that every reader of JSON reads exactly: up to 2^53 − 1 either way.
    package static let exactIntegers: ClosedRange<Int64> = -(1 << 53) + 1...(1 << 53) - 1

    /// Appends a whole number, as an object where a JSON number could lose digits.
    package static func append(_ value: Int64, to output: inout [UInt8]) {
        if exactIntegers.contains(value) {
            output.append(contentsOf: String(value).utf8)
        } else {
            output.append(contentsOf: "{\"$integer\":\"\(value)\"}".utf8)
        }
    }

    /// Appends a floating-point number with as many digits as tell it from every other one.
    ///
    /// - Precondition: It is a number; SQLite stores no NaN.
    package static func append(_ value: Double, to output: inout [UInt8]) {
        if value.isFinite {
            output.append(contentsOf: value.description.utf8)
        } else {
            output.append(contentsOf: "{\"$real\":\"\(value < 0 ? "-" : "")Infinity\"}".utf8)
        }
    }

    /// Appends a text as a JSON string, or as an object when no JSON string can carry it.
    /// - Returns: whether it is a JSON string.
    @discardableResult
    package static func append(text: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        let start = output.count
        if !hasNUL(text) {
            JSONText.quote(utf8: text, into: &output)
            do throws(JSONError) {
                try JSONText.validateValue(output.span.extracting(start..<output.count))
                return true
            } catch {
                output.removeLast(output.count - start)
            }
        }
        append("$text", text, to: &output)
        return false
    }

    /// Appends bytes as an object.
    package static func append(blob: Span<UInt8>, to output: inout [UInt8]) {
        append("$blob", blob, to: &output)
    }

    private static func append(_ name: String, _ bytes: Span<UInt8>, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"\(name)\":\"".utf8)
        Base64.append(bytes, to: &output)
        output.append(contentsOf: "\"}".utf8)
    }

    private static func hasNUL(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] == 0 { return true }
        return false
    }
}
