import EventModel
import Testing

@Suite("JSON reading and writing")
struct JSONReadingTests {
    private func members(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var walk = JSONMembers(bytes.span)
        var found: [String] = []
        while let member = walk.next() {
            let name = String(decoding: bytes[member.nameRange], as: UTF8.self)
            let value = String(decoding: bytes[member.valueRange], as: UTF8.self)
            found.append("\(name)\(member.nameHasEscapes ? "!" : "") \(member.kind) \(value)")
        }
        #expect(walk.next() == nil)
        return found
    }

    @Test("walks the members of an object in the order of the text")
    func walksMembers() {
        #expect(members("{}") == [])
        #expect(members(" \n{ } ") == [])
        #expect(
            members(
                #" { "s":"x" , "e\n":"a\"}\\","i":-12,"r":1.5 ,"x":1E3,"t":true,"f":false,"n":null,"#
                    + #""o":{"a":"}","b":[{}]},"l":[1,"]\"",[2]],"":""} "#
            ) == [
                "s string x", #"e\n! stringWithEscapes a\"}\\"#, "i integer -12", "r real 1.5",
                "x real 1E3", "t true true", "f false false", "n null null",
                #"o object {"a":"}","b":[{}]}"#, #"l array [1,"]\"",[2]]"#, " string ",
            ])
    }

    @Test("walks the elements of an array")
    func walksElements() {
        func elements(_ text: String) -> [String] {
            let bytes = Array(text.utf8)
            var walk = JSONElements(bytes.span)
            var found: [String] = []
            while let (kind, range) = walk.next() {
                found.append("\(kind) \(String(decoding: bytes[range], as: UTF8.self))")
            }
            return found
        }
        #expect(elements("[]") == [])
        #expect(elements(" [ ] ") == [])
        #expect(
            elements(#" [ "a" , 1,[2,3] , {"b":4},"\u0041"] "#) == [
                "string a", "integer 1", "array [2,3]", #"object {"b":4}"#,
                #"stringWithEscapes \u0041"#,
            ])
    }

    @Test(
        "unescapes",
        arguments: [
            ("", ""), ("plain é😀", "plain é😀"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#"a\u00e9b\u20ACc"#, "aéb€c"), (#"\ud83d\ude00x\uD83D\uDE00"#, "😀x😀"),
            (#"\u0000"#, "\0"), (#"\\u0041"#, #"\u0041"#), (#"\uDBFF\uDFFD"#, "\u{10FFFD}"),
        ])
    func unescapes(_ body: String, _ text: String) {
        var output = Array("kept ".utf8)
        unescapeJSON(Array(body.utf8).span, into: &output)
        #expect(output == Array("kept \(text)".utf8))
    }

    @Test("quotes with the fewest escapes")
    func quotes() {
        var output: [UInt8] = []
        JSONText.quote("", into: &output)
        JSONText.quote("a\"b\\c/d\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}é😀", into: &output)
        let expected = #""""a\"b\\c/d\b\t\n\f\r\u0000\u001f"# + "\u{7F}é😀\""
        #expect(output == Array(expected.utf8))
    }

    @Test(
        "reads integers that fit as integers",
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("9223372036854775807", .max),
            ("-9223372036854775808", .min),
        ] as [(String, Int64)])
    func readsIntegers(_ text: String, _ value: Int64) {
        #expect(JSONNumber.parse(Array(text.utf8).span) == .integer(value))
    }

    @Test(
        "reads other numbers as the nearest double",
        arguments: [
            ("1.0", 1), ("-0.0", -0.0), ("0.1", 0.1), ("12.345", 12.345), ("1e3", 1000),
            ("1E-3", 0.001), ("-2.5e+2", -250), ("9223372036854775808", 9_223_372_036_854_775_808),
            ("-9223372036854775809", -9_223_372_036_854_775_808), ("1e22", 1e22), ("1e23", 1e23),
            ("9007199254740993.0", 9_007_199_254_740_992), ("5e-324", .leastNonzeroMagnitude),
            ("2e-324", 0),
            ("1.7976931348623157e308", .greatestFiniteMagnitude), ("1e309", .infinity),
            ("-1e999999999999999999999", -.infinity), ("1e-999999999999999999999", 0),
            ("0.000000000000000000000000000001", 1e-30), ("0e0", 0),
            ("123456789012345678901234567890", 123_456_789_012_345_677_877_719_597_056),
        ] as [(String, Double)])
    func readsReals(_ text: String, _ value: Double) throws {
        guard case .real(let found) = JSONNumber.parse(Array(text.utf8).span) else {
            Issue.record("\(text) was read as an integer")
            return
        }
        #expect(found.bitPattern == value.bitPattern)
    }

    @Test("reads numbers of many digits as the standard library does")
    func readsRandomReals() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let whole = random.next() >> UInt64.random(in: 0..<64, using: &random)
            let fraction = random.next() >> UInt64.random(in: 0..<64, using: &random)
            let exponent = Int.random(in: -340...330, using: &random)
            let text = "\(whole).\(fraction)e\(exponent)"
            guard case .real(let found) = JSONNumber.parse(Array(text.utf8).span) else {
                Issue.record("\(text) was read as an integer")
                return
            }
            #expect(found == Double(text), "\(text)")
        }
    }
}
