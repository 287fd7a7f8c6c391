/// A slow, plain reading of I-JSON, to hold the fast one against.
///
/// It works on Unicode scalars of a checked string and builds the names it compares.
struct ReferenceJSON {
    private struct Refused: Error {}

    private let scalars: [Unicode.Scalar]
    private var index = 0

    /// Whether the bytes are one object of the I-JSON profile, at most 64 deep.
    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var reader = ReferenceJSON(scalars: Array(text.unicodeScalars))
        do {
            reader.spaces()
            guard reader.next == "{" else { return false }
            try reader.value(depth: 1)
            reader.spaces()
            return reader.index == reader.scalars.count
        } catch {
            return false
        }
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func spaces() {
        while let scalar = next, " \t\r\n".unicodeScalars.contains(scalar) { index += 1 }
    }

    private mutating func take(_ expected: String) throws {
        for scalar in expected.unicodeScalars {
            guard next == scalar else { throw Refused() }
            index += 1
        }
    }

    private mutating func value(depth: Int) throws {
        switch next {
        case "{", "[":
            guard depth <= 64 else { throw Refused() }
            try container(depth: depth)
        case "\"": _ = try string()
        case "t": try take("true")
        case "f": try take("false")
        case "n": try take("null")
        default: try number()
        }
    }

    private mutating func container(depth: Int) throws {
        let isObject = next == "{"
        let end: Unicode.Scalar = isObject ? "}" : "]"
        var names: Set<[Unicode.Scalar]> = []
        index += 1
        spaces()
        if next == end {
            index += 1
            return
        }
        while true {
            spaces()
            if isObject {
                guard names.insert(try string()).inserted else { throw Refused() }
                spaces()
                try take(":")
                spaces()
            }
            try value(depth: depth + 1)
            spaces()
            if next == end {
                index += 1
                return
            }
            try take(",")
        }
    }

    private mutating func number() throws {
        if next == "-" { index += 1 }
        if next == "0" { index += 1 } else { try digits() }
        if next == "." {
            index += 1
            try digits()
        }
        if next == "e" || next == "E" {
            index += 1
            if next == "+" || next == "-" { index += 1 }
            try digits()
        }
    }

    private mutating func digits() throws {
        guard let first = next, ("0"..."9").contains(first) else { throw Refused() }
        while let digit = next, ("0"..."9").contains(digit) { index += 1 }
    }

    private mutating func string() throws -> [Unicode.Scalar] {
        var units: [UInt16] = []
        try take("\"")
        while next != "\"" {
            guard let scalar = next, scalar.value >= 0x20 else { throw Refused() }
            index += 1
            if scalar == "\\" {
                units.append(try escape())
            } else {
                units.append(contentsOf: UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter)
            }
        }
        index += 1
        guard let text = String(validating: units, as: UTF16.self) else { throw Refused() }
        for scalar in text.unicodeScalars where scalar.properties.isNoncharacterCodePoint {
            throw Refused()
        }
        return Array(text.unicodeScalars)
    }

    private mutating func escape() throws -> UInt16 {
        let plain: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        guard let scalar = next else { throw Refused() }
        index += 1
        if let unit = plain[scalar] { return unit }
        guard scalar == "u", index + 4 <= scalars.count else { throw Refused() }
        let digits = scalars[index..<(index + 4)]
        guard digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { throw Refused() }
        index += 4
        var text = ""
        text.unicodeScalars.append(contentsOf: digits)
        guard let unit = UInt16(text, radix: 16) else { throw Refused() }
        return unit
    }
}
