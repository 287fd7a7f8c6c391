import EventModel
import ProjectionEngine
import Testing

@Suite("Lint: waivers, history and neighbours")
struct LintWaiverTests {
    private static let up = "CREATE TABLE a (id TEXT PRIMARY KEY, n INTEGER) STRICT;"
    private static let handler = "-- On a.made\nUPDATE a SET n = $nmber WHERE n = $n;"

    private func draft(_ header: String) -> MigrationsDraft {
        var draft = MigrationsDraft()
        draft.add("001_base", up: Self.up, Self.handler, down: "-- Down\nDROP TABLE a;")
        draft.edit("001_base.sql") { text in
            text.replace("-- Module: core\n", with: "-- Module: core\n\(header)")
        }
        return draft
    }

    private func codes(_ header: String) throws -> [String] {
        try Linter(try draft(header).load()).findings().map {
            "\($0.waiver == nil ? "" : "waived ")\($0.code):\($0.line)"
        }.sorted()
    }

    @Test("A waiver with a reason marks the findings of its own file")
    func waived() throws {
        #expect(try codes("") == ["FULL_SCAN:8"])
        let header = "-- Lint: allow FULL_SCAN a dozen rows, ever\n"
        #expect(try codes(header) == ["waived FULL_SCAN:9"])
        let finding = try #require(try Linter(try draft(header).load()).findings().first)
        #expect(finding.waiver == "a dozen rows, ever")
    }

    @Test("A waiver of nothing, of no rule or of an error is a finding itself")
    func uselessWaivers() throws {
        #expect(
            try codes("-- Lint: allow NO_KEY it has one\n") == ["FULL_SCAN:9", "WAIVER_UNUSED:4"])
        #expect(
            try codes("-- Lint: allow NO_RULE why not\n") == ["FULL_SCAN:9", "WAIVER_UNKNOWN:4"])
        #expect(
            try codes("-- Lint: allow DANGLING_VIEW why not\n")
                == ["FULL_SCAN:9", "WAIVER_UNKNOWN:4"])
        // Whether a field occurs only a store can tell, so its waiver proves nothing here.
        #expect(
            try codes("-- Lint: allow FIELD_NEVER_OCCURS to come\n") == ["FULL_SCAN:9"])
    }

    @Test(
        "A waiver without a reason or with another verb does not load",
        arguments: [
            "allow FULL_SCAN", "allow", "deny FULL_SCAN because", "allow full_scan because",
        ])
    func badForm(_ text: String) {
        #expect(throws: AnnalsError(.invalid, "MIGRATION_HEADER", "")) {
            _ = try draft("-- Lint: \(text)\n").load()
        }
    }

    @Test("A waiver is a comment to the hashes: adding one is a cosmetic edit of the header")
    func hashes() throws {
        let plain = try draft("").load().migrations[0].checksums
        let waived = try draft("-- Lint: allow FULL_SCAN few rows\n").load().migrations[0].checksums
        #expect(plain.tokens == waived.tokens)
        let differences = waived.differences(from: plain)
        #expect(differences.map(\.part) == ["header"])
        #expect(!differences.contains { !$0.isCosmetic })
    }

    @Test("Types and fields that the log does not have: a slip of the pen is a warning")
    func history() throws {
        let linter = try Linter(try draft("").load())
        #expect(linter.fieldsRead == ["a.made": ["nmber", "n"]])
        func findings(_ types: Set<String>, _ fields: Set<String>) -> [String] {
            var history = LintHistory()
            history.types = types
            history.fields = ["a.made": fields]
            return linter.findings(history).filter { $0.code.hasSuffix("NEVER_OCCURS") }
                .map { "\($0.severity.rawValue) \($0.line):\($0.column) \($0.message)" }
        }
        #expect(findings([], []).isEmpty)
        #expect(
            findings(["team.joined"], [])
                == ["note 7:1 the log has no event of the type `a.made`."])
        #expect(
            findings(["a.mede"], []) == [
                "warning 7:1 the log has no event of the type `a.made`; the log has `a.mede`, "
                    + "which nothing handles."
            ])
        #expect(findings(["a.made"], ["n", "nmber"]).isEmpty)
        #expect(
            findings(["a.made"], ["n"])
                == ["note 8:18 no event of the type `a.made` carries `nmber`."])
        #expect(
            findings(["a.made"], ["n", "number"]) == [
                "warning 8:18 no event of the type `a.made` carries `nmber`; they carry `number`, "
                    + "which nothing reads."
            ])
    }

    @Test("A table and a seed's id of another projection are told with its name")
    func others() throws {
        var one = MigrationsDraft()
        one.add(
            "001_base", up: Self.up,
            "-- Seed a.made a/1 same\n{}\n-- On a.made\nINSERT INTO a SELECT id, n FROM orders;",
            down: "-- Down\nDROP TABLE a;")
        var two = MigrationsDraft()
        two.manifest = two.manifest.replacing("name: shop", with: "name: other")
        two.add(
            "001_base", up: "CREATE TABLE orders (id TEXT PRIMARY KEY);",
            "-- Seed o o/1 same\n{}\n-- On o\nINSERT INTO orders VALUES (@key);",
            down: "-- Down\nDROP TABLE orders;")
        let findings = try Linter(try one.load(), others: [try two.load()]).findings()
        #expect(
            Set(findings.map { "\($0.code):\($0.line):\($0.column)" }) == [
                "SEED_ID_CLASH:7:1", "OTHER_PROJECTION:10:33",
            ])
        #expect(findings.contains { $0.message.contains("the projection other") })
        // Alone it is only a table that there is not.
        #expect(try Linter(try one.load()).findings().map(\.code) == ["SQL_ERROR"])
    }

    @Test("A dropped and rebuilt table loses the columns that it does not get again")
    func rebuilt() throws {
        var draft = MigrationsDraft()
        draft.add("001_base", up: Self.up, "-- On a\nINSERT INTO a (id) VALUES (@key);")
        draft.add(
            "002_rebuild",
            up: """
                CREATE TABLE fresh (id TEXT PRIMARY KEY, m INTEGER) STRICT;
                INSERT INTO fresh (id) SELECT id FROM a;
                DROP TABLE a;
                ALTER TABLE fresh RENAME TO a;
                """)
        draft.add(
            "003_other_way",
            up: """
                ALTER TABLE a RENAME TO old;
                CREATE TABLE a (id TEXT PRIMARY KEY, m INTEGER) STRICT;
                INSERT INTO a SELECT * FROM old;
                DROP TABLE old;
                """)
        let linter = try Linter(try draft.load())
        #expect(
            linter.losses.map { "\($0.migration) \($0.table).\($0.column ?? "*")" } == ["2 a.n"])
        let codes = Set(linter.findings().map(\.code))
        #expect(codes == ["DROP_COLUMN", "DOWN_WITHOUT_REASON"], "\(codes)")
        var history = LintHistory()
        history.lost[linter.losses[0]] = 12
        let lost = linter.findings(history).first { $0.code == "DROP_COLUMN" }
        #expect(lost?.message == "the column a.n goes, with 12 values that are not NULL now.")
        #expect(lost?.severity == .warning)
        history.applied = [2]
        let past = linter.findings(history).first { $0.code == "DROP_COLUMN" }
        #expect(past?.severity == .note)
    }
}
