import EventModel
import ProjectionEngine
import Testing

/// One hazard planted into a projection, and where it must be found.
struct PlantedHazard: Sendable, CustomTestStringConvertible {
    let code: String
    /// The text that stands at the finding's place.
    let at: String
    let up: String
    var sections = ""
    var down = "-- Down: replay\n-- a reason"
    /// A second migration, of the module `extra`, which does not depend on the first one's.
    var extra: (up: String, sections: String)?
    /// What is to be written instead of `wrong`, which is `at` unless it says otherwise.
    let right: String
    var wrong: String?

    var testDescription: String { "\(code) at \(at)" }

    static let table = "CREATE TABLE a (id TEXT PRIMARY KEY, n INTEGER) STRICT;"
    static let fill = "-- On a.made\nINSERT INTO a (id, n) VALUES (@key, $n);"
    static let children = """
        \(table)
        CREATE TABLE b (id TEXT PRIMARY KEY, a TEXT REFERENCES a (id) ON DELETE CASCADE);
        CREATE INDEX b_a ON b (a);
        """
    static let fillBoth = "\(fill)\n-- On b.made\nINSERT INTO b (id, a) VALUES (@key, $a);"

    static let all = statements + tables + crossModule

    static let statements = [
        PlantedHazard(
            code: "NONDETERMINISTIC_FUNCTION", at: "random()", up: table,
            sections: "-- On a.made\nINSERT INTO a (id, n) VALUES (@key, random());", right: "$n"),
        PlantedHazard(
            code: "NONDETERMINISTIC_MODIFIER", at: "'localtime'", up: table,
            sections: "-- On a.made\nINSERT INTO a (id, n) VALUES (date(1, 'localtime'), 1);",
            right: "'weekday 1'"),
        PlantedHazard(
            code: "UNORDERED_LIMIT", at: "LIMIT 1", up: table,
            sections: fill
                + "\n-- On b\nUPDATE a SET n = (SELECT o.n FROM a AS o WHERE o.id > @key LIMIT 1) WHERE id = @key;",
            right: "ORDER BY o.id LIMIT 1"),
        PlantedHazard(
            code: "NO_WHERE", at: "DELETE FROM a;", up: table,
            sections: "\(fill)\n-- On b\nDELETE FROM a;", right: "DELETE FROM a WHERE true;"),
        PlantedHazard(
            code: "NO_WHERE", at: "UPDATE a SET n = 1;", up: table,
            sections: "\(fill)\n-- On b\nWITH c AS (SELECT 1 WHERE true) UPDATE a SET n = 1;",
            right: "UPDATE a SET n = 1 WHERE id = @key;"),
        PlantedHazard(
            code: "FULL_SCAN", at: "a AS x", up: table,
            sections: "\(fill)\n-- On b\nUPDATE a AS x SET n = 1 WHERE n = $n;",
            right: "a AS x SET n = 1 WHERE id = $n;\n--"),
        PlantedHazard(
            code: "REPLACE_CASCADES", at: "INSERT OR REPLACE", up: children,
            sections: fillBoth + "\n-- On c\nINSERT OR REPLACE INTO a (id, n) VALUES (@key, 2);",
            right: "INSERT OR IGNORE"),
        PlantedHazard(
            code: "ROWS_IN_UP", at: "INSERT INTO a VALUES",
            up: "\(table)\nINSERT INTO a VALUES ('x', 1);",
            sections: fill, right: "CREATE INDEX i ON a (n); --"),
        PlantedHazard(
            code: "SEED_UNSTABLE", at: "-- Seed a.made a/1 s1", up: table,
            sections:
                "-- Seed a.made a/1 s1\n{}\n-- On a.made\nINSERT INTO a VALUES (@key, @position);",
            right: "7", wrong: "@position"),
        PlantedHazard(
            code: "DOWN_WITHOUT_REASON", at: "-- Down: replay", up: table, sections: fill,
            down: "-- Down: replay", right: "-- Down\nDROP TABLE a;"),
    ]

    static let tables = [
        PlantedHazard(
            code: "NO_KEY", at: "a (id", up: "CREATE TABLE a (id TEXT, n INTEGER);", sections: fill,
            right: "a (rowid INTEGER PRIMARY KEY, id"),
        PlantedHazard(
            code: "AUTOINCREMENT", at: "AUTOINCREMENT",
            up: "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER);",
            sections: "-- On a.made\nINSERT INTO a (n) VALUES ($n);", right: ""),
        PlantedHazard(
            code: "FLOAT_KEY", at: "x DOUBLE",
            up: "CREATE TABLE a (id TEXT, n, x DOUBLE, PRIMARY KEY (id, x));",
            sections: fill, right: "x TEXT"),
        PlantedHazard(
            code: "DEFAULT_TIME", at: "DEFAULT (unixepoch())",
            up: "CREATE TABLE a (id TEXT PRIMARY KEY, n, t DEFAULT (unixepoch()));", sections: fill,
            right: "DEFAULT (abs(-1))"),
        PlantedHazard(
            code: "DEFAULT_TIME", at: "DEFAULT CURRENT_TIMESTAMP",
            up: "CREATE TABLE a (id TEXT PRIMARY KEY, n, t DEFAULT CURRENT_TIMESTAMP);",
            sections: fill, right: "DEFAULT 'CURRENT_TIMESTAMP'"),
        PlantedHazard(
            code: "FOREIGN_KEY_UNINDEXED", at: "a TEXT",
            up: "\(table)\nCREATE TABLE b (id TEXT PRIMARY KEY, a TEXT REFERENCES a (id));",
            sections: fillBoth, right: "a TEXT UNIQUE"),
        PlantedHazard(
            code: "UNUSED_TABLE", at: "unused (",
            up: "\(table)\nCREATE TABLE unused (id TEXT PRIMARY KEY);",
            sections: fill, right: "a2 (id TEXT PRIMARY KEY);\nDROP TABLE a2; --"),
        PlantedHazard(
            code: "DANGLING_VIEW", at: "CREATE VIEW",
            up: "\(table)\nCREATE VIEW v AS SELECT gone FROM a;",
            sections: fill, right: "CREATE VIEW v AS SELECT n FROM a; --"),
        PlantedHazard(
            code: "DANGLING_TRIGGER", at: "CREATE TRIGGER",
            up:
                "\(table)\nCREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET gone = 1 WHERE id = 1; END;",
            sections: fill, right: "--"),
        PlantedHazard(
            code: "MIGRATION_LARGE", at: "CREATE TABLE t1 ",
            up: (1...9).map { "CREATE TABLE t\($0) (id TEXT PRIMARY KEY);" }.joined(
                separator: "\n"),
            sections: (1...9).map { "-- On t\($0)\nINSERT INTO t\($0) VALUES (@key);" }
                .joined(separator: "\n"),
            right: "--"),
    ]

    static let crossModule = [
        PlantedHazard(
            code: "MODULE_BOUNDARY", at: "a SET n = 2", up: table, sections: fill,
            extra: ("-- Up: none", "-- On b\nUPDATE a SET n = 2 WHERE id = @key;"),
            right: "e SET x = 2"),
        PlantedHazard(
            code: "MODULE_BOUNDARY", at: "a ADD COLUMN", up: table, sections: fill,
            extra: ("ALTER TABLE a ADD COLUMN c TEXT;", ""), right: "e ADD COLUMN"),
        PlantedHazard(
            code: "MODULE_BOUNDARY", at: "ref TEXT PRIMARY KEY REFERENCES a (id)", up: table,
            sections: fill,
            extra: (
                "CREATE TABLE f (ref TEXT PRIMARY KEY REFERENCES a (id));",
                "-- On f\nINSERT INTO f VALUES (@key);"
            ),
            right: "ref TEXT PRIMARY KEY"),
        PlantedHazard(
            code: "DROP_COLUMN", at: "n;", up: table,
            sections: "-- On a.made\nINSERT INTO a (id) VALUES (@key);",
            extra: ("ALTER TABLE a DROP COLUMN n;", ""), right: "RENAME COLUMN n TO m",
            wrong: "DROP COLUMN n"),
        PlantedHazard(
            code: "DROP_TABLE", at: "a;", up: table,
            extra: ("DROP TABLE a;", ""), right: "IF EXISTS none;"),
    ]
}

@Suite("Lint")
struct LintTests {
    /// The planted projection; without the hazard when `isRight`.
    private func draft(_ hazard: PlantedHazard, isRight: Bool) -> MigrationsDraft {
        func text(_ text: String) -> String {
            isRight ? text.replacing(hazard.wrong ?? hazard.at, with: hazard.right) : text
        }
        var draft = MigrationsDraft(
            """
            name: shop
            modules:
              - { name: core, range: [1, 9] }
              - { name: extra, range: [10, 19] }
            """)
        draft.add(
            "001_base", up: text(hazard.up), text(hazard.sections), down: text(hazard.down))
        draft.add(
            "010_own", module: "extra", up: "CREATE TABLE e (id TEXT PRIMARY KEY, x INTEGER);",
            "-- On e\nINSERT INTO e VALUES (@key, 1);", down: "-- Down: replay\n-- a reason")
        if let extra = hazard.extra {
            draft.add(
                "011_extra", module: "extra",
                up: extra.up.hasPrefix("-- Up") ? nil : text(extra.up), text(extra.sections),
                down: "-- Down: replay\n-- a reason")
            if extra.up.hasPrefix("-- Up") { draft.removeUp(of: "011_extra.sql") }
        }
        return draft
    }

    @Test("Each planted hazard is found at its place, and only it", arguments: PlantedHazard.all)
    func found(_ hazard: PlantedHazard) throws {
        let draft = draft(hazard, isRight: false)
        let findings = try Linter(try draft.load()).findings().filter { $0.waiver == nil }
        let found = findings.filter { $0.code == hazard.code }
        let finding = try #require(found.first, "\(findings)")
        let lines = draft.text(of: finding.file).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[finding.line - 1].dropFirst(finding.column - 1).hasPrefix(
                hazard.at.prefix { $0 != "\n" }), "\(finding)")
        #expect(found.count == 1, "\(found)")
        #expect(!finding.remedy.isEmpty)
        // A dropped table or column changes other things too; all else is one finding.
        if !hazard.code.hasPrefix("DROP_") {
            #expect(
                findings.allSatisfy { $0.code == hazard.code || $0.severity == .note },
                "\(findings)")
        }
    }

    @Test("Without the hazard the rule is silent", arguments: PlantedHazard.all)
    func silent(_ hazard: PlantedHazard) throws {
        let findings = try Linter(try draft(hazard, isRight: true).load()).findings()
        #expect(!findings.contains { $0.code == hazard.code }, "\(findings)")
    }

    @Test("A table that rows are only copied from counts as touched: SQLite does not ask about it")
    func copied() throws {
        let hazard = PlantedHazard(
            code: "MODULE_BOUNDARY", at: "a;", up: PlantedHazard.table,
            sections: PlantedHazard.fill,
            extra: (
                "CREATE TABLE f (id TEXT PRIMARY KEY, n INTEGER);",
                "-- On f\nINSERT INTO f SELECT * FROM a;"
            ),
            right: "e;")
        for isRight in [false, true] {
            let findings = try Linter(try draft(hazard, isRight: isRight).load()).findings()
            #expect(findings.filter { $0.code == hazard.code }.count == (isRight ? 0 : 1))
        }
    }

    @Test("Every rule that needs no second projection and no store is planted at least once")
    func complete() {
        let elsewhere: Set<String> = [
            "OTHER_PROJECTION", "SEED_ID_CLASH", "TYPE_NEVER_OCCURS", "FIELD_NEVER_OCCURS",
            "WAIVER_UNKNOWN", "WAIVER_UNUSED",
        ]
        let planted = Set(PlantedHazard.all.map(\.code))
        #expect(planted.union(elsewhere) == Set(LintRule.allCases.map(\.rawValue)))
    }
}
