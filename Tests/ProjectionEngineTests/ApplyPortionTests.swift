import EventModel
import Synchronization
import Testing

@testable import ProjectionEngine

/// How events come from the log to the handlers: portion after portion, read on another thread.
@Suite struct ApplyPortionTests {
    private static let table = """
        -- Up
        CREATE TABLE t (position INTEGER PRIMARY KEY, n INTEGER, text TEXT, data TEXT) STRICT;

        -- On added
        INSERT INTO t VALUES (@position, $n, $text, @data);
        """

    /// A source that keeps count of its walks and can be told to fail or to stop.
    private final class Watched: EventSource {
        struct Trouble: Error {}

        let list: ListSource
        let failsAfter: Position
        let stops: Int
        let walking = Mutex(0)
        let asked = Mutex(0)

        init(_ events: [RecordedEvent], failsAfter: Position = Position(.max), stops: Int = .max) {
            list = ListSource(events: events)
            self.failsAfter = failsAfter
            self.stops = stops
        }

        func head() throws -> Position { try list.head() }

        func forEachEvent(
            after: Position, through: Position, limit: Int,
            _ body: (borrowing EventView) throws -> Void
        ) throws -> Position {
            walking.withLock { $0 += 1 }
            defer { walking.withLock { $0 -= 1 } }
            return try list.forEachEvent(after: after, through: through, limit: limit) { view in
                if view.position > failsAfter { throw Trouble() }
                try body(view)
            }
        }

        func checkStop() throws {
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count > stops {
                throw AnnalsError(.unavailable, "INTERRUPTED", "Stopped.")
            }
        }
    }

    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func events(_ count: Int) -> [RecordedEvent] {
        (1...count).map { number in
            let type = number % 5 == 0 ? "other" : "added"
            let text = number % 3 == 0 ? #"a\nb\u00e9"# : "plain \(number)"
            return event(UInt64(number), type, #"{"n":\#(number),"text":"\#(text)"}"#)
        }
    }

    @Test("every event arrives, however batches and portions meet", arguments: [1000, 2048, 5000])
    func allArrive(batchEvents: Int) throws {
        let count = PortionReader.eventsMax * 2 + 100
        let database = try workshop.create(definition(Self.table))
        let applied = try database.apply(
            from: ListSource(events: events(count)), through: Position(.max),
            batchEvents: batchEvents)
        #expect(applied == count)
        #expect(database.checkpoint == Position(UInt64(count)))
        let wrong = """
            SELECT count(*), sum(n <> position), sum(json(data) ->> '$.text' <> text),
                sum(position % 3 = 0 AND text <> 'a' || char(10) || 'bé') FROM t
            """
        #expect(try database.rows(wrong) == [[String(count - count / 5), "0", "0", "0"]])
    }

    @Test("a portion is closed before it fills the memory, and large events arrive whole")
    func largeEvents() throws {
        let size = 1 << 20
        let large = (1...12).map { number in
            event(UInt64(number), "added", #"{"text":"\#(String(repeating: "x", count: size))"}"#)
        }
        let database = try workshop.create(definition(Self.table))
        try database.apply(from: ListSource(events: large), through: Position(12))
        let rows = try database.rows("SELECT count(*), min(length(text)), max(length(text)) FROM t")
        #expect(rows == [["12", String(size), String(size)]])
    }

    @Test("a hole far ahead stops with its position, after what was committed")
    func holeAhead() throws {
        var list = events(PortionReader.eventsMax * 3)
        let hole = PortionReader.eventsMax * 2 + 7
        list.remove(at: hole - 1)
        let database = try workshop.create(definition(Self.table))
        let error = annalsError {
            try database.apply(
                from: ListSource(events: list), through: Position(.max), batchEvents: 1_024)
        }
        #expect(error?.code == "POSITION_MISSING")
        #expect(error?.context.position == Position(UInt64(hole)))
        #expect(database.checkpoint == Position(UInt64(PortionReader.eventsMax * 2)))
    }

    @Test("nothing of the source is read any more when an error has come out")
    func quietAfterError() throws {
        let count = PortionReader.eventsMax * 2
        var list = events(count)
        // Refused while the next portion is being read: the text is no integer.
        list[10] = event(11, "added", #"{"n":"none"}"#)
        for failsAfter in [Position(.max), Position(UInt64(PortionReader.eventsMax + 5))] {
            let source = Watched(list, failsAfter: failsAfter)
            let database = try workshop.create(definition(Self.table))
            let error = annalsError { try database.apply(from: source, through: Position(.max)) }
            #expect(error?.code == "EVENT_REFUSED")
            #expect(error?.context.stream == "thing/t-1")
            #expect(error?.context.type == "added")
            #expect(source.walking.withLock { $0 } == 0)
            #expect(database.checkpoint == Position(10))
        }
    }

    @Test("work stops between two portions on the thread that applies")
    func stops() throws {
        let source = Watched(events(9), stops: 3)
        let database = try workshop.create(definition(Self.table))
        let error = annalsError {
            try database.apply(from: source, through: Position(9), batchEvents: 2)
        }
        #expect(error?.code == "INTERRUPTED")
        #expect(database.checkpoint == Position(6))
        #expect(source.walking.withLock { $0 } == 0)
    }

    @Test("upcasted data takes the place of the old one for its event alone")
    func upcasts() throws {
        let definition = try definition(
            Self.table,
            """
            -- Up
            CREATE TABLE second (n INTEGER);

            -- Upcast added 1 2
            json_set(@data, '$.n', (@data ->> '$.n') + 1000)

            -- Upcast added 2 3
            json_set(@data, '$.text', 'third ' || @position)
            """)
        let list = [
            event(1, "added", #"{"n":1,"text":"one"}"#),
            event(2, "added", #"{"n":2,"text":"two"}"#, schemaVersion: 3),
            event(3, "added", #"{"n":3,"text":"three"}"#, schemaVersion: 2),
            event(4, "added", #"{"n":4,"text":"four"}"#, schemaVersion: 1),
        ]
        let database = try workshop.create(definition)
        try database.apply(from: ListSource(events: list), through: Position(4))
        #expect(
            try database.rows("SELECT n, text, data ->> '$.text' FROM t ORDER BY position") == [
                ["1001", "third 1", "third 1"], ["2", "two", "two"], ["3", "third 3", "third 3"],
                ["1004", "third 4", "third 4"],
            ])
    }
}
