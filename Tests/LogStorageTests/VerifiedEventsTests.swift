import EventModel
import Foundation
import LogStorage
import Testing

@Suite struct VerifiedEventsTests {
    /// The events that a source lends in portions of a size, and the error that ended it.
    private func walk(
        _ source: some EventSource, limit: Int, through: Position = Position(.max)
    ) -> (data: [[UInt8]], error: AnnalsError?) {
        var data: [[UInt8]] = []
        var position = Position.start
        do {
            while true {
                let last = try source.forEachEvent(
                    after: position, through: through, limit: limit
                ) { data.append(Array(copying: $0.data)) }
                if last == position { return (data, nil) }
                position = last
            }
        } catch {
            return (data, error as? AnnalsError)
        }
    }

    @Test("lends what the log holds, in portions of any size", arguments: [1, 2, 7, 100, 1_000])
    func lendsEverything(limit: Int) throws {
        let folder = try TestLog()
        let log = try folder.open()
        let events = (0..<300).map {
            Event(type: "t", stream: "s/\($0 % 7)", data: #"{"n":\#($0)}"#)
        }
        _ = try log.appendAndWait(PreparedAppend(events))
        let all = walk(VerifiedEvents(log), limit: limit)
        #expect(all.error == nil)
        #expect(all.data == events.map(\.data))
        let some = walk(VerifiedEvents(log), limit: limit, through: Position(150))
        #expect(some.data == events[..<150].map(\.data))
    }

    @Test("a damaged event ends the walk with its position, before it is lent", arguments: [3, 64])
    func refusesDamage(limit: Int) throws {
        let folder = try TestLog()
        var log: EventLog? = try folder.open()
        let events = (1...40).map { Event(type: "t", stream: "s", data: #"{"mark":"m\#($0)m"}"#) }
        _ = try log?.appendAndWait(PreparedAppend(events))
        log = nil
        let path = URL(fileURLWithPath: folder.folder + "/data.mdb")
        var bytes = try Data(contentsOf: path)
        let mark = try #require(bytes.range(of: Data("m17m".utf8)))
        bytes[mark.lowerBound] ^= 1
        try bytes.write(to: path)
        let found = walk(VerifiedEvents(try folder.open()), limit: limit)
        #expect(found.error?.code == "RECORD_CORRUPT")
        #expect(found.error?.context.position == Position(17))
        #expect(found.data.count < 17)
    }

    @Test("goes on where events were appended after its end")
    func goesOn() throws {
        let folder = try TestLog()
        let log = try folder.open()
        let source = VerifiedEvents(log)
        var position = Position.start
        var count = 0
        for round in 1...20 {
            let event = Event(type: "t", stream: "s/1", data: #"{"round":\#(round)}"#)
            _ = try log.appendAndWait(PreparedAppend([event]))
            position = try source.forEachEvent(
                after: position, through: Position(.max), limit: 4
            ) { _ in count += 1 }
        }
        #expect(count == 20)
        #expect(position == Position(20))
    }
}
