/// One token of SQL text, as SQLite's own tokenizer cuts it; spaces and comments are no tokens.
public struct SQLToken: Sendable, Equatable {
    /// What a token is.
    public enum Kind: Sendable {
        /// A keyword or a name without quotes.
        case word
        /// A name in double quotes, backticks or brackets.
        case quotedName
        /// A text in single quotes.
        case string
        /// `x'…'`.
        case blob
        /// A number.
        case number
        /// `$name`, `@name`, `:name`, `#name` or `?`.
        case parameter
        /// An operator or punctuation mark.
        case symbol
    }

    /// What it is.
    public let kind: Kind
    /// Where it stands, in bytes of UTF-8.
    public let range: Range<Int>
    /// Whether a string or quoted name has its closing quote.
    public let isTerminated: Bool
}

/// Walks the tokens of SQL text.
struct SQLTokenizer {
    let text: [UInt8]
    var position: Int

    mutating func next() -> SQLToken? {
        skipSpaceAndComments()
        guard position < text.count else { return nil }
        let start = position
        let byte = text[start]
        switch byte {
        case UInt8(ascii: "'"):
            return quoted(.string, from: start, until: byte)
        case UInt8(ascii: "\""), UInt8(ascii: "`"):
            return quoted(.quotedName, from: start, until: byte)
        case UInt8(ascii: "["):
            return quoted(.quotedName, from: start, until: UInt8(ascii: "]"))
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard peek(1) == UInt8(ascii: "'") else { return word(from: start) }
            position += 1
            return quoted(.blob, from: start, until: UInt8(ascii: "'"))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return number(from: start)
        case UInt8(ascii: "."):
            guard let digit = peek(1), isDigit(digit) else { return symbol(from: start) }
            return number(from: start)
        case UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "@"), UInt8(ascii: ":"),
            UInt8(ascii: "#"):
            position += 1
            while position < text.count, isNamePart(text[position]) { position += 1 }
            return token(.parameter, from: start)
        default:
            return isNamePart(byte) ? word(from: start) : symbol(from: start)
        }
    }

    private func peek(_ distance: Int) -> UInt8? {
        position + distance < text.count ? text[position + distance] : nil
    }

    private mutating func skipSpaceAndComments() {
        while position < text.count {
            let byte = text[position]
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0d && byte != 0x0b) {
                position += 1
            } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                position += 2
                while position < text.count,
                    text[position] != UInt8(ascii: "*") || peek(1) != UInt8(ascii: "/")
                {
                    position += 1
                }
                position = min(position + 2, text.count)
            } else {
                return
            }
        }
    }

    /// Stands on the opening quote; a doubled quote inside is one quote, but not in brackets.
    private mutating func quoted(
        _ kind: SQLToken.Kind, from start: Int, until quote: UInt8
    ) -> SQLToken {
        position += 1
        while position < text.count {
            guard text[position] == quote else {
                position += 1
                continue
            }
            guard quote != UInt8(ascii: "]"), peek(1) == quote else {
                position += 1
                return token(kind, from: start)
            }
            position += 2
        }
        return token(kind, from: start, isTerminated: false)
    }

    private mutating func word(from start: Int) -> SQLToken {
        while position < text.count, isNamePart(text[position]) { position += 1 }
        return token(.word, from: start)
    }

    /// Takes the sign of an exponent with the number, and any letters that hang on to it.
    private mutating func number(from start: Int) -> SQLToken {
        let isHex = text[start] == UInt8(ascii: "0") && (peek(1).map { $0 | 0x20 } == 0x78)
        while position < text.count {
            let byte = text[position]
            let isExponentSign =
                !isHex && (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && text[position - 1] | 0x20 == UInt8(ascii: "e") && peek(1).map(isDigit) == true
            guard isNamePart(byte) || byte == UInt8(ascii: ".") || isExponentSign else { break }
            position += 1
        }
        return token(.number, from: start)
    }

    private mutating func symbol(from start: Int) -> SQLToken {
        for operatorText in Self.longSymbols
        where text[start...].starts(with: operatorText.utf8) {
            position += operatorText.utf8.count
            return token(.symbol, from: start)
        }
        position += 1
        return token(.symbol, from: start)
    }

    private static let longSymbols = ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="]

    private func token(
        _ kind: SQLToken.Kind, from start: Int, isTerminated: Bool = true
    ) -> SQLToken {
        SQLToken(kind: kind, range: start..<position, isTerminated: isTerminated)
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// Letters, digits, `_`, `$` and everything beyond ASCII, as in SQLite's names.
private func isNamePart(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f || byte == 0x24
        || byte >= 0x80
}
