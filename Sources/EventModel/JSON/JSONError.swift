/// Why a text is not one JSON value in the I-JSON profile (RFC 7493), and at which byte.
public struct JSONError: Error, Sendable, Equatable {
    /// The kinds of defect.
    public enum Reason: String, Sendable, CaseIterable {
        /// The text ends before the value does, or holds only spaces.
        case unexpectedEnd
        /// The value is fine so far, but it is not an object.
        case notAnObject
        /// Text follows after the value.
        case trailingText
        /// The text begins with a byte order mark.
        case byteOrderMark
        /// Something else stands where a value should.
        case expectedValue
        /// Something else stands where a member's name in quotes should.
        case expectedName
        /// Something else stands where the colon after a name should.
        case expectedColon
        /// Something else stands where a comma or the closing bracket should.
        case expectedCommaOrEnd
        /// A number is not in JSON's form: `01`, `1.`, `+1`, `.5`.
        case badNumber
        /// A bare word is not `true`, `false` or `null`.
        case badLiteral
        /// A control character stands in a string without an escape.
        case controlCharacter
        /// A backslash is followed by something that JSON does not know.
        case badEscape
        /// A `\u` escape is half of a surrogate pair.
        case loneSurrogate
        /// A code point is reserved as a noncharacter, such as U+FFFE.
        case noncharacter
        /// Bytes are not UTF-8.
        case invalidUTF8
        /// An object has two members of one name.
        case duplicateName
        /// Objects and arrays are nested deeper than allowed.
        case tooDeep
    }

    /// What is wrong.
    public let reason: Reason
    /// The byte where the defect begins, from 0; for a text that ends early, its length.
    public let offset: Int

    /// Makes an error.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// What is wrong and what was expected, as the end of a sentence: "the data is not valid: …".
    public var message: String {
        switch reason {
        case .unexpectedEnd: "the text ends before the JSON value does"
        case .notAnObject: "a JSON object in { } was expected"
        case .trailingText: "there is text after the end of the JSON value"
        case .byteOrderMark: "the text begins with a byte order mark, which JSON does not allow"
        case .expectedValue: "a JSON value was expected"
        case .expectedName: "a member name in double quotes was expected"
        case .expectedColon: "a colon was expected after the member name"
        case .expectedCommaOrEnd: "a comma or the closing bracket was expected"
        case .badNumber: "this is not a number as JSON writes it"
        case .badLiteral: "only true, false and null may stand without quotes"
        case .controlCharacter: "a control character in a string must be written as an escape"
        case .badEscape: "this escape is not one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        case .loneSurrogate: "this \\u escape is half of a surrogate pair"
        case .noncharacter: "this code point is a noncharacter, which I-JSON does not allow"
        case .invalidUTF8: "the bytes are not UTF-8"
        case .duplicateName: "the object has a member of this name already"
        case .tooDeep: "objects and arrays are nested too deep"
        }
    }
}
