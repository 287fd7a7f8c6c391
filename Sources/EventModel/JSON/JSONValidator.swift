/// One pass over a JSON text that accepts exactly the I-JSON profile.
///
/// It goes down one call per level; `depthMax` bounds the stack.
struct JSONValidator: ~Escapable {
    private let text: Span<UInt8>
    private let depthMax: Int
    private var index = 0
    private var names = JSONNames()

    @_lifetime(copy text)
    init(_ text: Span<UInt8>, depthMax: Int) {
        precondition(depthMax > 0 && depthMax <= 512, "the depth is a bound on the stack")
        precondition(text.count <= Int(UInt32.max), "names are kept as 32-bit ranges")
        self.text = text
        self.depthMax = depthMax
    }

    /// Checks the whole text.
    mutating func validate(objectOnly: Bool) throws(JSONError) {
        if text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        skipSpaces()
        guard let byte = peek() else { throw JSONError(.unexpectedEnd, at: index) }
        if objectOnly && byte != UInt8(ascii: "{") { throw JSONError(.notAnObject, at: index) }
        try value(byte, depth: 1)
        skipSpaces()
        if index < text.count { throw JSONError(.trailingText, at: index) }
    }

    // MARK: Values

    @_lifetime(self: copy self)
    private mutating func value(_ byte: UInt8, depth: Int) throws(JSONError) {
        switch byte {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): try number()
        case UInt8(ascii: "+"), UInt8(ascii: "."): throw JSONError(.badNumber, at: index)
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            try literal()
        default: throw JSONError(.expectedValue, at: index)
        }
    }

    @_lifetime(self: copy self)
    private mutating func object(depth: Int) throws(JSONError) {
        if depth > depthMax { throw JSONError(.tooDeep, at: index) }
        index += 1
        skipSpaces()
        if peek() == UInt8(ascii: "}") {
            index += 1
            return
        }
        var scope = names.open()
        while true {
            guard let quote = peek() else { throw JSONError(.unexpectedEnd, at: index) }
            guard quote == UInt8(ascii: "\"") else { throw JSONError(.expectedName, at: index) }
            let start = index + 1
            let hasEscapes = try string()
            if names.add(start..<(index - 1), hasEscapes: hasEscapes, to: &scope, in: text) {
                throw JSONError(.duplicateName, at: start - 1)
            }
            skipSpaces()
            guard let colon = peek() else { throw JSONError(.unexpectedEnd, at: index) }
            guard colon == UInt8(ascii: ":") else { throw JSONError(.expectedColon, at: index) }
            index += 1
            skipSpaces()
            guard let first = peek() else { throw JSONError(.unexpectedEnd, at: index) }
            try value(first, depth: depth + 1)
            if try !comma(closing: UInt8(ascii: "}")) { break }
        }
        if let repeated = names.close(scope, in: text) {
            throw JSONError(.duplicateName, at: repeated - 1)
        }
    }

    @_lifetime(self: copy self)
    private mutating func array(depth: Int) throws(JSONError) {
        if depth > depthMax { throw JSONError(.tooDeep, at: index) }
        index += 1
        skipSpaces()
        if peek() == UInt8(ascii: "]") {
            index += 1
            return
        }
        while true {
            guard let first = peek() else { throw JSONError(.unexpectedEnd, at: index) }
            try value(first, depth: depth + 1)
            if try !comma(closing: UInt8(ascii: "]")) { return }
        }
    }

    /// Passes the comma after an element, or the closing bracket; tells whether it was the comma.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func comma(closing: UInt8) throws(JSONError) -> Bool {
        skipSpaces()
        guard let byte = peek() else { throw JSONError(.unexpectedEnd, at: index) }
        guard byte == closing || byte == UInt8(ascii: ",") else {
            throw JSONError(.expectedCommaOrEnd, at: index)
        }
        index += 1
        if byte == closing { return false }
        skipSpaces()
        return true
    }

    // MARK: Scalars

    @_lifetime(self: copy self)
    private mutating func literal() throws(JSONError) {
        var end = index
        while end < text.count, isLetterOrDigit(text[end]) { end += 1 }
        let isKnown =
            switch end - index {
            // The words true, null and fals(e), back to front.
            case 4: four(text, index) == 0x6575_7274 || four(text, index) == 0x6C6C_756E
            case 5: four(text, index) == 0x736C_6166 && text[index + 4] == UInt8(ascii: "e")
            default: false
            }
        guard isKnown else { throw JSONError(.badLiteral, at: index) }
        index = end
    }

    @_lifetime(self: copy self)
    private mutating func number() throws(JSONError) {
        let start = index
        if text[index] == UInt8(ascii: "-") { index += 1 }
        let firstDigit = index
        guard digits() else { throw JSONError(.badNumber, at: start) }
        if index - firstDigit > 1 && text[firstDigit] == UInt8(ascii: "0") {
            throw JSONError(.badNumber, at: start)
        }
        if peek() == UInt8(ascii: ".") {
            index += 1
            guard digits() else { throw JSONError(.badNumber, at: start) }
        }
        if let mark = peek(), mark | 0x20 == UInt8(ascii: "e") {
            index += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                index += 1
            }
            guard digits() else { throw JSONError(.badNumber, at: start) }
        }
        if let next = peek(), isLetterOrDigit(next) || next == UInt8(ascii: ".") {
            throw JSONError(.badNumber, at: start)
        }
    }

    /// Passes digits; tells whether there was one.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func digits() -> Bool {
        let start = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        return index > start
    }

    // MARK: Strings

    /// Passes a string with its quotes; tells whether it has escapes.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func string() throws(JSONError) -> Bool {
        let start = index
        index += 1
        var escapes = false
        while true {
            skipPlain()
            guard index < text.count else { throw JSONError(.unexpectedEnd, at: index) }
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return escapes
            case UInt8(ascii: "\\"):
                escapes = true
                try escape()
            case 0x80...:
                // Text in most languages has such code points in rows.
                repeat { try multibyte() } while index < text.count && text[index] >= 0x80
            default:
                assert(byte < 0x20 && index > start)
                throw JSONError(.controlCharacter, at: index)
            }
        }
    }

    /// Moves to the next byte of a string that is not plain ASCII, or to the end.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func skipPlain() {
        var index = self.index
        defer { self.index = index }
        while text.count - index >= 8 {
            let marks = ByteWord.notPlain(text.word(at: index))
            if marks != 0 {
                index += ByteWord.first(marks)
                return
            }
            index += 8
        }
        while index < text.count {
            let byte = text[index]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"")
                || byte == UInt8(ascii: "\\")
            {
                return
            }
            index += 1
        }
    }

    @_lifetime(self: copy self)
    private mutating func escape() throws(JSONError) {
        let start = index
        guard start + 1 < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        switch text[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
        case UInt8(ascii: "u"):
            let unit = try hexUnit(at: start)
            index += 6
            var scalar = UInt32(unit)
            if unit & 0xFC00 == 0xD800 {
                guard index + 1 < text.count, text[index] == UInt8(ascii: "\\"),
                    text[index + 1] == UInt8(ascii: "u")
                else { throw JSONError(.loneSurrogate, at: start) }
                let low = try hexUnit(at: index)
                guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
                scalar = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF))
                index += 6
            } else if unit & 0xFC00 == 0xDC00 {
                throw JSONError(.loneSurrogate, at: start)
            }
            if isNoncharacter(scalar) { throw JSONError(.noncharacter, at: start) }
        default: throw JSONError(.badEscape, at: start)
        }
    }

    /// The code unit of the `\uXXXX` escape that begins at `start`.
    private func hexUnit(at start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for offset in 2..<6 {
            guard start + offset < text.count else {
                throw JSONError(.unexpectedEnd, at: text.count)
            }
            guard let digit = hexDigit(text[start + offset]) else {
                throw JSONError(.badEscape, at: start)
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Passes one code point of two to four bytes (Unicode 16, table 3-7).
    @_lifetime(self: copy self)
    private mutating func multibyte() throws(JSONError) {
        let lead = text[index]
        let (length, secondMin, secondMax): (Int, UInt8, UInt8) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80, 0xBF)
            case 0xE0: (3, 0xA0, 0xBF)
            case 0xED: (3, 0x80, 0x9F)
            case 0xE1...0xEF: (3, 0x80, 0xBF)
            case 0xF0: (4, 0x90, 0xBF)
            case 0xF1...0xF3: (4, 0x80, 0xBF)
            case 0xF4: (4, 0x80, 0x8F)
            default: (0, 0, 0)
            }
        guard length > 0, text.count - index >= length, text[index + 1] >= secondMin,
            text[index + 1] <= secondMax
        else { throw JSONError(.invalidUTF8, at: index) }
        var scalar = UInt32(lead & (0xFF >> UInt8(length + 1)))
        for offset in 1..<length {
            guard text[index + offset] & 0xC0 == 0x80 else {
                throw JSONError(.invalidUTF8, at: index)
            }
            scalar = scalar << 6 | UInt32(text[index + offset] & 0x3F)
        }
        if isNoncharacter(scalar) { throw JSONError(.noncharacter, at: index) }
        index += length
    }

    // MARK: Bytes

    @inline(__always)
    private func peek() -> UInt8? { index < text.count ? text[index] : nil }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func skipSpaces() {
        while index < text.count, isJSONSpace(text[index]) { index += 1 }
    }
}
