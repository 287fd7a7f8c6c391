import EventModel
import SQLite
import Testing

@testable import ProjectionEngine

@Suite struct ApplyPoisonTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    static let unique = """
        -- Up
        CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n < 10));
        CREATE TABLE seen (id INTEGER PRIMARY KEY);

        -- On set
        INSERT INTO seen VALUES (@position);
        INSERT INTO t VALUES ($id, $n);
        """

    static func events(_ numbers: [Int]) -> [RecordedEvent] {
        numbers.enumerated().map {
            event(UInt64($0 + 1), "set", #"{"id":\#($0),"n":\#($1)}"#)
        }
    }

    @Test(
        "a refused event stops right before it, for every size of batch",
        arguments: [1, 2, 3, 7, 100])
    func stop(batchEvents: Int) throws {
        let database = try workshop.create(definition(Self.unique))
        let source = ListSource(events: Self.events([1, 2, 3, 4, 10, 5, 11]))
        var reported: [UInt64] = []
        let error = annalsError {
            try database.apply(from: source, through: Position(7), batchEvents: batchEvents) {
                reported.append($0.value)
            }
        }
        #expect(error?.code == "EVENT_REFUSED")
        #expect(error?.message.contains("001_step.sql:11: CHECK constraint failed: n < 10") == true)
        #expect(error?.context.position == Position(5))
        #expect(error?.context.type == "set")
        #expect(error?.context.stream == "thing/t-1")
        #expect(error?.context.projection == "things")
        #expect(error?.context.migration == 1)
        #expect(error?.context.line == 11)
        #expect(database.checkpoint == Position(4))
        #expect(reported.last == 4)
        #expect(try database.rows("SELECT position FROM checkpoint") == [["4"]])
        #expect(try database.rows("SELECT count(*) FROM t") == [["4"]])
        #expect(
            try database.rows("SELECT count(*) FROM seen") == [["4"]], "no row of the event stays")
        let again = annalsError { try database.apply(from: source, through: Position(7)) }
        #expect(again?.context.position == Position(5))
    }

    @Test("quarantine leaves out the event's rows, records it and goes on", arguments: [1, 3, 100])
    func quarantine(batchEvents: Int) throws {
        let database = try workshop.create(definition(Self.unique))
        let source = ListSource(events: Self.events([1, 10, 3, 11]))
        let applied = try database.apply(
            from: source, through: Position(9), batchEvents: batchEvents, policy: .quarantine)
        #expect(applied == 4)
        #expect(database.checkpoint == Position(4))
        #expect(try database.rows("SELECT id FROM seen") == [["1"], ["3"]])
        #expect(
            try database.rows("SELECT * FROM quarantine") == [
                ["2", "set", "thing/t-1", "001_step.sql", "11", "CHECK constraint failed: n < 10"],
                ["4", "set", "thing/t-1", "001_step.sql", "11", "CHECK constraint failed: n < 10"],
            ])
    }

    @Test("a deferred foreign key must hold at the end of each event, whatever the batches")
    func deferredKeys() throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER PRIMARY KEY,
                parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);

            -- On pair
            INSERT INTO child VALUES ($child, $parent);
            INSERT INTO parent VALUES ($parent);

            -- On child
            INSERT INTO child VALUES ($child, $parent);

            -- On parent
            INSERT INTO parent VALUES ($parent);
            """)
        let database = try workshop.create(projection)
        let source = ListSource(events: [
            event(1, "pair", #"{"child":1,"parent":1}"#),
            event(2, "child", #"{"child":2,"parent":2}"#),
            event(3, "parent", #"{"parent":2}"#),
        ])
        let error = annalsError { try database.apply(from: source, through: Position(3)) }
        #expect(error?.context.position == Position(2))
        #expect(error?.message.contains("FOREIGN KEY") == true)
        #expect(database.checkpoint == Position(1))
    }

    @Test(
        "deleting a parent deletes its children, in bulk as well as live", arguments: [true, false])
    func cascade(bulk: Bool) throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER PRIMARY KEY,
                parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
            CREATE INDEX child_parent ON child (parent);

            -- On parent
            INSERT INTO parent VALUES ($id);

            -- On child
            INSERT INTO child VALUES ($id, $parent);

            -- On gone
            DELETE FROM parent WHERE id = $id;
            """)
        let database = try workshop.build(
            projection,
            [
                event(1, "parent", #"{"id":1}"#), event(2, "parent", #"{"id":2}"#),
                event(3, "child", #"{"id":1,"parent":1}"#),
                event(4, "child", #"{"id":2,"parent":2}"#), event(5, "gone", #"{"id":1}"#),
            ], bulk: bulk)
        #expect(try database.rows("SELECT id FROM child") == [["2"]])
        let orphan = ListSource(events: [event(6, "child", #"{"id":3,"parent":9}"#)])
        let error = annalsError { try database.apply(from: orphan, through: Position(6)) }
        #expect(error?.message.contains("FOREIGN KEY constraint failed") == true)
    }

    @Test("a hole in the log is an error and is never stepped over")
    func holes() throws {
        let database = try workshop.create(definition(Self.unique))
        var events = Self.events([1, 2, 3, 4])
        events.remove(at: 2)
        let error = annalsError {
            try database.apply(from: ListSource(events: events), through: Position(4))
        }
        #expect(error?.kind == .corrupt)
        #expect(error?.code == "POSITION_MISSING")
        #expect(error?.context.position == Position(3))
        #expect(database.checkpoint == .start)
        try database.apply(from: ListSource(events: events), through: Position(2))
        #expect(database.checkpoint == Position(2))
    }

    @Test("an error of the source leaves the last committed batch")
    func sourceFails() throws {
        struct Failing: EventSource {
            struct Trouble: Error {}
            let list: ListSource
            func head() throws -> Position { try list.head() }
            func forEachEvent(
                after: Position, through: Position, limit: Int,
                _ body: (borrowing EventView) throws -> Void
            ) throws -> Position {
                guard after < Position(4) else { throw Trouble() }
                return try list.forEachEvent(after: after, through: through, limit: limit, body)
            }
        }
        let database = try workshop.create(definition(Self.unique))
        let source = Failing(list: ListSource(events: Self.events(Array(repeating: 1, count: 9))))
        let error = annalsError {
            try database.apply(from: source, through: Position(9), batchEvents: 2)
        }
        #expect(error?.code == "LOG_READ")
        #expect(database.checkpoint == Position(4))
        #expect(try database.rows("SELECT count(*) FROM t") == [["4"]])
    }
}
