internal import EventModel

/// A JSON value whose objects keep the order in which their members were written.
indirect enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case real(Double)
    case string(String)
    case array([JSON])
    case object([Member])
    /// JSON text as it was given; line ends in it, which can only stand between its tokens, become
    /// spaces, so that the whole stays on one line.
    case raw([UInt8])

    /// A name and its value.
    struct Member: Equatable, Sendable {
        let name: String
        let value: JSON
    }

    /// The value as JSON text on one line.
    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value as JSON text on one line.
    func append(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .real(let value): Self.append(value, to: &output)
        case .string(let value): JSONText.quote(value, into: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                value.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.quote(member.name, into: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        case .raw(let bytes):
            for byte in bytes {
                let isLineEnd = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
                output.append(isLineEnd ? UInt8(ascii: " ") : byte)
            }
        }
    }

    /// JSON has no infinities; SQLite knows them, so they are told as text.
    private static func append(_ value: Double, to output: inout [UInt8]) {
        if value.isFinite {
            output.append(contentsOf: value.description.utf8)
        } else {
            let text = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
            JSONText.quote(text, into: &output)
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(nilLiteral: ()) { self = .null }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}

extension JSON {
    /// A text, or null.
    init(_ value: String?) { self = value.map { .string($0) } ?? .null }

    /// A whole number, or null.
    init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

    /// A count.
    init(_ value: UInt64) { self = .integer(Int64(clamping: value)) }

    /// A number.
    init(_ value: Double) { self = .real(value) }

    /// A position, or null.
    init(_ value: Position?) { self = value.map { JSON($0.value) } ?? .null }

    /// A time as RFC 3339 writes it; outside the years 0000 to 9999 a number of milliseconds.
    init(_ value: Timestamp) {
        self = value.rfc3339.map { .string($0) } ?? .integer(value.milliseconds)
    }

    /// The object with more members at its end.
    func adding(_ members: [Member]) -> JSON {
        guard case .object(let own) = self else { return self }
        return .object(own + members)
    }
}
