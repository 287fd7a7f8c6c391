import EventModel
import LogStorage
import Testing

@Suite struct LimitsTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let code: String
        let event: Event
        var testDescription: String { code }
    }

    private static let long = String(repeating: "x", count: Limits.nameBytesMax + 1)
    private static let deep =
        String(repeating: #"{"a":"#, count: Limits.jsonDepthMax + 1) + "1"
        + String(repeating: "}", count: Limits.jsonDepthMax + 1)

    static let refusals: [Refusal] = [
        .init(code: "TYPE_INVALID", event: event("")),
        .init(code: "TYPE_INVALID", event: event(long)),
        .init(code: "TYPE_INVALID", event: event("a\u{85}")),
        .init(code: "STREAM_INVALID", event: event("t", "")),
        .init(code: "STREAM_INVALID", event: event("t", long)),
        .init(code: "STREAM_INVALID", event: event("t", "a\nb")),
        .init(code: "ID_INVALID", event: event(id: "")),
        .init(code: "ID_INVALID", event: event(id: long)),
        .init(code: "TAG_INVALID", event: event(tags: ["ok", ""])),
        .init(code: "TAG_REPEATED", event: event(tags: ["a", "b", "a"])),
        .init(code: "TAGS_TOO_MANY", event: event(tags: (0...Limits.tagsMax).map { "\($0)" })),
        .init(code: "SCHEMA_VERSION_INVALID", event: changed { $0.schemaVersion = 0 }),
        .init(code: "SCHEMA_VERSION_INVALID", event: changed { $0.schemaVersion = 65_536 }),
        .init(code: "DATA_INVALID", event: changed { $0.data = [] }),
        .init(code: "DATA_INVALID", event: changed { $0.data = Array("[]".utf8) }),
        .init(code: "DATA_INVALID", event: changed { $0.data = Array(#"{"a":1,"a":2}"#.utf8) }),
        .init(code: "DATA_INVALID", event: changed { $0.data = Array(deep.utf8) }),
        .init(
            code: "DATA_TOO_LARGE",
            event: changed { $0.data = [UInt8](repeating: 32, count: Limits.dataBytesMax + 1) }),
        .init(code: "METADATA_INVALID", event: changed { $0.metadata = Array("1".utf8) }),
        .init(
            code: "METADATA_TOO_LARGE",
            event: changed {
                $0.metadata = [UInt8](repeating: 32, count: Limits.metadataBytesMax + 1)
            }
        ),
    ]

    private static func changed(_ change: (inout Event) -> Void) -> Event {
        var event = event()
        change(&event)
        return event
    }

    @Test("what breaks a limit is refused with its code", arguments: refusals)
    func refused(_ refusal: Refusal) throws {
        #expect(try code { _ = try PreparedAppend([event(), refusal.event]) } == refusal.code)
    }

    @Test("an append has at least one event, and not too many")
    func counts() throws {
        #expect(try code { _ = try PreparedAppend([]) } == "APPEND_EMPTY")
        let most = Array(repeating: event(), count: Limits.appendEventsMax)
        #expect(try PreparedAppend(most).count == Limits.appendEventsMax)
        #expect(try code { _ = try PreparedAppend(most + [event()]) } == "APPEND_TOO_LARGE")
    }

    @Test(
        "a control character is found at every place of a name, and nothing else is taken for one")
    func controlCharacters() throws {
        for length in 1...20 {
            for place in 0..<length {
                for byte in UInt8(1)...127 {
                    var name = [UInt8](repeating: 0x7E, count: length)
                    name[place] = byte
                    let text = String(decoding: name, as: UTF8.self)
                    let isControl = byte < 0x20 || byte == 0x7F
                    let found = try code { _ = try PreparedAppend([event(text)]) }
                    guard found == (isControl ? "TYPE_INVALID" : nil) else {
                        Issue.record(
                            "byte \(byte) at \(place) of \(length): \(found ?? "accepted")")
                        return
                    }
                }
            }
        }
        #expect(try code { _ = try PreparedAppend([event("12345678\u{80}")]) } == "TYPE_INVALID")
        #expect(try code { _ = try PreparedAppend([event("1234567\u{9F}9")]) } == "TYPE_INVALID")
        #expect(try code { _ = try PreparedAppend([event("1234567\u{A0}é")]) } == nil)
    }
}
