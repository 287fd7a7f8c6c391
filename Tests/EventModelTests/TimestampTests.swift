import EventModel
import Foundation
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "reads RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T04:13:44.123Z", 1_795_234_424_123),
            ("2026-11-21T05:13:44.123+01:00", 1_795_234_424_123),
            ("2026-11-20T22:43:44.123-05:30", 1_795_234_424_123),
            ("1970-01-01t00:00:00z", 0), ("1970-01-01 00:00:00-00:00", 0),
            ("1970-01-01T00:00:00.1Z", 100), ("1970-01-01T00:00:00.12Z", 120),
            ("1970-01-01T00:00:00.999999999Z", 999), ("1969-12-31T23:59:59.9999Z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_799_999),
            ("2017-01-01T00:59:60.5+01:00", 1_483_228_799_999),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("0000-01-01T00:00:00+23:59", -62_167_305_540_000),
        ] as [(String, Int64)])
    func reads(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        "refuses what is not a time of RFC 3339",
        arguments: [
            "", "2026", "2026-11-21", "2026-11-21T04:13", "2026-11-21T04:13:44",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T12:00:60Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
            "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx", " 2026-01-01T00:00:00Z",
            "+2026-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "2026-1-01T00:00:00Z",
            "2026-01-01X00:00:00Z", "２026-01-01T00:00:00Z",
        ])
    func refuses(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("writes what it reads, and nothing outside the years 0000 to 9999")
    func writes() {
        #expect(Timestamp(milliseconds: 1_795_234_424_123).rfc3339 == "2026-11-21T04:13:44.123Z")
        #expect(Timestamp(milliseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
        let (first, last): (Int64, Int64) = (-62_167_219_200_000, 253_402_300_799_999)
        #expect(Timestamp(milliseconds: first).rfc3339 == "0000-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: last).rfc3339 == "9999-12-31T23:59:59.999Z")
        for outside in [first - 1, last + 1, .min, .max] {
            #expect(Timestamp(milliseconds: outside).rfc3339 == nil)
        }
    }

    @Test("agrees with Foundation's calendar on every day of 1600 to 2400")
    func agreesWithFoundation() throws {
        let style = Date.ISO8601FormatStyle()
        var random = SeededRandom(seed: 1)
        for day in Int64(-135_140)...157_054 {
            let seconds = day * 86_400 + Int64.random(in: 0..<86_400, using: &random)
            let text = try #require(Timestamp(milliseconds: seconds * 1000).rfc3339)
            #expect(Timestamp(rfc3339: text)?.milliseconds == seconds * 1000)
            guard day % 97 == 0 else { continue }
            let date = Date(timeIntervalSince1970: TimeInterval(seconds))
            #expect(text == date.formatted(style).dropLast() + ".000Z")
        }
    }
}
