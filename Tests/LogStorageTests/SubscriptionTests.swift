import EventModel
import LogStorage
import Testing

@Suite struct SubscriptionTests {
    @Test("what is there and what comes is seen once and in order, while four tasks append")
    func catchUpAndLive() async throws {
        let store = try TestLog()
        let log = try store.open(flushEvents: 64)
        try log.add((0..<300).map { event("old.\($0 % 2)", "s/\($0)") })
        let (writers, appends) = (4, 60)
        let total = 300 + writers * appends * 2
        let collected = Task {
            var positions: [UInt64] = []
            for try await event in log.subscribe() {
                positions.append(event.position.value)
                if positions.count == total { break }
            }
            return positions
        }
        let matching = Task {
            var positions: [UInt64] = []
            for try await event in log.subscribe(
                to: EventQuery(types: ["new.1"]), after: Position(10))
            {
                positions.append(event.position.value)
                if positions.count == writers * appends { break }
            }
            return positions
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for _ in 0..<appends {
                        _ = try await log.append(
                            try PreparedAppend([
                                event("new.0", "w/\(writer)"), event("new.1", "w/\(writer)"),
                            ]))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await collected.value == Array(1...UInt64(total)))
        #expect(try await matching.value == log.positions(EventQuery(types: ["new.1"])))
    }

    @Test("a subscription ends with its task")
    func cancellation() async throws {
        let store = try TestLog()
        let log = try store.open()
        let task = Task {
            var count = 0
            for try await _ in log.subscribe() { count += 1 }
            return count
        }
        try log.add([event(), event()])
        task.cancel()
        let count = try await task.value
        #expect(count <= 2)
    }

    @Test("appends of another process arrive")
    func acrossProcesses() async throws {
        let store = try TestLog()
        let log = try store.open(flushEvents: 50)
        let other = try WriterProcess(store, name: "other", appends: 40, events: 5)
        var ids: [String] = []
        var positions: [UInt64] = []
        for try await event in log.subscribe() {
            positions.append(event.position.value)
            ids.append(event.id ?? "")
            if positions.count % 50 == 25 {
                _ = try await log.append(try PreparedAppend([Self.own]))
            }
            let others = ids.count { $0 != "" }
            if others == 200 { break }
        }
        #expect(positions == Array(1...UInt64(positions.count)))
        let expected = (0..<40).flatMap { append in (0..<5).map { "other-\(append)-\($0)" } }
        #expect(ids.filter { $0 != "" } == expected)
        let acknowledged = try other.waitForEnd()
        #expect(acknowledged.map(\.id) == expected)
        #expect(try log.verify().problems == [])
    }

    private static let own = Event(type: "own", stream: "own/1", data: "{}")
}
