import EventModel
import LogStorage
import Testing

/// A chunk of an index takes 448 positions; numbers of positions near that border are tried.
@Suite struct IndexChunkTests {
    @Test(
        "a stream of any length reads the same from any revision",
        arguments: [1, 447, 448, 449, 896, 897, 2_000], [1, 300, 448, 1_000])
    func borders(count: Int, flushEvents: Int) throws {
        let store = try TestLog()
        let log = try store.open(flushEvents: flushEvents)
        // A flush of single events for long streams takes too many commits to be tried in full.
        let portion = flushEvents == 1 ? max(count / 40, 1) : 100
        for start in stride(from: 0, to: count, by: portion) {
            let part = (start..<min(start + portion, count)).flatMap { number in
                number % 3 == 0 ? [event("t", "s"), event("o", "s0")] : [event("t", "s")]
            }
            try log.add(part)
        }
        let expected = try log.events().filter { $0.stream == "s" }.map(\.position)
        #expect(expected.count == count)
        for revision in [1, 2, 447, 448, 449, 450, 896, 897, count - 1, count, count + 1]
        where revision > 0 {
            var found: [Position] = []
            try log.readStream("s", from: Revision(UInt64(revision)), limit: 3) {
                found.append($0.position)
            }
            #expect(found == Array(expected.dropFirst(revision - 1).prefix(3)), "from \(revision)")
        }
        #expect(try log.lastRevision(of: "s") == Revision(UInt64(count)))
        #expect(try log.streams().map(\.name) == ["s", "s0"])
        #expect(try log.streams()[0].count == UInt64(count))
        let middle = Position(expected[count / 2].value)
        #expect(
            try log.positions(EventQuery(stream: "s"), after: middle)
                == expected.filter { $0 > middle }.map(\.value))
        #expect(try log.verify().problems == [])
    }
}
