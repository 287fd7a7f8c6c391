import EventModel
import ProjectionEngine
import Testing

/// A small generator whose runs can be repeated by their seed.
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct MigrationsPropertyTests {
    private static let traps = [
        "-- Up", "-- Down", "-- Down: replay", "-- On x.made", "-- Off x.made", "--down",
        "-- Seed a b c", "-- Upcast x.made 1 2", "-- Module: other", "-- +goose Up", "-- On", ";",
        "-- Up: none", "  -- Down", "END;", "-- On every line of this kind",
    ]

    /// A statement that holds lines that look like markers, where they are text.
    private func statement(_ index: Int, _ dice: inout Dice) -> String {
        var traps: [String] = []
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            traps.append(Self.traps.randomElement(using: &dice) ?? "")
        }
        let trap = "\n" + traps.joined(separator: "\n") + "\n"
        return switch Int.random(in: 0..<7, using: &dice) {
        case 0: "INSERT INTO t\(index) VALUES ('\(trap)''\(trap)');"
        case 1: "/*\(trap)*/ SELECT \(index);"
        case 2: "SELECT \"\(trap)\" FROM t\(index);"
        case 3: "SELECT [\(trap.replacing("[", with: ""))], `\(trap)` FROM t\(index);"
        case 4:
            """
            CREATE TRIGGER g\(index) AFTER INSERT ON t\(index) BEGIN
                SELECT CASE WHEN 1 THEN '\(trap)' END;
            \(trap.replacing("END;", with: "").replacing(";", with: ""))
                DELETE FROM t\(index);
            END;
            """
        case 5: "SELECT \(index) -- an ordinary comment; with '\n;"
        default: "SELECT x'00', 'it''s', \"a\"\"b\", $id, 1.5e-3 ->> '$' /**/ FROM t\(index) ;"
        }
    }

    @Test("Text that looks like markers stays where it is", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(state: seed)
        func block() -> String {
            (0..<Int.random(in: 1...4, using: &dice)).map { statement($0, &dice) }
                .joined(separator: "\n")
        }
        let up = block()
        let handlers = (0..<Int.random(in: 0...4, using: &dice)).map { _ in block() }
        let down = Bool.random(using: &dice) ? block() : nil
        var text = "-- Migration: 001_a\n-- Description: d\n-- Module: m\n-- Up\n\(up)\n"
        for (index, handler) in handlers.enumerated() {
            text += "-- On x\(index).made\n\(handler)\n"
        }
        text += down.map { "-- Down\n\($0)\n" } ?? "-- Down: replay\n"
        let lineEnd = ["\n", "\r\n", "\r"].randomElement(using: &dice) ?? "\n"
        let migration = try Migration.parse(
            file: "001_a.sql", bytes: Array(text.replacing("\n", with: lineEnd).utf8))
        #expect(migration.up.sql == up + "\n")
        #expect(migration.handlers.map(\.section.sql) == handlers.map { $0 + "\n" })
        #expect(migration.handlers.map(\.eventType) == handlers.indices.map { "x\($0).made" })
        if case .sql(let section) = migration.down {
            #expect(section.sql == down.map { $0 + "\n" })
        } else {
            #expect(down == nil)
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for handler in migration.handlers {
            #expect(lines[handler.section.firstLine - 2] == "-- On \(handler.eventType)")
        }
    }

    @Test(
        "A file that was cut or changed anywhere is a migration or a located error, never a crash")
    func damaged() throws {
        let text = MigrationsChecksumTests.base
        let bytes = Array(text.utf8)
        var dice = Dice(state: 7)
        var refused = 0
        for round in 0..<2000 {
            var damaged = bytes
            if round < bytes.count {
                damaged.removeSubrange(round...)
            } else {
                let at = Int.random(in: 0..<bytes.count, using: &dice)
                damaged[at] = UInt8.random(in: 0...255, using: &dice)
            }
            do throws(AnnalsError) {
                _ = try Migration.parse(file: "002_a.sql", bytes: damaged)
            } catch {
                refused += 1
                let line = try #require(error.context.line)
                #expect(line >= 1 && line <= damaged.count { $0 == 10 || $0 == 13 } + 1)
                #expect((error.context.column ?? 0) >= 1)
            }
        }
        #expect(refused > bytes.count)
    }
}
