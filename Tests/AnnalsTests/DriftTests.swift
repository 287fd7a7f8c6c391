import AnnalsTesting
import EventModel
import Foundation
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Drift: every edit is found, no other difference is one")
struct DriftTests {
    /// A migration with every kind of section.
    static let text = """
        -- Migration: 002_all
        -- Description: Everything
        -- Module: core
        -- Depends: 001

        -- Up
        CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT NOT NULL DEFAULT 'x  y', n REAL) STRICT;
        -- The index is for readers.
        CREATE INDEX a_t ON a (t);
        CREATE TRIGGER a_i AFTER INSERT ON a WHEN new.n > 1.5
        BEGIN
            UPDATE a SET n = 1.5 WHERE id = new.id;
        END;

        -- On a.made
        INSERT INTO a (id, t, n) VALUES (@position, $t, $n);

        -- On a.gone
        DELETE FROM a WHERE id = $id; -- all of it
        DELETE FROM a WHERE t = 'gone';

        -- Upcast a.made 1 2
        json_set(@data, '$.n', 1)

        -- Seed a.made a/1 seed/a
        { "t": "first", "n": 1 }

        -- Down
        DROP TRIGGER a_i;
        DROP TABLE a;

        """

    static let base = """
        -- Migration: 001_base
        -- Description: Nothing much
        -- Module: core

        -- Up
        CREATE TABLE base (id INTEGER PRIMARY KEY);

        -- Off base.none

        -- Down
        DROP TABLE base;

        """.replacingOccurrences(of: "-- Off base.none\n\n", with: "")

    /// What an edit changes, and the part that must be named; `nil` where only the look differs.
    static let edits: [(from: String, to: String, part: String?)] = [
        ("-- Depends: 001\n", "", "header"),
        ("-- Module: core", "-- Module: more", "header"),
        ("CREATE TABLE a (", "CREATE TABLE b (", "up"),
        ("INTEGER PRIMARY KEY, t", "INTEGER PRIMARY KEY ASC, t", "up"),
        ("TEXT NOT NULL", "TEXT", "up"),
        ("'x  y'", "'x y'", "up"),
        ("'x  y'", "'x  Y'", "up"),
        ("'x  y'", "\"x  y\"", "up"),
        ("'x  y'", "'x\ty'", "up"),
        ("'x  y'", "'x  y '", "up"),
        ("n REAL)", "n INTEGER)", "up"),
        ("n REAL)", "n REAL, m REAL)", "up"),
        (") STRICT;", ");", "up"),
        (") STRICT;", ") STRICT, WITHOUT ROWID;", "up"),
        ("CREATE INDEX a_t", "CREATE UNIQUE INDEX a_t", "up"),
        ("CREATE INDEX a_t ON a (t);\n", "", "up"),
        ("ON a (t);", "ON a (t, n);", "up"),
        ("ON a (t);", "ON a (t DESC);", "up"),
        ("ON a (t);", "ON a (t) WHERE n > 0;", "up"),
        // The moved line break swallows a statement.
        (
            "-- The index is for readers.\nCREATE INDEX",
            "-- The index is for readers. CREATE INDEX", "up"
        ),
        ("-- The index is for readers.\n", "-- The index is for\nreaders.\n", "up"),
        ("AFTER INSERT", "BEFORE INSERT", "up"),
        ("AFTER INSERT", "AFTER UPDATE", "up"),
        ("new.n > 1.5", "new.n > 1.50", "up"),
        ("new.n > 1.5", "new.n >= 1.5", "up"),
        ("new.n > 1.5", "old.n > 1.5", "up"),
        ("SET n = 1.5", "SET n = 1.6", "up"),
        ("WHERE id = new.id;\nEND", "WHERE id = new.id; SELECT 1;\nEND", "up"),
        ("a_i AFTER", "a_j AFTER", "up"),
        ("INSERT INTO a (id, t, n)", "INSERT OR IGNORE INTO a (id, t, n)", "On a.made"),
        ("INSERT INTO a (id, t, n)", "INSERT INTO a (id, n, t)", "On a.made"),
        ("@position, $t", "@revision, $t", "On a.made"),
        ("$t, $n", "$T, $n", "On a.made"),
        ("$t, $n", "$n, $t", "On a.made"),
        ("$t, $n)", "$t, coalesce($n, 0))", "On a.made"),
        ("$t, $n);", "$t, $n); SELECT 1;", "On a.made"),
        ("-- On a.made", "-- On a.maid", "On a.made"),
        ("id = $id", "id = $ID", "On a.gone"),
        ("id = $id", "id <> $id", "On a.gone"),
        ("id = $id; -- all of it\n", "-- all of it\nid = $id;\n", nil),
        ("id = $id; -- all of it", "id = $id -- ; all of it", "On a.gone"),
        (
            "; -- all of it\nDELETE FROM a WHERE t = 'gone';",
            "; -- all of it DELETE FROM a WHERE t = 'gone';", "On a.gone"
        ),
        ("t = 'gone'", "t = 'Gone'", "On a.gone"),
        ("t = 'gone'", "t = 'gone' OR 1", "On a.gone"),
        ("t = 'gone'", "t = /* 'gone' */ 'went'", "On a.gone"),
        ("'$.n', 1)", "'$.n', 2)", "Upcast a.made 1 2"),
        ("json_set", "json_insert", "Upcast a.made 1 2"),
        ("Upcast a.made 1 2", "Upcast a.made 1 3", "Upcast a.made 1 2"),
        ("\"first\"", "\"First\"", "Seed a.made a/1 seed/a"),
        ("\"n\": 1 }", "\"n\": 1.0 }", "Seed a.made a/1 seed/a"),
        ("a/1 seed/a", "a/2 seed/a", "Seed a.made a/1 seed/a"),
        ("DROP TRIGGER a_i;\n", "", "down"),
        ("DROP TABLE a;", "DROP TABLE IF EXISTS a;", "down"),
        ("-- Down\nDROP TRIGGER a_i;\nDROP TABLE a;\n", "-- Down: replay\n", "down"),
        (
            "-- On a.gone\nDELETE FROM a WHERE id = $id; -- all of it\nDELETE FROM a WHERE t = 'gone';\n\n",
            "", "On a.gone"
        ),
    ]

    private static func definition(
        _ text: String, as name: String = "002_all", and others: [(String, String)] = []
    ) throws -> ProjectionDefinition {
        let manifest = """
            name: drift
            modules: [{ name: core, range: [1, 9] }, { name: more, range: [10, 19] }]

            """
        // As a store reads it: what was applied is compared before anything else.
        return try ProjectionDefinition.load(
            manifest: ("projection.yaml", Array(manifest.utf8)),
            files: [
                ("001_base.sql", Array(base.utf8)), ("\(name).sql", Array(text.utf8)),
            ] + others.map { ("\($0.0).sql", Array($0.1.utf8)) }, isChecked: false)
    }

    private static func applied() throws -> [ProjectionState.Applied] {
        try definition(text).migrations.map {
            .init(
                number: $0.number, name: $0.name, module: $0.module, appliedAt: 0,
                checksums: $0.checksums.rendering)
        }
    }

    @Test("M1.6 C26 Planted edits are found, each in its part with both hashes")
    func planted() throws {
        let applied = try Self.applied()
        #expect(Self.edits.filter { $0.part != nil }.count >= 50)
        for edit in Self.edits {
            let text = Self.text.replacingOccurrences(of: edit.from, with: edit.to)
            #expect(text != Self.text, "\(edit.from) is not in the text")
            let drift = try Self.definition(text).drift(from: applied)
            guard let part = edit.part else {
                #expect(drift.allSatisfy { !$0.isBlocking }, "\(edit): \(drift)")
                continue
            }
            let found = drift.first { $0.part == part }
            #expect(found?.kind == .edited && found?.number == 2, "\(edit): \(drift)")
            #expect(found?.was?.count == 64 && found?.was != found?.now, "\(edit)")
            #expect(found?.summary.contains(part) == true, "\(edit)")
        }
    }

    @Test("Comments, spacing, description and name are no edits")
    func cosmetic() throws {
        let applied = try Self.applied()
        for (from, to) in [
            ("Description: Everything", "Description: Nearly everything"),
            ("-- The index is for readers.\n", ""),
            ("CREATE TABLE a (id", "CREATE TABLE a (\n    id"),
            ("DROP TABLE a;", "DROP  TABLE  a ;"), (" -- all of it", " /* all of it */"),
            ("CREATE INDEX", "-- Why\nCREATE INDEX"),
        ] {
            let text = Self.text.replacingOccurrences(of: from, with: to)
            #expect(text != Self.text, "\(from)")
            let drift = try Self.definition(text).drift(from: applied)
            #expect(drift.map(\.kind) == [.cosmetic], "\(to): \(drift)")
        }
    }

    /// A file at the old number with the same content made the move look like a new name, which blocks
    /// nothing: the moved file would have been applied a second time.
    @Test("M1.6 A moved migration is renumbered, whatever stands at its old number now")
    func movedAndReplaced() throws {
        func named(_ name: String) -> String {
            Self.text.replacingOccurrences(of: "002_all", with: name)
        }
        let applied = try Self.applied()
        let moved = ("003_all", named("003_all"))
        let copy = try Self.definition(named("002_other"), as: "002_other", and: [moved])
            .drift(from: applied)
        #expect(copy.map(\.kind) == [.renumbered] && copy.first?.movedTo == 3, "\(copy)")
        #expect(copy.first?.isBlocking == true)
        let other = try Self.definition(
            Self.base.replacingOccurrences(of: "001_base", with: "002_base"), as: "002_base",
            and: [moved]
        ).drift(from: applied)
        #expect(other.map(\.kind) == [.renumbered] && other.first?.movedTo == 3, "\(other)")
        // Where nothing else has its name, it has a new one; where both have, nothing has moved.
        let renamed = try Self.definition(
            named("002_other"), as: "002_other", and: [("003_third", named("003_third"))]
        ).drift(from: applied)
        #expect(renamed.map(\.kind) == [.renamed], "\(renamed)")
        #expect(try Self.definition(Self.text, and: [moved]).drift(from: applied).isEmpty)
    }

    @Test("Twelve variants of line ends, byte-order mark and final newline are no drift at all")
    func lineEnds() throws {
        let applied = try Self.applied()
        var variants = 0
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{FEFF}"] {
                for isEnded in [true, false] {
                    var text = Self.text
                    if !isEnded { while text.last == "\n" { text.removeLast() } }
                    text = mark + text.replacingOccurrences(of: "\n", with: end)
                    let drift = try Self.definition(text).drift(from: applied)
                    #expect(
                        drift.isEmpty,
                        "\(end.debugDescription) \(mark.isEmpty) \(isEnded): \(drift)")
                    variants += 1
                }
            }
        }
        #expect(variants == 12)
    }
}
