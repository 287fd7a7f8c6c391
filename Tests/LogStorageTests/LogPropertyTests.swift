import EventModel
import LogStorage
import Testing

/// Random operations on a log and on the model beside it; both must agree at every step.
@Suite struct LogPropertyTests {
    @Test(
        "the log does what the model does",
        arguments: 0..<environmentNumber("ANNALS_SEEDS", default: 12))
    func agreesWithModel(number: Int) throws {
        let seed = UInt64(environmentNumber("ANNALS_SEED", default: 20_261_121)) &+ UInt64(number)
        try withKnownSeed(seed) {
            var run = try ModelRun(seed: seed)
            for _ in 0..<400 { try run.step() }
            try run.finish()
        }
    }

    private func withKnownSeed(_ seed: UInt64, _ body: () throws -> Void) throws {
        do { try body() } catch {
            print("seed \(seed)")
            throw error
        }
    }
}

private struct ModelRun {
    private let seed: UInt64
    private let store: TestLog
    private var log: EventLog?
    private var model = LogModel()
    private var random: SeededRandom

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        store = try TestLog()
        log = try store.open(flushEvents: 50)
    }

    private func openLog() throws -> EventLog { try #require(log) }

    mutating func step() throws {
        switch random.below(20) {
        case 0: try reopen()
        case 1: try openLog().rebuildIndexes()
        case 2...4: try compareQuery()
        case 5: try compareStream()
        case 6: try compareBackward()
        case 7: try compareTurn()
        default: try compareAppend()
        }
    }

    mutating func finish() throws {
        let log = try openLog()
        #expect(try log.events() == model.events, "seed \(seed)")
        let report = try log.verify()
        #expect(report.problems == [], "seed \(seed)")
        for (names, key) in [
            (try log.streams(), \RecordedEvent.stream), (try log.types(), \RecordedEvent.type),
        ] {
            let expected = Dictionary(grouping: model.events) { $0[keyPath: key] }
            #expect(
                names.map(\.name)
                    == expected.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
                "seed \(seed)")
            for name in names {
                #expect(Int(name.count) == expected[name.name]?.count, "seed \(seed)")
                #expect(name.lastPosition == expected[name.name]?.last?.position, "seed \(seed)")
            }
        }
    }

    private mutating func reopen() throws {
        log = nil
        log = try store.open(flushEvents: random.chance(2) ? 50 : 7)
    }

    private mutating func compareAppend() throws {
        let batch = randomBatch()
        let condition = randomCondition()
        let head = UInt64(model.events.count)
        var found: Result<[AppendResult.Place], LogModel.Refusal>
        do {
            found = .success(try openLog().add(batch, condition).places)
        } catch let error as AnnalsError {
            #expect(error.kind == .conflict && error.conflict != nil, "seed \(seed): \(error)")
            found = .failure(.init(code: error.code))
        }
        let recorded = try openLog().events(after: Position(head))
        let expected = model.append(batch, condition, recorded: recorded)
        #expect(found == expected, "seed \(seed)")
        #expect(Array(model.events[Int(head)...]) == recorded, "seed \(seed)")
    }

    /// Several appends in one turn, some taken back; the events lent are those that get recorded.
    private mutating func compareTurn() throws {
        let head = UInt64(model.events.count)
        let appends = (0..<3).map { _ in (randomBatch(), randomCondition(), random.chance(4)) }
        var kept: [([Event], AppendCondition, Result<[AppendResult.Place], LogModel.Refusal>)] = []
        var lent: [RecordedEvent] = []
        let isCommitted = try openLog().withTurn { turn in
            let start = turn.mark
            for (batch, condition, isTakenBack) in appends {
                let mark = turn.mark
                do {
                    let append = try PreparedAppend(batch, condition: condition)
                    let places = try turn.stage(append).places
                    if isTakenBack {
                        turn.unstage(to: mark)
                    } else {
                        kept.append((batch, condition, .success(places)))
                    }
                } catch let error as AnnalsError {
                    kept.append((batch, condition, .failure(.init(code: error.code))))
                }
            }
            try turn.forEachStaged(since: start) { lent.append($0.copy()) }
            return try turn.commit()
        }
        #expect(isCommitted, "seed \(seed)")
        let recorded = try openLog().events(after: Position(head))
        #expect(lent == recorded, "seed \(seed)")
        for (batch, condition, found) in kept {
            let rest = Array(recorded.dropFirst(model.events.count - Int(head)))
            #expect(model.append(batch, condition, recorded: rest) == found, "seed \(seed)")
        }
        #expect(Array(model.events[Int(head)...]) == recorded, "seed \(seed)")
    }

    private mutating func compareQuery() throws {
        let query = randomQuery()
        let after = Position(UInt64(random.below(model.events.count + 3)))
        let through = Position(UInt64(random.below(model.events.count + 3)))
        let limit = random.below(30)
        let matching = model.events.filter {
            $0.position > after && $0.position <= through && query.matches($0)
        }
        var found: [RecordedEvent] = []
        let last = try openLog().read(query, after: after, through: through, limit: limit) {
            found.append($0.copy())
        }
        #expect(found == Array(matching.prefix(limit)), "seed \(seed)")
        var rest: [RecordedEvent] = []
        _ = try openLog().read(query, after: last, through: through, limit: .max) {
            rest.append($0.copy())
        }
        #expect(found + rest == matching, "seed \(seed): a read goes on where it stopped")
    }

    private mutating func compareStream() throws {
        let stream = randomStream()
        let revision = UInt64(random.below(12))
        let limit = random.below(8)
        let expected = model.events.filter {
            $0.stream == stream && $0.revision.value >= revision
        }
        var found: [RecordedEvent] = []
        try openLog().readStream(stream, from: Revision(revision), limit: limit) {
            found.append($0.copy())
        }
        #expect(found == Array(expected.prefix(limit)), "seed \(seed)")
        #expect(
            try openLog().lastRevision(of: stream).value == model.revision(of: stream),
            "seed \(seed)")
    }

    private mutating func compareBackward() throws {
        let query = randomQuery()
        let before = random.chance(2) ? nil : Position(UInt64(random.below(model.events.count + 5)))
        let limit = random.below(30)
        let expected = model.events.reversed().filter { event in
            (before.map { event.position < $0 } ?? true) && query.matches(event)
        }
        var found: [RecordedEvent] = []
        try openLog().readBackward(query, before: before, limit: limit) { found.append($0.copy()) }
        #expect(found == Array(expected.prefix(limit)), "seed \(seed)")
    }
}

extension ModelRun {
    private mutating func randomStream() -> String { "kind/\(random.below(6))" }

    private mutating func randomBatch() -> [Event] {
        (0..<(1 + random.below(random.chance(10) ? 40 : 4))).map { _ in
            Event(
                type: "type.\(random.below(4))", stream: randomStream(),
                data: #"{"n":\#(random.below(3))}"#,
                metadata: random.chance(3) ? #"{"actor":"\#(random.below(2))"}"# : "",
                tags: (0..<3).filter { _ in random.chance(2) }.map { "tag:\($0)" },
                id: random.chance(3) ? "id-\(random.below(60))" : nil,
                occurred: random.chance(3)
                    ? Timestamp(milliseconds: Int64(random.below(3)) - 1) : nil,
                schemaVersion: 1 + random.below(2))
        }
    }

    private mutating func randomQuery() -> EventQuery {
        EventQuery(
            items: (0..<random.below(3)).map { _ in
                EventQuery.Item(
                    types: (0..<random.below(3)).map { _ in "type.\(random.below(5))" },
                    tags: (0..<3).filter { _ in random.chance(3) }.map { "tag:\($0)" },
                    stream: random.chance(3) ? randomStream() : nil)
            })
    }

    private mutating func randomCondition() -> AppendCondition {
        var condition = AppendCondition.none
        if random.chance(3) {
            let stream = randomStream()
            let revision = model.revision(of: stream)
            let expected: ExpectedRevision =
                switch random.below(4) {
                case 0: .noStream
                case 1: .exists
                case 2: .exactly(Revision(revision))
                default: .exactly(Revision(revision + 1))
                }
            condition.streams = [.init(stream: stream, expected: expected)]
        }
        if random.chance(4) {
            condition.failIfEventsMatch = randomQuery()
            let back = random.below(12)
            condition.after = Position(UInt64(max(model.events.count - back, 0)))
        }
        return condition
    }
}
