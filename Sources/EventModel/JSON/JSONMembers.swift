/// What a JSON value is, as far as a caller needs to know before reading it.
public enum JSONKind: Sendable {
    /// A string whose bytes stand for themselves.
    case string
    /// A string to be read with `unescapeJSON`.
    case stringWithEscapes
    /// A number without fraction and exponent.
    case integer
    /// A number with fraction or exponent.
    case real
    /// `true`.
    case `true`
    /// `false`.
    case `false`
    /// `null`.
    case null
    /// An object, nested.
    case object
    /// An array, nested.
    case array
}

/// One top-level member of a valid object, as ranges into its text.
public struct JSONMember: Sendable {
    /// The name, between its quotes.
    public let nameRange: Range<Int>
    /// Whether the name is to be read with `unescapeJSON`.
    public let nameHasEscapes: Bool
    /// What the value is.
    public let kind: JSONKind
    /// The value: between the quotes of a string, else its text.
    public let valueRange: Range<Int>
}

/// Walks the top-level members of an object, in the order of the text, without allocation.
///
/// - Precondition: The text was validated as an object; it is not checked again.
public struct JSONMembers: ~Escapable {
    private var scanner: JSONScanner

    /// Begins before the first member.
    @_lifetime(copy object)
    public init(_ object: Span<UInt8>) { scanner = JSONScanner(object) }

    /// The next member, `nil` after the last one.
    @_lifetime(self: copy self)
    public mutating func next() -> JSONMember? {
        guard scanner.begin(closing: UInt8(ascii: "}")) else { return nil }
        let (nameRange, nameHasEscapes) = scanner.string()
        scanner.skip(past: UInt8(ascii: ":"))
        let (kind, valueRange) = scanner.value()
        return JSONMember(
            nameRange: nameRange, nameHasEscapes: nameHasEscapes, kind: kind,
            valueRange: valueRange)
    }
}

/// Walks the top-level elements of an array, in order, without allocation.
///
/// - Precondition: The text was validated and is an array; it is not checked again.
public struct JSONElements: ~Escapable {
    private var scanner: JSONScanner

    /// Begins before the first element.
    @_lifetime(copy array)
    public init(_ array: Span<UInt8>) { scanner = JSONScanner(array) }

    /// The next element as a range of the text (between the quotes of a string), `nil` at the end.
    @_lifetime(self: copy self)
    public mutating func next() -> (kind: JSONKind, valueRange: Range<Int>)? {
        guard scanner.begin(closing: UInt8(ascii: "]")) else { return nil }
        return scanner.value()
    }
}

/// Moves over JSON that is known to be valid.
private struct JSONScanner: ~Escapable {
    private let text: Span<UInt8>
    private var index = 0
    private var isOpen = false

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) { self.text = text }

    /// Moves to the next member or element; `false` once the closing bracket was met.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func begin(closing: UInt8) -> Bool {
        if !isOpen {
            skipSpaces()
            isOpen = true
            index += 1  // The opening bracket.
        }
        skipSpaces()
        if index < text.count && text[index] == UInt8(ascii: ",") {
            index += 1
            skipSpaces()
        }
        return index < text.count && text[index] != closing
    }

    /// Passes spaces, the mark and the spaces after it.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func skip(past mark: UInt8) {
        skipSpaces()
        assert(text[index] == mark)
        index += 1
        skipSpaces()
    }

    /// Passes a string; its range is between the quotes.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func string() -> (range: Range<Int>, hasEscapes: Bool) {
        let start = index + 1
        let (end, hasEscapes) = endOfString(from: start)
        index = end + 1
        return (start..<end, hasEscapes)
    }

    /// Passes a value of any kind.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func value() -> (kind: JSONKind, valueRange: Range<Int>) {
        let start = index
        switch text[start] {
        case UInt8(ascii: "\""):
            let (range, hasEscapes) = string()
            return (hasEscapes ? .stringWithEscapes : .string, range)
        case UInt8(ascii: "{"):
            skipNested()
            return (.object, start..<index)
        case UInt8(ascii: "["):
            skipNested()
            return (.array, start..<index)
        case UInt8(ascii: "t"):
            index += 4
            return (.true, start..<index)
        case UInt8(ascii: "f"):
            index += 5
            return (.false, start..<index)
        case UInt8(ascii: "n"):
            index += 4
            return (.null, start..<index)
        default:
            let kind = skipNumber()
            return (kind, start..<index)
        }
    }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func skipSpaces() {
        while index < text.count, isJSONSpace(text[index]) { index += 1 }
    }

    @inline(__always)
    private func endOfString(from start: Int) -> (end: Int, hasEscapes: Bool) {
        var index = start
        var hasEscapes = false
        while true {
            while text.count - index >= 8 {
                let marks = ByteWord.quotesAndBackslashes(text.word(at: index))
                if marks != 0 {
                    index += ByteWord.first(marks)
                    break
                }
                index += 8
            }
            // Near the end of the text the bytes are looked at one by one.
            switch text[index] {
            case UInt8(ascii: "\""): return (index, hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                index += 2
            default: index += 1
            }
        }
    }

    /// Passes an object or array by its brackets and quotes alone.
    @_lifetime(self: copy self)
    private mutating func skipNested() {
        var depth = 0
        var index = self.index
        repeat {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                index = endOfString(from: index).end + 1
            } else if byte | 0x20 == UInt8(ascii: "{") {  // [ and { differ in this bit only
                depth += 1
            } else if byte | 0x20 == UInt8(ascii: "}") {
                depth -= 1
            }
        } while depth > 0
        self.index = index
    }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func skipNumber() -> JSONKind {
        var kind = JSONKind.integer
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
                kind = .real
            } else if !isDigit(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: "+") {
                break
            }
            index += 1
        }
        return kind
    }
}
