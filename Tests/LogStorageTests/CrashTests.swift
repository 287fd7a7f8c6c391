import EventModel
import Foundation
import LogStorage
import Testing

/// Kills a process that appends, at random moments, and looks at what it left.
@Suite struct CrashTests {
    @Test("nothing acknowledged is lost when the writer is killed")
    func killWriter() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let store = try TestLog()
        var known: [String: UInt64] = [:]
        for round in 0..<environmentNumber("ANNALS_KILLS", default: 40) {
            let writer = try WriterProcess(
                store, name: "r\(round)", appends: 100_000, events: 1 + random.below(30))
            for (id, position) in try writer.kill(afterBytes: random.below(20_000)) {
                known[id] = position
            }
            let log = try store.open(round % 2 == 0 ? .readOnly : .readWrite, flushEvents: 64)
            let events = try log.events()
            let found = Dictionary(
                uniqueKeysWithValues: events.compactMap { event in
                    event.id.map { ($0, event.position.value) }
                })
            for (id, position) in known where found[id] != position {
                Issue.record("seed \(seed), round \(round): \(id) was acknowledged at \(position)")
            }
            #expect(try log.verify().problems == [], "seed \(seed), round \(round)")
            guard log.access == .readWrite, let event = events.last else { continue }
            let again = try log.add([
                Event(
                    type: event.type, stream: event.stream, data: event.data, tags: event.tags,
                    id: event.id)
            ])
            #expect(again.places.map(\.position) == [event.position], "seed \(seed)")
            #expect(again.places.map(\.isNew) == [false], "seed \(seed)")
        }
        #expect(!known.isEmpty)
    }

    @Test("two processes and this one append to one log, and all of it is there")
    func threeWriters() throws {
        let store = try TestLog()
        let others = try ["left", "right"].map {
            try WriterProcess(store, name: $0, appends: 60, events: 4)
        }
        let log = try store.open(flushEvents: 40)
        var own: [(id: String, position: UInt64)] = []
        var turns = 0
        while own.count < 60 {
            let id = "own-\(own.count)"
            let append = try PreparedAppend([event("own", "helper/3", id: id)])
            // By turns the plain way and the way of checked appends, which may have to start again.
            if own.count % 2 == 0 {
                own.append((id, try log.appendAndWait(append).places[0].position.value))
            } else {
                let place = try log.withTurn { turn in
                    let place = try turn.stage(append).places[0]
                    return try turn.commit() ? place : nil
                }
                turns += 1
                if let place { own.append((id, place.position.value)) }
            }
        }
        let all = try others.flatMap { try $0.waitForEnd() } + own
        let events = try log.events()
        #expect(all.count == 540 && events.count == 540 && turns >= 30)
        for (id, position) in all { #expect(events[Int(position) - 1].id == id) }
        #expect(try log.verify().problems == [])
    }
}
