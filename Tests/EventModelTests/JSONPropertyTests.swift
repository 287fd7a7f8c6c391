import EventModel
import Foundation
import Testing

@Suite("JSON properties")
struct JSONPropertyTests {
    private func accepts(_ bytes: [UInt8]) -> Bool {
        do throws(JSONError) {
            try JSONText.validateObject(bytes.span)
            return true
        } catch {
            #expect(error.offset >= 0 && error.offset <= bytes.count)
            return false
        }
    }

    @Test("agrees with a plain reference on valid texts and on broken ones", arguments: 1...8)
    func agreesWithReference(_ seed: UInt64) {
        var random = RandomJSON(seed: seed)
        var refused = 0
        for _ in 0..<600 {
            var bytes = Array(random.object(depth: 4).utf8)
            #expect(accepts(bytes))
            for _ in 0..<6 {
                random.damage(&bytes)
                let expected = ReferenceJSON.accepts(bytes)
                #expect(accepts(bytes) == expected, "\(String(decoding: bytes, as: UTF8.self))")
                if !expected { refused += 1 }
            }
        }
        #expect(refused > 500)
    }

    @Test("reads the members that Foundation reads", arguments: 1...4)
    func agreesWithFoundation(_ seed: UInt64) throws {
        var random = RandomJSON(seed: seed &+ 100)
        for _ in 0..<300 {
            let bytes = Array(random.object(depth: 3).utf8)
            let parsed = try JSONSerialization.jsonObject(with: Data(bytes))
            let expected = try #require(parsed as? [String: Any])
            var walk = JSONMembers(bytes.span)
            var count = 0
            while let member = walk.next() {
                count += 1
                var name: [UInt8] = []
                unescapeJSON(bytes.span.extracting(member.nameRange), into: &name)
                let value = expected[String(decoding: name, as: UTF8.self)]
                try compare(member, bytes, with: try #require(value))
            }
            #expect(count == expected.count)
        }
    }

    private func compare(_ member: JSONMember, _ bytes: [UInt8], with value: Any) throws {
        let text = bytes[member.valueRange]
        switch member.kind {
        case .string:
            #expect(value as? String == String(decoding: text, as: UTF8.self))
        case .stringWithEscapes:
            var unescaped: [UInt8] = []
            unescapeJSON(bytes.span.extracting(member.valueRange), into: &unescaped)
            #expect(value as? String == String(decoding: unescaped, as: UTF8.self))
        case .integer, .real:
            let number = try #require(value as? NSNumber)
            switch JSONNumber.parse(bytes.span.extracting(member.valueRange)) {
            case .integer(let integer): #expect(number.int64Value == integer)
            case .real(let real): #expect(number.doubleValue == real)
            }
        case .true: #expect(value as? Bool == true)
        case .false: #expect(value as? Bool == false)
        case .null: #expect(value is NSNull)
        case .object, .array:
            let again = try JSONSerialization.jsonObject(with: Data(text)) as? NSObject
            #expect(again == value as? NSObject)
        }
    }

    @Test("quotes so that unescaping gives the text back", arguments: 1...4)
    func quotesAndUnescapes(_ seed: UInt64) throws {
        var random = RandomJSON(seed: seed &+ 200)
        for _ in 0..<500 {
            let text = random.text()
            var quoted: [UInt8] = []
            JSONText.quote(text, into: &quoted)
            try JSONText.validateValue(quoted.span)
            var back: [UInt8] = []
            unescapeJSON(quoted.span.extracting(1..<(quoted.count - 1)), into: &back)
            #expect(back == Array(text.utf8))
        }
    }
}

/// Makes JSON texts of every shape, from a seed.
private struct RandomJSON {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func spaces() -> String { pick(["", "", "", " ", "\n", "\t \r\n"]) }

    mutating func text() -> String {
        let parts = [
            "a", "bc", "é", "€", "😀", "\"", "\\", "\n", "\u{1}", "/", "1", "-", "long text ",
        ]
        return (0..<Int.random(in: 0...8, using: &random)).map { _ in pick(parts) }.joined()
    }

    private mutating func quoted() -> String {
        let parts = [
            "a", "b", "é", "€", "😀", "\\n", "\\\"", "\\\\", "\\u0041", "\\u00e9", "\\uD83D\\uDE00",
            "\\/", "1", "{", "]", ",", ":", "plain text of some length",
        ]
        let count = Int.random(in: 0...5, using: &random)
        return "\"" + (0..<count).map { _ in pick(parts) }.joined() + "\""
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0, 1: return quoted()
        case 2: return "\(Int64.random(in: .min ... .max, using: &random))"
        case 3: return pick(["0", "-1", "1.5", "-0.25e2", "1E+3", "12345.6789", "1e-7"])
        case 4: return pick(["true", "false", "null"])
        case 5: return pick(["{}", "[]", "[ ]", "{ }"])
        case 6: return object(depth: depth - 1)
        default:
            let count = Int.random(in: 0...4, using: &random)
            let elements = (0..<count).map { _ in spaces() + value(depth: depth - 1) + spaces() }
            return "[" + elements.joined(separator: ",") + "]"
        }
    }

    mutating func object(depth: Int) -> String {
        let count = pick([0, 1, 2, 3, 5, 8, 20])
        let members = (0..<count).map { number in
            let name = quoted().dropLast() + "#\(number)\""
            return spaces() + name + spaces() + ":" + spaces() + value(depth: depth - 1) + spaces()
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// Changes a byte, takes some out or doubles some.
    mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...12, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = pick(Array("{}[]\",:\\u0123456789eE+-. \ntfn".utf8))
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        default: bytes.insert(pick(Array("{}[]\",:\\ ".utf8)), at: place)
        }
    }
}
