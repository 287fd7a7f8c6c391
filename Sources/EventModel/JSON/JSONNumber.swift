/// The value of a JSON number.
public enum JSONNumber: Sendable, Equatable {
    /// A number without fraction and exponent that fits.
    case integer(Int64)
    /// Any other number, rounded to the nearest double; infinite when it is too large for one.
    case real(Double)

    /// Reads a number in JSON's form.
    ///
    /// - Precondition: The text was validated.
    public static func parse(_ text: Span<UInt8>) -> JSONNumber {
        let isNegative = text[0] == UInt8(ascii: "-")
        var index = isNegative ? 1 : 0
        var digits = Digits()
        while index < text.count, isDigit(text[index]) {
            digits.append(text[index])
            index += 1
        }
        if index == text.count {
            if let value = digits.integer(isNegative: isNegative) { return .integer(value) }
            return .real(slow(text))
        }
        var exponent = 0
        if text[index] == UInt8(ascii: ".") {
            let point = index
            index += 1
            while index < text.count, isDigit(text[index]) {
                digits.append(text[index])
                index += 1
            }
            exponent = point + 1 - index
        }
        if index < text.count { exponent += smallExponent(text.extracting(index..<text.count)) }
        if let value = digits.real(exponent: exponent) {
            return .real(isNegative ? -value : value)
        }
        return .real(slow(text))
    }

    /// The exponent behind its `e`, cut at a size that no exact computation reaches.
    private static func smallExponent(_ text: Span<UInt8>) -> Int {
        var exponent = 0
        var isNegative = false
        for index in 1..<text.count {
            switch text[index] {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "+"): continue
            default: exponent = min(exponent * 10 + Int(text[index] - UInt8(ascii: "0")), 1 << 40)
            }
        }
        return isNegative ? -exponent : exponent
    }

    /// Correctly rounded for every length, by the standard library.
    private static func slow(_ text: Span<UInt8>) -> Double {
        guard let value = Double(String(utf8: text)) else {
            preconditionFailure("the JSON number was not validated")
        }
        return value
    }
}

/// The digits of a number, sign and point left out, as far as 64 bits hold them.
private struct Digits {
    private var value: UInt64 = 0
    private var isExact = true

    /// The powers of ten that a double holds exactly.
    private static let powers: [23 of Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    @inline(__always)
    mutating func append(_ digit: UInt8) {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(UInt64(digit &- UInt8(ascii: "0")))
        value = sum
        if overflow || carry { isExact = false }
    }

    func integer(isNegative: Bool) -> Int64? {
        guard isExact else { return nil }
        return isNegative
            ? (value <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- value) : nil)
            : Int64(exactly: value)
    }

    /// The value, if digits and power of ten are both exact in a double; `nil` when they are not.
    ///
    /// Then one operation rounds once, which is correct rounding (Clinger 1990).
    func real(exponent: Int) -> Double? {
        guard isExact, value <= 1 << 53, exponent >= -22, exponent <= 22 else { return nil }
        return exponent < 0
            ? Double(value) / Self.powers[-exponent] : Double(value) * Self.powers[exponent]
    }
}
