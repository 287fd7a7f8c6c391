import SQLite
import Testing

@Suite struct EventClockTests {
    @Test("CURRENT_TIMESTAMP, defaults, unixepoch and datetime('now') are the clock's time")
    func time() throws {
        let clock = try EventClock()
        let connection = try Connection(path: ":memory:", mode: .create, clock: clock)
        try connection.execute(
            """
            CREATE TABLE t (a TEXT DEFAULT CURRENT_TIMESTAMP, b INTEGER DEFAULT (unixepoch()),
                c TEXT DEFAULT (datetime('now', '+1 day')));
            """)
        for day in 0..<3 {
            clock.set(1_700_000_000_000 + Int64(day) * 86_400_000)
            try connection.execute("INSERT INTO t DEFAULT VALUES")
        }
        #expect(
            try column(connection, "SELECT a FROM t") == [
                "2023-11-14 22:13:20", "2023-11-15 22:13:20", "2023-11-16 22:13:20",
            ])
        #expect(
            try column(connection, "SELECT b FROM t") == ["1700000000", "1700086400", "1700172800"])
        #expect(try column(connection, "SELECT c FROM t LIMIT 1") == ["2023-11-15 22:13:20"])
    }

    @Test("a new clock stands at the epoch; a time that no calendar has is NULL")
    func limits() throws {
        let clock = try EventClock()
        let connection = try Connection(path: ":memory:", mode: .create, clock: clock)
        #expect(try column(connection, "SELECT datetime('now')") == ["1970-01-01 00:00:00"])
        for ms in [Int64.max, Int64.min] {
            clock.set(ms)
            #expect(try column(connection, "SELECT datetime('now')") == ["NULL"])
        }
    }

    @Test("clocks are independent of each other, and a clock outlives its variable in a connection")
    func independence() throws {
        func open(_ ms: Int64) throws -> Connection {
            let clock = try EventClock()
            clock.set(ms)
            return try Connection(path: ":memory:", mode: .create, clock: clock)
        }
        let connections = try (0..<20).map { try open(Int64($0) * 1000) }
        for (index, connection) in connections.enumerated() {
            #expect(try connection.int64("SELECT unixepoch()") == Int64(index))
        }
        let first = try EventClock()
        let second = try EventClock()
        #expect(first.vfsName != second.vfsName)
    }
}
