public import Annals

extension QueryValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral
{
    /// SQL NULL.
    public init(nilLiteral: ()) { self = .null }

    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .real(value) }

    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
}

extension QueryValue {
    /// The value as an expectation's text shows it.
    var shown: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value): "'\(value)'"
        case .blob(let bytes): "\(bytes.count) bytes \(bytes.prefix(8))"
        }
    }
}
