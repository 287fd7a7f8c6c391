import EventModel
import LMDB
import LogStorage
import Testing

@Suite struct RecordTests {
    /// The example of docs/format.md.
    @Test("a record has exactly the bytes that the format says")
    func goldenRecord() throws {
        let store = try TestLog()
        do {
            let log = try store.open()
            store.clock.set(1_700_000_000_000 - 1)
            try log.add([
                Event(
                    type: "proxy.added", stream: "proxy/p-1", data: #"{"port":8080}"#,
                    metadata: #"{"actor":"me"}"#, tags: ["pool:a", "é"], id: "id-1",
                    occurred: Timestamp(milliseconds: -1), schemaVersion: 2)
            ])
            try log.add([event("t", "s")])
        }
        #expect(try store.record(at: 1).hex == Self.golden)
        #expect(try store.record(at: 2).hex == Self.goldenMinimal)
    }

    static let golden =
        "571a14fc2580b344010100020000008800000000000000010000018bcfe56800"
        + "ffffffffffffffff019238adb00adf1f0a7abe9baf39d12e2e1ce0b92d309147"
        + "db681851af0670940b090402000a00000000000e0000000d70726f78792e6164"
        + "64656470726f78792f702d3169642d3106706f6f6c3a6102c3a97b226163746f"
        + "72223a226d65227d7b22706f7274223a383038307d"

    static let goldenMinimal =
        "ba62de1630b446a1010000010000005a00000000000000010000018bcfe56801"
        + "0000018bcfe5680144136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e83"
        + "10c060f61caaff8a0101000000000000000000000000000274737b7d"

    @Test("an event comes back as it was given, at the limits of every part")
    func roundTrip() throws {
        let long = String(repeating: "n", count: Limits.nameBytesMax)
        let events = [
            event("t", "s"),
            Event(
                type: long, stream: long, data: [UInt8](#"{"a":[1,2,{"b":null}]}"#.utf8),
                metadata: [UInt8](#"{"x":"ü"}"#.utf8),
                tags: (0..<Limits.tagsMax).map {
                    "\($0)" + String(repeating: "g", count: Limits.nameBytesMax - 2)
                }, id: long, occurred: Timestamp(milliseconds: .min),
                schemaVersion: Limits.schemaVersionMax),
            Event(
                type: "日本", stream: "kind/with/slashes", data: " {} ",
                occurred: Timestamp(milliseconds: .max)),
            Event(
                type: "large", stream: "s",
                data: [UInt8](#"{"x":""#.utf8) + [UInt8](repeating: 97, count: 3 << 20)
                    + [UInt8](#""}"#.utf8)),
        ]
        let store = try TestLog()
        let log = try store.open()
        try log.add(events)
        let found = try log.events()
        for (index, event) in events.enumerated() {
            let copy = found[index]
            #expect(
                Event(
                    type: copy.type, stream: copy.stream, data: copy.data, metadata: copy.metadata,
                    tags: copy.tags, id: copy.id,
                    occurred: event.occurred == nil ? nil : copy.occurred,
                    schemaVersion: copy.schemaVersion) == event)
            #expect(event.occurred != nil || copy.occurred == copy.recorded)
        }
        #expect(try log.verify().problems == [])
    }

    @Test("verify finds every flipped bit and names the position; reads find those of the header")
    func bitFlips() throws {
        let store = try TestLog()
        do {
            let log = try store.open()
            try log.add([event("before", "s/1")])
            try log.add([
                Event(
                    type: "t", stream: "s/2", data: #"{"a":1}"#, metadata: "{}", tags: ["x", "y"],
                    id: "i")
            ])
            try log.add([event("after", "s/3")])
        }
        let whole = try store.record(at: 2)
        let headerLength = whole.count - #"{"a":1}"#.utf8.count
        for bit in 0..<(whole.count * 8) {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            try store.replaceRecord(at: 2, with: flipped)
            let log = try store.open(.readOnly)
            let report = try log.verify()
            #expect(
                report.problems.contains {
                    $0.code == "RECORD_CORRUPT" && $0.context.position == Position(2)
                }, "bit \(bit)")
            let code = try code { _ = try log.events() }
            #expect(code == (bit / 8 < headerLength ? "RECORD_CORRUPT" : nil), "bit \(bit)")
        }
        try store.replaceRecord(at: 2, with: whole)
        #expect(try store.open(.readOnly).verify().problems == [])
    }

    @Test("a record that was cut short or lost is an error with its position, never a crash")
    func cutRecords() throws {
        let store = try TestLog()
        try store.open().add((0..<3).map { event("t\($0)", "s/\($0)") })
        let whole = try store.record(at: 2)
        for length in [0, 1, 11, 12, 87, 88, 90, whole.count - 1] {
            try store.replaceRecord(at: 2, with: Array(whole[..<length]))
            let log = try store.open(.readOnly)
            #expect(try log.verify().problems.first?.context.position == Position(2))
            #expect(try code { _ = try log.events() } == "RECORD_CORRUPT")
        }
        try store.removeRecord(at: 2)
        let log = try store.open(.readOnly)
        #expect(try code { _ = try log.events() } == "RECORD_MISSING")
        let problems = try log.verify().problems
        #expect(problems.first?.code == "RECORD_MISSING")
        #expect(problems.first?.context.position == Position(2))
    }
}

extension [UInt8] {
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: flatMap { byte in [digits[Int(byte >> 4)], digits[Int(byte & 15)]] },
            as: UTF8.self)
    }
}

extension TestLog {
    /// The bytes of a record, read past the log, which must be closed.
    func record(at position: UInt64) throws -> [UInt8] {
        try withTable("events") { environment, table in
            try environment.read { transaction in
                guard let value = try transaction.value(forKey: position, in: table) else {
                    return []
                }
                return [UInt8](copying: value)
            }
        }
    }

    func replaceRecord(at position: UInt64, with bytes: [UInt8]) throws {
        try withTable("events") { environment, table in
            let key = Self.key(position)
            try environment.write { try $0.put(bytes.span, forKey: key.span, in: table) }
        }
    }

    func removeRecord(at position: UInt64) throws {
        try withTable("events") { environment, table in
            let key = Self.key(position)
            try environment.write { _ = try $0.remove(key: key.span, in: table) }
        }
    }

    func withTable<R>(_ name: String, _ body: (borrowing Environment, Table) throws -> R) throws
        -> R
    {
        let environment = try Environment(path: folder)
        let table = try environment.openTables([name])[0]
        return try body(environment, table)
    }

    static func key(_ position: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: position >> UInt64(56 - 8 * $0)) }
    }
}
