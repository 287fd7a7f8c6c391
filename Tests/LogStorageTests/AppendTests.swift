import EventModel
import LogStorage
import Testing

@Suite struct AppendTests {
    @Test("64 tasks append to one stream at exact revisions, and none is lost or given twice")
    func groupCommit() async throws {
        let store = try TestLog()
        let log = try store.open(flushEvents: 100)
        let appends = 10
        let places = try await withThrowingTaskGroup(of: [AppendResult.Place].self) { group in
            for task in 0..<64 {
                group.addTask {
                    var places: [AppendResult.Place] = []
                    var known: UInt64 = 0
                    while places.count < appends {
                        let condition = AppendCondition.stream("s", .exactly(Revision(known)))
                        let wanted = try PreparedAppend(
                            [event("by.\(task)", "s")], condition: condition)
                        do {
                            places += try await log.append(wanted).places
                            known += 1
                        } catch let error as AnnalsError where error.code == "STREAM_REVISION" {
                            guard case .stream(_, _, let found) = error.conflict else {
                                throw error
                            }
                            #expect(found.value != known)
                            known = found.value
                        }
                    }
                    return places
                }
            }
            return try await group.reduce(into: [AppendResult.Place]()) { $0 += $1 }
        }
        #expect(Set(places.map(\.revision.value)) == Set(1...UInt64(64 * appends)))
        #expect(places.allSatisfy { $0.position.value == $0.revision.value && $0.isNew })
        #expect(try log.types().map(\.count) == Array(repeating: UInt64(appends), count: 64))
        #expect(try log.verify().problems == [])
    }

    @Test("an append that is refused leaves the others of its commit alone")
    func refusedAmongOthers() async throws {
        let store = try TestLog()
        let log = try store.open()
        let codes = await withTaskGroup(of: String.self) { group in
            for number in 0..<30 {
                group.addTask {
                    do throws(AnnalsError) {
                        let append = try PreparedAppend(
                            [event("t", "only/one"), event("t", "own/\(number)")],
                            condition: .stream("only/one", .noStream))
                        _ = try await log.append(append)
                        return "appended"
                    } catch { return error.code }
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(codes == ["appended": 1, "STREAM_REVISION": 29])
        #expect(try log.head() == Position(2))
    }

    @Test("an id is honoured for ever: over flushes, reopening and rebuilding")
    func idempotency() throws {
        let store = try TestLog()
        let first = event("t", "s/1", id: "once")
        var log = try store.open(flushEvents: 3)
        let place = try log.add([first]).places[0]
        #expect(place.isNew)
        for round in 0..<3 {
            for number in 0..<5 { try log.add([event("t", "s/\(round).\(number)")]) }
            let again = try log.add([first, event("t", "s/new", id: "round-\(round)")])
            #expect(
                again.places[0]
                    == .init(position: place.position, revision: Revision(1), isNew: false))
            #expect(again.places[1].isNew)
            #expect(try code { try log.add([event("t", "s/2", id: "once")]) } == "ID_CONFLICT")
            #expect(try log.position(ofID: "once") == place.position)
            if round == 1 { try log.rebuildIndexes() }
            log = try reopened(store, &log)
        }
        // The condition held at the first time; it is not asked again for the same append.
        let repeated = try log.add([first], .stream("s/1", .noStream))
        #expect(repeated.places.map(\.isNew) == [false])
    }

    private func reopened(_ store: TestLog, _ log: inout EventLog) throws -> EventLog {
        // The old one must go first: a process opens a log once.
        let other = try TestLog()
        log = try other.open()
        return try store.open(flushEvents: 3)
    }

    @Test("recorded never decreases, though the clock does; occurred is the caller's")
    func times() throws {
        let store = try TestLog()
        let log = try store.open()
        for time in [5_000, 3_000, 4_000, 6_000] as [Int64] {
            store.clock.set(time)
            try log.add([event(), event()])
        }
        let recorded = try log.events().map(\.recorded.milliseconds)
        #expect(recorded == [5_001, 5_001, 5_001, 5_001, 5_001, 5_001, 6_001, 6_001])
        for (time, position) in [(5_000, 0), (5_001, 6), (6_000, 6), (6_001, 8), (9_999, 8)] {
            let found = try log.position(
                recordedThrough: Timestamp(milliseconds: Int64(time)))
            #expect(found == Position(UInt64(position)))
        }
    }

    /// A condition on a stream whose name no event can have once stopped the process, and one on an
    /// empty name failed the whole commit.
    @Test("a condition that cannot be meant is refused before it waits for a commit")
    func impossibleConditions() throws {
        for stream in ["", String(repeating: "x", count: 256), "a\u{7}"] {
            #expect(
                try code {
                    _ = try PreparedAppend([event()], condition: .stream(stream, .noStream))
                }
                    == "STREAM_INVALID")
        }
        let twice = AppendCondition(streams: [
            .init(stream: "s", expected: .exists), .init(stream: "s", expected: .noStream),
        ])
        #expect(
            try code { _ = try PreparedAppend([event()], condition: twice) } == "CONDITION_INVALID")
    }

    /// The largest position once overflowed; names that no event can have reached LMDB, which
    /// refuses empty keys.
    @Test("reads take any position and any name")
    func extremes() throws {
        let store = try TestLog()
        let log = try store.open(flushEvents: 2)
        try log.add((0..<5).map { _ in event("t", "s", tags: ["x"]) })
        let last = Position(.max)
        for query in [EventQuery.all, EventQuery(types: ["t"])] {
            #expect(try log.positions(query, after: last) == [])
            #expect(try log.positions(query, after: Position(4)) == [5])
            try log.readBackward(query, before: last, limit: 1) {
                #expect($0.position == Position(5))
            }
            try log.readBackward(query, before: .start) { _ in Issue.record("nothing is before 0") }
        }
        for name in ["", String(repeating: "x", count: 600)] {
            #expect(try log.positions(EventQuery(types: [name], tags: [name], stream: name)) == [])
            try log.readStream(name) { _ in Issue.record("no event bears this name") }
            #expect(try log.lastRevision(of: name) == .none)
            #expect(try log.position(ofID: name) == nil)
        }
        try log.readStream("s", from: Revision(.max)) { _ in Issue.record("no such revision") }
        let condition = AppendCondition(failIfEventsMatch: .all, after: last)
        #expect(try log.add([event()], condition).places[0].position == Position(6))
    }
}
