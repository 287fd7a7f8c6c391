import EventModel
import SQLite
import Testing

@testable import ProjectionEngine

@Suite struct ApplyCheckedTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    static let rules = """
        -- Up
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER CHECK (n > 0),
            parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER kept BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'rows are kept'); END;

        -- On set
        INSERT INTO t VALUES ($id, $name, $n, $parent);

        -- On gone
        DELETE FROM t WHERE id = $id;
        """

    static func database(_ workshop: Workshop) throws -> ProjectionDatabase {
        try workshop.build(
            definition(rules), [event(1, "set", #"{"id":1,"name":"a","n":1}"#)])
    }

    @Test(
        "a candidate that breaks a constraint is rejected by its kind and leaves nothing",
        arguments: [
            ("set", #"{"id":2,"name":"a","n":1}"#, "CONSTRAINT_UNIQUE", "t.name", 12),
            ("set", #"{"id":1,"name":"b","n":1}"#, "CONSTRAINT_UNIQUE", "t.id", 12),
            ("set", #"{"id":2,"name":"b","n":0}"#, "CONSTRAINT_CHECK", "n > 0", 12),
            ("set", #"{"id":2,"n":1}"#, "CONSTRAINT_NOT_NULL", "t.name", 12),
            ("set", #"{"id":2,"name":"b","parent":7}"#, "CONSTRAINT_FOREIGN_KEY", "FOREIGN", 12),
            ("set", #"{"id":"x","name":"b"}"#, "EVENT_REFUSED", "datatype mismatch", 12),
            ("gone", #"{"id":1}"#, "CONSTRAINT_TRIGGER", "rows are kept", 15),
        ])
    func rejected(type: String, data: String, code: String, text: String, line: Int) throws {
        let database = try Self.database(workshop)
        try database.beginImmediate()
        let error = annalsError {
            try database.savepoint { () throws(AnnalsError) in
                try Self.candidate(event(2, "set", #"{"id":9,"name":"z","n":1}"#), database)
                try Self.candidate(event(3, type, data), database)
            }
        }
        #expect(error?.kind == .invalid)
        #expect(error?.code == code)
        #expect(error?.message.contains(text) == true)
        #expect(error?.message.contains(type) == true)
        #expect(error?.context.line == line)
        #expect(error?.context.position == Position(3))
        #expect(database.checkpoint == Position(1))
        try database.savepoint { () throws(AnnalsError) in
            try Self.candidate(event(2, "set", #"{"id":2,"name":"b","n":5}"#), database)
        }
        try database.commit()
        #expect(database.checkpoint == Position(2))
        #expect(try database.rows("SELECT id, name FROM t") == [["1", "a"], ["2", "b"]])
        #expect(try database.rows("SELECT position FROM checkpoint") == [["2"]])
    }

    static func candidate(
        _ event: RecordedEvent, _ database: ProjectionDatabase
    ) throws(AnnalsError) {
        do {
            try withView(of: event) { view in try database.applyCandidate(view) }
        } catch let error as AnnalsError {
            throw error
        } catch {
            Issue.record("not an AnnalsError: \(error)")
        }
    }

    @Test("the turn catches up first, and a rollback takes back all of it")
    func catchUp() throws {
        let database = try Self.database(workshop)
        let source = ListSource(events: [
            event(1, "set", "{}"), event(2, "set", #"{"id":2,"name":"b","n":5}"#),
        ])
        try database.beginImmediate()
        try database.catchUp(from: source, through: Position(2))
        #expect(database.checkpoint == Position(2))
        try database.rollback()
        #expect(database.checkpoint == Position(1))
        #expect(try database.rows("SELECT count(*) FROM t") == [["1"]])
        try database.beginImmediate()
        try database.catchUp(from: source, through: Position(2))
        try database.commit()
        #expect(try database.rows("SELECT count(*) FROM t") == [["2"]])
    }

    @Test("two connections of one file follow each other's checkpoint")
    func twoConnections() throws {
        let first = try Self.database(workshop)
        let second = try ProjectionDatabase.open(
            path: first.path, definition: first.definition, versions: [1])
        let source = ListSource(events: [
            event(1, "set", "{}"), event(2, "set", #"{"id":2,"name":"b","n":5}"#),
            event(3, "set", #"{"id":3,"name":"c","n":5}"#),
        ])
        try second.apply(from: source, through: Position(2))
        #expect(try first.apply(from: source, through: Position(3)) == 1)
        #expect(try first.rows("SELECT count(*) FROM t") == [["3"]])
        try second.beginImmediate()
        #expect(second.checkpoint == Position(3))
        try second.rollback()
    }
}
