import SQLite
import Testing

@Suite struct SQLiteTextTests {
    @Test("a text is complete only at the end of a statement")
    func completeness() {
        #expect(SQLiteText.isComplete("SELECT 1; -- done"))
        #expect(!SQLiteText.isComplete("SELECT ';"))
        #expect(!SQLiteText.isComplete("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;"))
        #expect(SQLiteText.isComplete("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;"))
    }

    @Test("tokens are cut as SQLite cuts them")
    func tokens() {
        let sql =
            "SELECT 'it''s',\"a\"\"b\",[c]],`d` ,x'0f', -1.5e-3+.5 --x\n/* ' */->>$n@m:o?12||ünï"
        let texts = SQLiteText.tokens(of: sql).map {
            String(decoding: Array(sql.utf8)[$0.range], as: UTF8.self)
        }
        #expect(
            texts == [
                "SELECT", "'it''s'", ",", "\"a\"\"b\"", ",", "[c]", "]", ",", "`d`", ",", "x'0f'",
                ",", "-", "1.5e-3", "+", ".5", "->>", "$n", "@m", ":o", "?12", "||", "ünï",
            ])
        #expect(SQLiteText.tokens(of: "x 'open").last?.isTerminated == false)
        #expect(SQLiteText.tokens(of: "-- only\n/* this */").isEmpty)
    }

    @Test("time zone modifiers are found where a time function takes them, and only there")
    func timeZones() {
        let sql = "SELECT 'utc', date('now', 'localtime'), upper('utc') -- date('x','utc')\n"
        #expect(SQLiteText.timeZoneModifiers(in: sql) == [26])
        #expect(SQLiteText.timeZoneModifiers(in: "strftime('%s', (x), 'UTC')") == [20])
        #expect(
            SQLiteText.timeZoneModifiers(in: "CREATE TABLE t (a DEFAULT (datetime(1,'utc')))").count
                == 1)
        #expect(SQLiteText.timeZoneModifiers(in: "\"date\"(1, 'utc')") == [10])
        #expect(SQLiteText.timeZoneModifiers(in: "date(datetime(1, 'utc'))") == [17])
        #expect(SQLiteText.timeZoneModifiers(in: "INSERT INTO date VALUES (upper('utc'))").isEmpty)
    }

    @Test(
        "a time modifier that the text does not tell is found",
        arguments: [
            "date($a, $b)", "datetime('now', 'local' || 'time')", "time(1, lower('UTC'))",
            "strftime('%s', 'now', t.zone)", "julianday(1, 'start of day', (@data ->> '$.zone'))",
            "\"datetime\"(1, +$b)", "unixepoch(1, CASE WHEN 1 THEN 'utc' END)",
            "SELECT a FROM t JOIN u ON date(t.a, u.b) = 1", "SELECT date(a, b) AS c",
        ])
    func openModifiers(sql: String) {
        #expect(SQLiteText.openTimeModifiers(in: sql).count == 1)
    }

    @Test(
        "a time modifier that is an amount, a literal or none at all is none",
        arguments: [
            "date($a)", "strftime($format, $a)", "strftime('%Y', $a / 1000.0, 'unixepoch')",
            "date($a, '+' || $days || ' days')", "date($a, ('-' || ($n * 2)) || ' months')",
            "date($a, -$n)", "date($a, 3)", "datetime()", "CREATE TABLE date (a, b)",
            "CREATE TABLE IF NOT EXISTS time (a, b REFERENCES date (x, y))",
            "INSERT INTO main.date (a, b) VALUES (1, 2)", "CREATE INDEX i ON date (a, b)",
            "WITH x AS (SELECT 1), date (a, b) AS (SELECT 1, 2) SELECT a FROM date",
        ])
    func closedModifiers(sql: String) {
        #expect(SQLiteText.openTimeModifiers(in: sql).isEmpty)
    }

    @Test("the clauses that roll the whole transaction back are found")
    func rollbacks() {
        #expect(SQLiteText.rollbackClauses(in: "INSERT OR ROLLBACK INTO a VALUES (1)") == [10])
        #expect(
            SQLiteText.rollbackClauses(in: "CREATE TABLE a (x UNIQUE ON CONFLICT rollback)").count
                == 1)
        #expect(SQLiteText.rollbackClauses(in: "SELECT RAISE ( ROLLBACK, 'x')").count == 1)
        #expect(SQLiteText.rollbackClauses(in: "SELECT rollback, 'OR ROLLBACK' FROM a").isEmpty)
    }

    @Test("a default that depends on chance is found, which the authorizer does not see")
    func defaults() throws {
        let sql = "CREATE TABLE r (a DEFAULT ( 1 + \"Random\" ()), random(x), b DEFAULT (abs(-1)))"
        let found = SQLiteText.nondeterministicDefaults(in: sql)
        #expect(found.map(\.function) == ["random"])
        #expect(found.first?.offset == 32)
    }
}
