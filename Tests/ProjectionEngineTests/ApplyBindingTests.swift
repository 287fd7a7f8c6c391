import EventModel
import SQLite
import Testing

@testable import ProjectionEngine

@Suite struct ApplyBindingTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    static let one = """
        -- Up
        CREATE TABLE t (position INTEGER PRIMARY KEY, a, b);

        -- On set
        INSERT INTO t VALUES (@position, $a, @data -> '$.a');
        """

    @Test(
        "a field is bound with its JSON type",
        arguments: [
            (#"{"a":"x"}"#, "text", "'x'"), (#"{"a":"gr\u00fc\n\"\\"}"#, "text", "'grü\n\"\\'"),
            (#"{"a":""}"#, "text", "''"), (#"{"a":12}"#, "integer", "12"),
            (#"{"a":-9223372036854775808}"#, "integer", "-9223372036854775808"),
            (#"{"a":1e300}"#, "real", "1.0e+300"),
            (#"{"a":1.5}"#, "real", "1.5"), (#"{"a":1.0}"#, "real", "1.0"),
            (#"{"a":1e2}"#, "real", "100.0"), (#"{"a":true}"#, "integer", "1"),
            (#"{"a":false}"#, "integer", "0"), (#"{"a":null}"#, "null", "NULL"),
            (#"{"b":1}"#, "null", "NULL"), (#"{}"#, "null", "NULL"),
            (#"{"a":{"b": [1, 2]}}"#, "text", #"'{"b": [1, 2]}'"#),
            (#"{"a":[ 1,"]" ]}"#, "text", #"'[ 1,"]" ]'"#), (#"{"\u0061":7}"#, "integer", "7"),
            (#"{"b":{"a":1},"a":2}"#, "integer", "2"),
        ])
    func types(data: String, type: String, quoted: String) throws {
        let database = try workshop.build(definition(Self.one), [event(1, "set", data)])
        let rows = try database.rows("SELECT typeof(a), quote(a) FROM t")
        #expect(rows == [[type, quoted]])
    }

    @Test("a whole number beyond 64 bits is the nearest floating-point number")
    func largeNumbers() throws {
        let database = try workshop.build(
            definition(Self.one), [event(1, "set", #"{"a":9223372036854775808}"#)])
        #expect(try database.rows("SELECT a = 9223372036854775808.0 FROM t") == [["1"]])
    }

    @Test("random values are bound as SQLite's own JSON functions read them", arguments: 0..<8)
    func property(seed: UInt64) throws {
        var dice = SeededDice(state: seed)
        let events = (1...200).map { event($0, "set", #"{"z":0,"a":\#(Self.json(&dice))}"#) }
        let database = try workshop.build(definition(Self.one), events)
        #expect(try database.rows("SELECT count(*) FROM t") == [["200"]])
        // `->>` gives the SQL value of a scalar and the JSON text of the rest, as binding does.
        let different = try database.rows(
            """
            SELECT position, typeof(a), quote(a), typeof(b ->> '$'), quote(b ->> '$') FROM t
            WHERE a IS NOT b ->> '$' OR typeof(a) <> typeof(b ->> '$')
            """)
        #expect(different.isEmpty, "seed \(seed)")
    }

    /// Numbers with fractions have few digits: SQLite 3.40 does not round longer ones correctly.
    static func json(_ dice: inout SeededDice) -> String {
        switch Int.random(in: 0..<8, using: &dice) {
        case 0: return "null"
        case 1: return Bool.random(using: &dice) ? "true" : "false"
        case 2: return String(Int64.random(in: .min ... .max, using: &dice))
        case 3: return String(Int.random(in: -9...9, using: &dice))
        case 4: return "\(Int.random(in: -999...999, using: &dice)).25"
        case 5: return #"[1,"x",{"y":null}]"#
        case 6: return #"{"k":"v"}"#
        default:
            let letters = [
                "a", "ß", "😀", #"\n"#, #"\u00e9"#, #"\ud83d\ude00"#, #"\""#, #"\\"#, "/",
            ]
            let count = Int.random(in: 0..<9, using: &dice)
            let text = (0..<count).map { _ in letters.randomElement(using: &dice) ?? "" }
            return "\"" + text.joined() + "\""
        }
    }

    @Test("the envelope's parts are bound, absent ones as NULL")
    func envelope() throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE t (data, metadata, type, stream, key, revision, position, time, recorded, id);

            -- On set
            INSERT INTO t VALUES (@data, @metadata, @type, @stream, @key, @revision, @position, @time,
                @recorded, @id);
            """)
        let database = try workshop.build(
            projection,
            [
                event(1, "set", "{}", stream: "a/b/c", id: "i", metadata: #"{"by":"me"}"#),
                event(2, "set", #"{ "x":1}"#, stream: "plain"),
            ])
        #expect(
            try database.rows("SELECT * FROM t") == [
                [
                    "{}", #"{"by":"me"}"#, "set", "a/b/c", "b/c", "1", "1", "1700000001000",
                    "1700000001000", "i",
                ],
                [
                    #"{ "x":1}"#, "NULL", "set", "plain", "plain", "2", "2", "1700000002000",
                    "1700000002000", "NULL",
                ],
            ])
    }

    @Test("the clock is the event's time in handlers, defaults and triggers")
    func clock() throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP, u INTEGER);
            CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER);
            CREATE TRIGGER logged AFTER INSERT ON t BEGIN
                INSERT INTO log VALUES (new.id, unixepoch());
            END;

            -- On set
            INSERT INTO t (id, u) VALUES (@position, unixepoch('now'));
            """)
        let database = try workshop.build(
            projection, [event(1, "set", "{}"), event(2, "set", "{}")])
        #expect(
            try database.rows("SELECT t.at, u, log.at FROM t JOIN log USING (id)") == [
                ["2023-11-14 22:13:21", "1700000001", "1700000001"],
                ["2023-11-14 22:13:22", "1700000002", "1700000002"],
            ])
    }

    @Test("a CHECK, an index, a view and a trigger may read JSON")
    func jsonInSchema() throws {
        let workshop = try Workshop()
        let definition = try definition(
            """
            -- Up
            CREATE TABLE a (id TEXT PRIMARY KEY, tags TEXT CHECK (json_valid(tags)), n INTEGER);
            CREATE INDEX by_first ON a (json_extract(tags, '$[0]'));
            CREATE VIEW firsts AS SELECT id, tags ->> '$[0]' AS first FROM a;
            CREATE TRIGGER counted AFTER INSERT ON a BEGIN
                UPDATE a SET n = json_array_length(new.tags) WHERE id = new.id;
            END;

            -- On a.added
            INSERT INTO a (id, tags) VALUES (@key, $tags);
            """)
        try definition.check()
        let database = try workshop.build(
            definition, [event(1, "a.added", #"{"tags": ["x", "y"]}"#, stream: "a/1")])
        #expect(
            try database.rows("SELECT id, first, n FROM firsts JOIN a USING (id)") == [
                ["1", "x", "2"]
            ])
        let refused = annalsError {
            _ = try workshop.build(definition, [event(1, "a.added", #"{"tags": "["}"#)])
        }
        #expect(refused?.code == "EVENT_REFUSED")
    }

    @Test("handlers of one type run statement by statement; other types are passed over")
    func statements() throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, s TEXT);

            -- On set
            INSERT INTO t (id) VALUES ($id);
            UPDATE t SET s = 'a;b' WHERE id = $id; -- done
            ;

            -- On counted
            UPDATE t SET n = n + $by WHERE id = $id;
            """)
        let database = try workshop.build(
            projection,
            [
                event(1, "set", #"{"id":5}"#), event(2, "other", "{}"), event(3, "se", "{}"),
                event(4, "counted", #"{"by":3,"id":5}"#), event(5, "counted", #"{"id":5,"by":4}"#),
            ])
        #expect(try database.rows("SELECT * FROM t") == [["5", "7", "a;b"]])
        #expect(database.checkpoint == Position(5))
    }

    @Test("upcasts lead older data to the newest shape, step by step")
    func upcasts() throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE t (position INTEGER PRIMARY KEY, name TEXT, size INTEGER, data TEXT);

            -- On set
            INSERT INTO t VALUES (@position, $name, $size, @data);

            -- Upcast set 1 2
            json_object('name', @data ->> '$.title') -- renamed

            -- Upcast set 2 4
            json_set(@data, '$.size', 1)
            """)
        let database = try workshop.build(
            projection,
            [
                event(1, "set", #"{"title":"a"}"#),
                event(2, "set", #"{"name":"b"}"#, schemaVersion: 2),
                event(3, "set", #"{"name":"c","size":3}"#, schemaVersion: 4),
            ])
        #expect(
            try database.rows("SELECT name, size, data FROM t") == [
                ["a", "1", #"{"name":"a","size":1}"#], ["b", "1", #"{"name":"b","size":1}"#],
                ["c", "3", #"{"name":"c","size":3}"#],
            ])
        let bad = try definition(
            """
            -- Up
            CREATE TABLE t (a);

            -- On set
            INSERT INTO t VALUES (@data);

            -- Upcast set 1 2
            @data ->> '$.nothing'
            """)
        let error = annalsError { _ = try workshop.build(bad, [event(1, "set", "{}")]) }
        #expect(error?.code == "EVENT_REFUSED")
        #expect(error?.context.line == 12)
    }

    @Test(
        "what cannot be compiled is an error with file, line and column",
        arguments: [
            ("INSERT INTO t VALUES (1, 2,\n  :a)", "SQL_PARAMETER", 10, 3),
            ("INSERT INTO t VALUES (1, 2, ?)", "SQL_PARAMETER", 9, 29),
            ("INSERT INTO t VALUES (1, '@when', @when)", "SQL_PARAMETER", 9, 35),
            ("SELECT 1; SELECT é.nope FROM t", "SQL_ERROR", 9, 18),
            ("SELECT date('now',\n'utc')", "SQL_TIME_ZONE", 10, 1),
            ("SELECT date('now',\n$zone)", "SQL_TIME_ZONE", 10, 1),
            ("INSERT INTO t VALUES (1, $a, ?1)", "SQL_PARAMETER", 9, 30),
            ("INSERT OR ROLLBACK INTO t VALUES (1, 2, 3)", "SQL_ROLLBACK", 9, 11),
            ("DELETE FROM t;\nUPDATE t SET a = random()", "SQL_REFUSED", 10, 18),
            ("CREATE TABLE u (x)", "SQL_REFUSED", 9, 1),
            ("UPDATE checkpoint SET position = 1", "SQL_REFUSED", 9, 8),
        ])
    func loadErrors(sql: String, code: String, line: Int, column: Int) throws {
        let projection = try definition(
            """
            -- Up
            CREATE TABLE t (position INTEGER PRIMARY KEY, a, b);

            -- On set
            \(sql);
            """)
        let error = annalsError { _ = try workshop.create(projection) }
        #expect(error?.code == code)
        #expect(error?.context.file == "001_step.sql")
        #expect(error?.context.line == line)
        #expect(error?.context.column == column)
        #expect(error?.message.hasPrefix("001_step.sql:\(line):\(column): ") == true)
    }

    @Test("the place of an upcast's error is the place in the file")
    func upcastErrors() throws {
        func error(_ expression: String) throws -> AnnalsError? {
            let projection = try definition(
                """
                -- Up
                CREATE TABLE t (a);

                -- On set
                INSERT INTO t VALUES (@data);

                -- Upcast set 1 2
                \(expression)
                """)
            return annalsError { _ = try workshop.create(projection) }
        }
        #expect(try error("json_set(@data,\n  '$.x', nope)")?.context.line == 13)
        #expect(try error("json_set(@data,\n  '$.x', nope)")?.context.column == 10)
        #expect(try error("json($x)")?.code == "SQL_PARAMETER")
        #expect(try error("1), (2")?.code == "SQL_ERROR")
    }
}
