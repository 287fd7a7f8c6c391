import CloudEvents
import EventModel
import Testing

@Suite("CloudEvents there and back")
struct RoundTripTests {
    /// Writes, reads, appends to another log at another time, and writes again.
    private func expectSame(_ event: RecordedEvent) throws {
        let line = encode(event)
        #expect(!line.contains(10) && !line.contains(13))
        let imported = try CloudEventDecoder.decode(line.span)
        #expect(imported.event.data == event.data && imported.event.metadata == event.metadata)
        #expect(imported.event.tags.map { Array($0.utf8) } == event.tags.map { Array($0.utf8) })
        #expect(imported.event.id.map { Array($0.utf8) } == event.id.map { Array($0.utf8) })
        #expect(imported.idIsSynthesised == (event.id == nil))
        #expect(imported.recorded == event.recorded && imported.revision == event.revision)
        let again = append(imported, at: event.revision, recorded: event.recorded)
        #expect(encode(again) == line)
        let later = Timestamp(milliseconds: 1_795_234_424_123)
        let moved = encode(append(imported, at: event.revision, recorded: later))
        #expect(try CloudEventDecoder.decode(moved.span).event == imported.event)
    }

    @Test("random events come back byte for byte", arguments: 1...8)
    func randomEvents(_ seed: UInt64) throws {
        var random = RandomEvents(seed: seed)
        for _ in 0..<250 { try expectSame(random.event()) }
    }

    @Test("a long text comes back byte for byte")
    func longText() throws {
        let long = String(repeating: "Прокси 😀 \\n plain ", count: 40_000)
        try expectSame(recorded(data: "{\"text\":\"\(long)\"}"))
        try expectSame(recorded(data: "{\n\"text\":\"\(long)\"}"))
    }

    @Test("base 64 of every length comes back")
    func everyLength() throws {
        for count in 0..<100 {
            try expectSame(
                recorded(data: "{\"a\":\n\"" + String(repeating: "ÿ", count: count) + "x\"}"))
            try expectSame(
                recorded(data: "{\"a\":\n\"" + String(repeating: "~", count: count) + "\"}"))
        }
    }
}

/// Makes events of every shape that a log accepts, from a seed.
private struct RandomEvents {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    /// Without control characters, as types, streams and tags are.
    private mutating func name() -> String {
        let parts = [
            "a", "kind/", "é", "e\u{301}", "😀", "\"", "\\", "@", "3", " ", "[", "]", "\u{200B}",
        ]
        return pick(["x", "k/1", "["])
            + (0..<Int.random(in: 0...6, using: &random)).map { _ in pick(parts) }.joined()
    }

    private mutating func json(depth: Int = 3) -> String {
        let texts = [
            "", "a", "\\n\\r\\u0000", "\\ud83d\\ude00", "😀", "\u{7F}", "\\\"", "é", "\u{2028}",
            "{}",
        ]
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0, 1: return "\"\(pick(texts))\(pick(texts))\""
        case 2: return pick(["0", "-1", "1.50", "1E5", "123456789012345678901234567890"])
        case 3: return pick(["true", "false", "null"])
        case 4: return pick(["{}", "[]", "[ 1, 2 ]"])
        case 5: return "[\(json(depth: depth - 1)),\(json(depth: depth - 1))]"
        default: return object(depth: depth - 1)
        }
    }

    private mutating func object(depth: Int = 3) -> String {
        let space = pick(["", "", "", " ", "\n", "\r\n", "\t"])
        let members = (0..<Int.random(in: 0...4, using: &random)).map { number in
            "\"\(pick(["a", "é", "\\n", "source"]))\(number)\":\(space)\(json(depth: depth))"
        }
        return "{\(space)" + members.joined(separator: ",") + "}"
    }

    private mutating func time() -> Int64 {
        pick([
            0, -1, 1_795_234_424_123, .min, .max, -62_167_219_200_000, -62_167_219_200_001,
            253_402_300_799_999, 253_402_300_800_000,
            Int64.random(in: -99_000_000_000_000...300_000_000_000_000, using: &random),
        ])
    }

    mutating func event() -> RecordedEvent {
        let stream = name()
        let revision = pick([1, 2, 77, 2_147_483_647, 2_147_483_648, UInt64(Int64.max)])
        let ids = [nil, nil, name(), "\(stream)@\(revision)", "\(stream)@9"]
        return recorded(
            type: name(), stream: stream, revision: revision, id: pick(ids),
            tags: (0..<pick([0, 0, 1, 3])).map { _ in name() }, occurred: time(), recorded: time(),
            schemaVersion: pick([1, 1, 2, 65_535]), metadata: pick(["", object(), " {} \n"]),
            data: pick(["", "", " ", "\n"]) + object() + pick(["", "", " "]))
    }
}
