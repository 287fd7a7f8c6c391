import EventModel
import ProjectionEngine
import Testing

@Suite struct MigrationsChecksumTests {
    static let base = """
        -- Migration: 002_a
        -- Description: what is hashed
        -- Module: core
        -- Depends: 001

        -- Up
        CREATE TABLE t (
            id INTEGER PRIMARY KEY, -- the key
            a TEXT DEFAULT 'x  y'
        );

        -- On x.made
        INSERT INTO t (id) VALUES ($id);

        -- Off y.made

        -- Seed x.made x/1 seed
        { "id": 1 }

        -- Upcast x.made 1 2
        json_set(@data, '$.b', 1)

        -- Down
        DROP TABLE t;

        """

    private func checksums(_ text: String, file: String = "002_a.sql") throws -> Checksums {
        try Migration.parse(file: file, bytes: Array(text.utf8)).checksums
    }

    private func edited(_ old: String, _ new: String) throws -> [Checksums.Difference] {
        #expect(Self.base.contains(old))
        return try checksums(Self.base.replacing(old, with: new))
            .differences(from: checksums(Self.base))
    }

    @Test("Line ends, byte-order mark, final line ends and trailing spaces change no hash")
    func variants() throws {
        let reference = try checksums(Self.base)
        var count = 0
        for lineEnd in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{FEFF}"] {
                for end in ["", "\n", "\n\n\n"] {
                    let body = Self.base.split(separator: "\n", omittingEmptySubsequences: false)
                        .dropLast().joined(separator: "\n")
                    let text = mark + (body + end).replacing("\n", with: lineEnd)
                    #expect(try checksums(text) == reference)
                    let spaced = mark + (body + end).replacing("\n", with: " \t\(lineEnd)")
                    #expect(try checksums(spaced) == reference)
                    count += 2
                }
            }
        }
        #expect(count == 36)
    }

    @Test("A comment or spacing edit is cosmetic and names its part")
    func cosmetic() throws {
        let cases = [
            ("-- the key", "-- a key", "up"), ("a TEXT DEFAULT", "a  TEXT\nDEFAULT", "up"),
            ("INSERT INTO t", "/* new */ INSERT INTO t", "On x.made"),
            ("DROP TABLE t;", "-- gone\nDROP  TABLE t;", "down"),
            ("-- Off y.made", "-- Off y.made\n-- nobody sends it", "Off y.made"),
            ("json_set(@data,", "json_set( @data,", "Upcast x.made 1 2"),
            ("what is hashed", "what else", "header"),
        ]
        for (old, new, part) in cases {
            let differences = try edited(old, new)
            #expect(differences.map(\.part) == [part])
            #expect(differences.map(\.isCosmetic) == [true])
            let now = try checksums(Self.base.replacing(old, with: new))
            #expect(now.tokens == (try checksums(Self.base)).tokens)
            #expect(now.whole != (try checksums(Self.base)).whole)
        }
    }

    @Test("A real edit names its part and both hashes")
    func real() throws {
        let cases = [
            ("'x  y'", "'x y'", "up"), ("'x  y'", "'x  y '", "up"), ("'x  y'", "'x  y\n'", "up"),
            ("VALUES ($id)", "VALUES ($no)", "On x.made"),
            (
                "INSERT INTO t (id) VALUES ($id);",
                "-- INSERT INTO t (id) VALUES ($id);\nSELECT 1;", "On x.made"
            ),
            ("DROP TABLE t;", "DROP TABLE IF EXISTS t;", "down"),
            ("DROP TABLE t;", "DROP TABLE t; --\n;", "down"),
            ("{ \"id\": 1 }", "{ \"id\":  1 }", "Seed x.made x/1 seed"),
            ("'$.b', 1", "'$.b', 2", "Upcast x.made 1 2"),
            ("Module: core", "Module: other", "header"),
            ("-- Depends: 001\n", "", "header"),
        ]
        for (old, new, part) in cases {
            let differences = try edited(old, new)
            #expect(differences.map(\.part) == [part], "\(old) → \(new)")
            #expect(differences.map(\.isCosmetic) == [false], "\(old) → \(new)")
            #expect(differences.first?.was != differences.first?.now)
            #expect(differences.first?.was?.count == 64)
        }
    }

    @Test("Spaces at a line's end inside a string count")
    func spacesInStrings() throws {
        let one = Self.base.replacing("'x  y'", with: "'x\ny'")
        let two = Self.base.replacing("'x  y'", with: "'x \ny'")
        #expect(try checksums(one).text(of: "up") != checksums(two).text(of: "up"))
    }

    @Test("A comment that swallows a statement is a real edit, whatever the line end was")
    func swallowed() throws {
        let differences = try edited("-- the key\n", "-- the key ")
        #expect(differences.map(\.isCosmetic) == [false])
    }

    @Test("A new and a lost handler are differences with one hash")
    func handlers() throws {
        let added = try edited("-- Off y.made", "-- Off y.made\n-- On z.made\nSELECT 1;")
        #expect(added.map(\.part) == ["On z.made"])
        #expect(added[0].was == nil && added[0].now != nil && !added[0].isCosmetic)
        let lost = try edited("-- Off y.made\n", "")
        #expect(lost.map(\.part) == ["Off y.made"])
        #expect(lost[0].was != nil && lost[0].now == nil && !lost[0].isCosmetic)
        let replay = try edited("-- Down\nDROP TABLE t;", "-- Down: replay")
        #expect(replay.map(\.part) == ["down"])
    }

    @Test("A renamed or renumbered file keeps its token hash")
    func renamed() throws {
        let base = try checksums(Self.base)
        for name in ["002_b", "003_a", "V7__other"] {
            let other = try checksums(
                Self.base.replacing("002_a", with: name), file: "\(name).sql")
            #expect(other.tokens == base.tokens)
            #expect(other.differences(from: base).map(\.isCosmetic) == [true])
        }
        #expect(
            try checksums(Self.base, file: "V2__a.sql") == base, "the path is part of no hash")
    }

    @Test("Sections in another order are the same migration")
    func order() throws {
        let off = "-- Off y.made\n\n"
        let moved = Self.base.replacing(off, with: "").replacing(
            "-- Down\n", with: off + "-- Down\n")
        let base = try checksums(Self.base)
        #expect(try checksums(moved).tokens == base.tokens)
        #expect(try checksums(moved).differences(from: base).isEmpty)
    }

    @Test("The rendering that is stored reads back")
    func rendering() throws {
        let checksums = try checksums(Self.base)
        let rendering = checksums.rendering
        #expect(rendering.hasPrefix("sha256-v1\n\(checksums.whole) \(checksums.tokens)\n"))
        #expect(Checksums(rendering: rendering) == checksums)
        #expect(
            checksums.parts.map(\.name) == [
                "header", "up", "On x.made", "Off y.made", "Seed x.made x/1 seed",
                "Upcast x.made 1 2", "down",
            ])
        for broken in ["", "sha256-v2\na b", "sha256-v1", "sha256-v1\na", "sha256-v1\na b\nc d"] {
            #expect(Checksums(rendering: broken) == nil)
        }
    }

    @Test("The hashes of a known file are what they were")
    func pinned() throws {
        let checksums = try checksums(Self.base)
        #expect(
            checksums.whole == "b1d97de96b4bc36973b47d10b51deba2d80a74fd5883e469bcc701699fde9e1e")
        #expect(
            checksums.tokens == "b5034422a9555ed67252c6c52c339405457e72ab5768002d3f970435e66cebd8")
        #expect(
            checksums.text(of: "up")
                == "480533ff04330e521ba7c218938a7c155e58a1661724e80a141b2728cdf0e84c")
    }
}
