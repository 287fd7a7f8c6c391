import EventModel
import Testing

@Suite("JSON validation")
struct JSONValidationTests {
    static let defects: [(String, JSONError.Reason, Int)] = [
        ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("{", .unexpectedEnd, 1),
        (#"{"a"#, .unexpectedEnd, 3), (#"{"a""#, .unexpectedEnd, 4),
        (#"{"a":"#, .unexpectedEnd, 5), (#"{"a":1"#, .unexpectedEnd, 6),
        (#"{"a":1,"#, .unexpectedEnd, 7), (#"{"a":["#, .unexpectedEnd, 6),
        (#"{"a":[1,"#, .unexpectedEnd, 8), (#"{"a":"\"#, .unexpectedEnd, 7),
        (#"{"a":"\u00"#, .unexpectedEnd, 10), ("[1]", .notAnObject, 0),
        (" 1", .notAnObject, 1), ("null", .notAnObject, 0), ("{} x", .trailingText, 3),
        ("{}{}", .trailingText, 2), ("\u{FEFF}{}", .byteOrderMark, 0),
        (#"{"a":}"#, .expectedValue, 5), (#"{"a":[,1]}"#, .expectedValue, 6),
        (#"{"a":[1,]}"#, .expectedValue, 8), (#"{"a":'x'}"#, .expectedValue, 5),
        ("{a:1}", .expectedName, 1), (#"{"a":1,}"#, .expectedName, 7),
        ("{,}", .expectedName, 1), (#"{"a" 1}"#, .expectedColon, 5),
        (#"{"a","b"}"#, .expectedColon, 4), (#"{"a":1 "b":2}"#, .expectedCommaOrEnd, 7),
        (#"{"a":[1 2]}"#, .expectedCommaOrEnd, 8), (#"{"a":[1}"#, .expectedCommaOrEnd, 7),
        (#"{"a":1]"#, .expectedCommaOrEnd, 6), (#"{"a":01}"#, .badNumber, 5),
        (#"{"a":-}"#, .badNumber, 5), (#"{"a":1.}"#, .badNumber, 5),
        (#"{"a":.5}"#, .badNumber, 5), (#"{"a":+1}"#, .badNumber, 5),
        (#"{"a":1e}"#, .badNumber, 5), (#"{"a":1e+}"#, .badNumber, 5),
        (#"{"a":0x10}"#, .badNumber, 5), (#"{"a":-01}"#, .badNumber, 5),
        (#"{"a":1.2.3}"#, .badNumber, 5), (#"{"a":NaN}"#, .badLiteral, 5),
        (#"{"a":True}"#, .badLiteral, 5), (#"{"a":truex}"#, .badLiteral, 5),
        (#"{"a":nul}"#, .badLiteral, 5), (#"{"a":falsy}"#, .badLiteral, 5),
        ("{\"a\":\"b\nc\"}", .controlCharacter, 7), ("{\"a\":\"\u{0}\"}", .controlCharacter, 6),
        ("{\"long name\u{1F}\":1}", .controlCharacter, 11), (#"{"a":"\x"}"#, .badEscape, 6),
        (#"{"a":"\u12G4"}"#, .badEscape, 6), (#"{"a":"\ud83d"}"#, .loneSurrogate, 6),
        (#"{"a":"x\ude00"}"#, .loneSurrogate, 7), (#"{"a":"\ud83d\ud83d"}"#, .loneSurrogate, 6),
        (#"{"a":"\ud83dx"}"#, .loneSurrogate, 6), (#"{"a":"\uFFFE"}"#, .noncharacter, 6),
        (#"{"a":"\ud83f\udfff"}"#, .noncharacter, 6), (#"{"a":1,"a":2}"#, .duplicateName, 7),
        (#"{"b":{"a":1,"a":2}}"#, .duplicateName, 12), (#"{"a":1,"\u0061":2}"#, .duplicateName, 7),
        (#"{"\u0061":1,"b":0,"a":2}"#, .duplicateName, 18), (#"{"":1,"":2}"#, .duplicateName, 6),
        (#"{"a":[{"x":1},{"x":1,"y":2,"x":3}]}"#, .duplicateName, 27),
    ]

    private func defect(_ text: String, depthMax: Int = 64) -> JSONError? {
        defect(bytes: Array(text.utf8), depthMax: depthMax)
    }

    private func defect(bytes: [UInt8], depthMax: Int = 64) -> JSONError? {
        do throws(JSONError) {
            try JSONText.validateObject(bytes.span, depthMax: depthMax)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "accepts valid objects",
        arguments: [
            "{}", " \t\r\n{ } ", #"{"a":1}"#, #"{"a":-0.5e+10,"b":0,"c":1E5,"d":-1,"e":10.25}"#,
            #"{"a":[true,false,null,[],{},"x"]}"#, #"{"":""}"#, #"{"a":{"a":{"a":1}},"b":{"a":2}}"#,
            #"{"a":"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00"}"#,
            "{\"a\":\"\u{7F}é€😀\u{10FFFD}\u{FFFD}\"}",
            #"{"a":"\u0000"}"#, #"{"é":1,"e\u0301":2}"#, #"{"a" : 1 , "b" : [ 1 , 2 ] }"#,
        ])
    func acceptsValid(_ text: String) {
        #expect(defect(text) == nil)
    }

    @Test("names every class of defect and its byte", arguments: JSONValidationTests.defects)
    func namesDefect(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        #expect(defect(text) == JSONError(reason, at: offset))
    }

    @Test(
        "refuses what is not UTF-8, at the first byte of the sequence",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x41], [0xE0, 0x80, 0x80],
            [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xFF],
        ] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        let text = Array(#"{"a":"é"#.utf8) + bytes + Array(#"padding"}"#.utf8)
        #expect(defect(bytes: text) == JSONError(.invalidUTF8, at: 8))
        #expect(defect(bytes: Array(text.prefix(8 + bytes.count)))?.offset == 8)
    }

    @Test("refuses noncharacters", arguments: [0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF])
    func refusesNoncharacters(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let text =
            Array(#"{"a":"é"#.utf8) + Array(String(Character(scalar)).utf8) + Array("\"}".utf8)
        #expect(defect(bytes: text) == JSONError(.noncharacter, at: 8))
        let before = try #require(Unicode.Scalar(value == 0xFFFF ? 0xFFFD : value - 1))
        let isPlain = !before.properties.isNoncharacterCodePoint
        #expect((defect("{\"a\":\"\(Character(before))\"}") == nil) == isPlain)
    }

    @Test("allows as many levels as the bound and not one more")
    func boundsDepth() {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            #"{"a":"# + String(repeating: open, count: depth - 1)
                + String(repeating: close, count: depth - 1) + "}"
        }
        #expect(defect(nested(64, "[", "]")) == nil)
        #expect(defect(nested(65, "[", "]")) == JSONError(.tooDeep, at: 68))
        #expect(defect(nested(100_000, "[", "]"))?.reason == .tooDeep)
        #expect(defect(#"{"a":{"b":{}}}"#, depthMax: 3) == nil)
        #expect(defect(#"{"a":{"b":{}}}"#, depthMax: 2) == JSONError(.tooDeep, at: 10))
    }

    @Test("finds a repeated name among any number of members", arguments: [2, 15, 16, 17, 33, 500])
    func findsDuplicateAmongMany(_ count: Int) {
        let members = (0..<count).map { "\"name-with-a-prefix-\($0)\":{\"x\":\($0)}" }
        #expect(defect("{" + members.joined(separator: ",") + "}") == nil)
        for original in [0, count / 2, count - 1] {
            let before = "{" + members.joined(separator: ",") + ","
            let again = before + "\"name-with-a-prefix-\(original)\":0,\"z\":0}"
            #expect(defect(again) == JSONError(.duplicateName, at: before.utf8.count))
            let escaped = before + "\"n\\u0061me-with-a-prefix-\(original)\":0}"
            #expect(defect(escaped) == JSONError(.duplicateName, at: before.utf8.count))
        }
    }

    @Test("takes a value of any kind when asked to")
    func takesAnyValue() throws {
        for text in ["1", "[]", "\"x\"", " null ", "{}"] {
            try JSONText.validateValue(Array(text.utf8).span)
        }
        #expect(throws: JSONError(.trailingText, at: 2)) {
            try JSONText.validateValue(Array("1 2".utf8).span)
        }
        #expect(throws: JSONError(.tooDeep, at: 1)) {
            try JSONText.validateValue(Array("[[1]]".utf8).span, depthMax: 1)
        }
    }

    @Test("counts lines and columns from 1, columns in characters")
    func countsLinesAndColumns() {
        let text = Array("{\n  \"é😀\": x".utf8)
        func place(_ offset: Int) -> [Int] {
            let (line, column) = JSONText.lineAndColumn(of: offset, in: text.span)
            return [line, column]
        }
        #expect(place(0) == [1, 1])
        #expect(place(1) == [1, 2])
        #expect(place(2) == [2, 1])
        #expect(place(4) == [2, 3])
        #expect(place(5) == [2, 4])
        #expect(place(7) == [2, 5])
        #expect(place(11) == [2, 6])
        #expect(place(text.count) == [2, 10])
        #expect(place(1000) == [2, 10])
        #expect(place(-1) == [1, 1])
    }

    @Test("has a message for every reason")
    func hasMessages() {
        let messages = JSONError.Reason.allCases.map { JSONError($0, at: 0).message }
        #expect(Set(messages).count == JSONError.Reason.allCases.count)
        #expect(messages.allSatisfy { !$0.isEmpty })
    }
}
