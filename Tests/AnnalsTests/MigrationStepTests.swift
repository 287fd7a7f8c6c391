import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Steps, targets and modules of a migration")
struct MigrationStepTests {
    /// Migrations that each count the events that they have seen in a table of their own.
    static func counter(
        _ number: Int, _ name: String, module: String, depends: [Int] = [], check: String = "true"
    ) -> (String, String) {
        let full = Migration.fullName(number, name)
        let depends =
            depends.isEmpty
            ? "" : "-- Depends: \(depends.map(Migration.padded).joined(separator: ", "))\n"
        return (
            full,
            """
            -- Migration: \(full)
            -- Description: Counts
            -- Module: \(module)
            \(depends)
            -- Up
            CREATE TABLE t\(number) (
                id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL CHECK (\(check))
            ) STRICT;

            -- On happened.\(number)
            INSERT INTO t\(number) (id, n) VALUES (1, $n) ON CONFLICT (id) DO UPDATE SET n = n + 1;

            -- Down
            DROP TABLE t\(number);

            """
        )
    }

    static let manifest = """
        name: steps
        modules:
          - { name: core, range: [1, 4] }
          - { name: lsr, range: [5, 9], depends: [core] }
          - { name: attacks, range: [10, 14], depends: [core] }
          - { name: extra, range: [15, 19], depends: [lsr], optional: true }
        """

    static let name = "steps"

    /// A store with these migrations, none of them applied.
    static func store(_ migrations: [(String, String)]) throws -> FolderStore {
        try FolderStore(name, manifest, migrations)
    }

    static let all = [
        counter(1, "a", module: "core"), counter(2, "b", module: "core"),
        counter(5, "c", module: "lsr", depends: [1]),
        counter(10, "d", module: "attacks", depends: [1]),
        counter(11, "e", module: "attacks", depends: [10]),
        counter(15, "f", module: "extra", depends: [5]),
    ]

    static func happened(_ number: Int, _ n: Int = 1) -> Event {
        Event(type: "happened.\(number)", stream: "thing/1", data: #"{"n":\#(n)}"#)
    }

    private func admin(_ store: EventStore, _ type: String) throws -> [[String: Any]] {
        var found: [[String: Any]] = []
        _ = try store.log.read(EventQuery(types: [type], stream: "annals/admin")) { event in
            let data = Data(event.copy().data)
            if let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] {
                found.append(object)
            }
        }
        return found
    }

    @Test("M0.9 C13 A late lower number of another module is pending, applied, and last in history")
    func lateElsewhere() throws {
        let stock = try Self.store(Self.all.filter { $0.0 != "005_c" && $0.0 != "015_f" })
        _ = try stock.store.migrate(Self.name)
        let (file, text) = Self.all[2]
        try stock.reopen { try $0.write(text, to: "steps/Migrations/\(file).sql") }
        #expect(try stock.store.status().projections[0].pending.map(\.number) == [5])
        // A number that waits is no wrong side, though greater ones are applied.
        let result = try stock.store.migrate(Self.name, to: .version(5))
        #expect(result.applied.map(\.number) == [5])
        let status = try stock.store.status().projections[0]
        #expect(status.applied.map(\.number) == [1, 2, 10, 11, 5])
        #expect(status.version == 11)
        #expect(try admin(stock.store, "migration.allowed_out_of_order").isEmpty)
        // One step back is the last applied, not the greatest.
        #expect(try stock.store.rollback(Self.name).rolledBack == [5])
        #expect(try stock.store.verify(Self.name).isEqual)
    }

    @Test("M1.6 C13 A late lower number of the same module is refused, unless allowed and recorded")
    func lateInside() throws {
        let stock = try Self.store([Self.all[0], Self.all[3]])
        _ = try stock.store.migrate(Self.name)
        _ = try stock.store.appendAndWait([Self.happened(11), Self.happened(12)])
        let late = Self.counter(11, "late", module: "attacks")
        let above = Self.counter(12, "above", module: "attacks")
        try stock.reopen { try $0.write(above.1, to: "steps/Migrations/\(above.0).sql") }
        #expect(refusal { try stock.store.migrate(Self.name) }?.code == "MIGRATION_GAP")
        var options = MigrateOptions()
        options.allowsOutOfOrder = true
        options.reason = "11 is somebody else's"
        let first = try stock.store.migrate(Self.name, options: options)
        #expect(first.applied.map(\.number) == [12])
        try stock.reopen { try $0.write(late.1, to: "steps/Migrations/\(late.0).sql") }
        let before = try stock.content()
        let error = refusal { try stock.store.migrate(Self.name) }
        #expect(error?.code == "MIGRATION_OUT_OF_ORDER")
        #expect(error?.message.contains("011_late") == true)
        #expect(error?.message.contains("012") == true)
        #expect(try stock.content() == before)
        #expect(try stock.store.migrate(Self.name, options: options).applied.map(\.number) == [11])
        #expect(try stock.store.verify(Self.name).isEqual)
        #expect(try lines(of: stock.store, "SELECT n FROM t11", projection: Self.name) == ["1"])
        let told = try admin(stock.store, "migration.allowed_out_of_order")
        #expect(told.map { $0["version"] as? Int } == [12, 11])
        #expect(told.map { $0["missing"] as? [Int] } == [[11], []])
        #expect(told.map { $0["above"] as? [Int] } == [[], [12]])
        #expect(told.allSatisfy { $0["reason"] as? String == "11 is somebody else's" })
    }

    @Test("M1.9 M2.3 A target beyond the newest is the newest, one in a hole is unknown")
    func targets() throws {
        let stock = try Self.store(Self.all)
        #expect(
            refusal { try stock.store.migrate(Self.name, to: .version(3)) }?.code
                == "TARGET_UNKNOWN")
        #expect(
            refusal { try stock.store.migrate(Self.name, to: .version(-1)) }?.code
                == "TARGET_UNKNOWN")
        #expect(
            refusal { try stock.store.migrate(Self.name, to: .version(15)) }?.code
                == "MODULE_DISABLED")
        #expect(try stock.store.migrate(Self.name, to: .version(0)).applied.isEmpty)
        #expect(try stock.store.migrate(Self.name, to: .steps(2)).applied.map(\.number) == [1, 2])
        #expect(try stock.store.migrate(Self.name, to: .version(999)).to == 11)
    }

    @Test("M4.5 A rollback refuses a version above, one below 0 and one not applied")
    func rollbackTargets() throws {
        let stock = try Self.store(Self.all)
        _ = try stock.store.migrate(Self.name)
        let before = try stock.content()
        for (target, code) in [
            (12, "TARGET_ABOVE"), (-1, "TARGET_UNKNOWN"),
            (3, "TARGET_UNKNOWN"),
        ] {
            let error = refusal { try stock.store.rollback(Self.name, to: .version(target)) }
            #expect(error?.code == code, "\(target)")
        }
        #expect(try stock.content() == before)
        #expect(
            try stock.store.rollback(Self.name, to: .version(0)).rolledBack == [11, 10, 5, 2, 1])
        #expect(try stock.store.rollback(Self.name, to: .version(0)).rolledBack.isEmpty)
        #expect(try stock.store.rollback(Self.name).rolledBack.isEmpty)
    }

    @Test("C17 One module goes back alone, unless another depends on it")
    func modules() throws {
        let stock = try Self.store(Self.all)
        var options = MigrateOptions()
        options.module = "attacks"
        let error = refusal { try stock.store.migrate(Self.name, options: options) }
        #expect(error?.code == "MIGRATION_DEPENDS")
        options.module = "core"
        #expect(
            try stock.store.migrate(Self.name, options: options).applied.map(\.number) == [1, 2])
        _ = try stock.store.migrate(Self.name)
        var back = RollbackOptions()
        back.module = "lsr"
        #expect(try stock.store.rollback(Self.name, options: back).rolledBack == [5])
        #expect(try stock.store.status().projections[0].version == 11)
        back.module = "attacks"
        #expect(
            try stock.store.rollback(Self.name, to: .version(10), options: back).rolledBack == [11])
        back.module = "core"
        #expect(try stock.store.rollback(Self.name, options: back).rolledBack == [2])
        let needed = refusal { try stock.store.rollback(Self.name, options: back) }
        #expect(needed?.code == "MODULE_NEEDED")
        #expect(needed?.message.contains("010_d") == true)
        back.cascades = true
        #expect(try stock.store.rollback(Self.name, options: back).rolledBack == [10, 1])
        #expect(try stock.store.status().projections[0].version == 0)
        back.module = "nothing"
        #expect(
            refusal { try stock.store.rollback(Self.name, options: back) }?.code == "MODULE_UNKNOWN"
        )
    }

    @Test("M1.8 M2.4 What comes before a failing migration is applied, with grouped nothing is")
    func healthyPrefix() throws {
        var migrations = Self.all
        migrations[3] = Self.counter(10, "d", module: "attacks", depends: [1], check: "n < 100")
        let stock = try Self.store(migrations)
        _ = try stock.store.appendAndWait([Self.happened(10, 500), Self.happened(2)])
        var options = MigrateOptions()
        options.isGrouped = true
        #expect(
            refusal { try stock.store.migrate(Self.name, options: options) }?.code
                == "EVENT_REFUSED")
        #expect(try stock.store.status().projections[0].version == 0)
        let result = try stock.store.attemptMigration(Self.name)
        #expect(result.applied.map(\.number) == [1, 2, 5])
        #expect(result.failure?.context.migration == 10)
        #expect(try stock.store.status().projections[0].applied.map(\.number) == [1, 2, 5])
        #expect(try lines(of: stock.store, "SELECT n FROM t2", projection: Self.name) == ["1"])
        #expect(try stock.store.verify(Self.name).isEqual)
        // Alone it leaves what was there.
        #expect(refusal { try stock.store.migrate(Self.name) }?.code == "EVENT_REFUSED")
        let failed = try admin(stock.store, "migration.failed")
        #expect(failed.map { $0["version"] as? Int } == [10, 10, 10])
        #expect(failed.allSatisfy { ($0["error"] as? String)?.contains("010_d.sql") == true })
        #expect(try stock.generations().count == 1)
    }

    @Test("A migration that another's table makes fail leaves the prefix that can be built")
    func indirectFailure() throws {
        var migrations = Self.all
        // The handler of 1 is refused once 2 has changed its table.
        migrations[1].1 = migrations[1].1.replacingOccurrences(
            of: "-- On happened.2",
            with: """
                CREATE TRIGGER strict AFTER INSERT ON t1 WHEN new.n > 100
                BEGIN SELECT RAISE(ABORT, 'too many'); END;

                -- On happened.2
                """
        ).replacingOccurrences(of: "DROP TABLE t2;", with: "DROP TRIGGER strict; DROP TABLE t2;")
        let stock = try Self.store(migrations)
        _ = try stock.store.appendAndWait([Self.happened(1, 500)])
        let result = try stock.store.attemptMigration(Self.name)
        #expect(result.applied.map(\.number) == [1])
        #expect(result.failure?.code == "EVENT_REFUSED")
        #expect(try stock.store.verify(Self.name).isEqual)
    }

    @Test("A strict rollback is refused while it would hide events, and changes nothing")
    func strict() throws {
        let stock = try Self.store(Self.all)
        _ = try stock.store.migrate(Self.name)
        _ = try stock.store.appendAndWait([Self.happened(10), Self.happened(10)])
        var options = RollbackOptions()
        options.isStrict = true
        #expect(try stock.store.rollback(Self.name, options: options).rolledBack == [11])
        let before = try stock.content()
        let error = refusal { try stock.store.rollback(Self.name, options: options) }
        #expect(error?.code == "EVENTS_HIDDEN")
        #expect(error?.message.contains("happened.10 (2)") == true)
        #expect(try stock.content() == before)
        #expect(
            try stock.store.rollback(Self.name).hidden == [.init(type: "happened.10", count: 2)])
        // Forward again nothing is missing.
        _ = try stock.store.migrate(Self.name)
        #expect(try lines(of: stock.store, "SELECT n FROM t10", projection: Self.name) == ["2"])
    }

    @Test("E5.1 E5.2 Each act is an event of the admin stream, in the order of the acts")
    func history() throws {
        let stock = try Self.store(Self.all)
        _ = try stock.store.migrate(Self.name, to: .version(2))
        _ = try stock.store.rollback(Self.name, to: .version(0))
        let applied = try admin(stock.store, "migration.applied")
        #expect(applied.map { $0["version"] as? Int } == [1, 2])
        for key in ["projection", "module", "name", "checksum", "dialect", "log_position", "at"] {
            #expect(applied.allSatisfy { $0[key] != nil }, "\(key)")
        }
        let back = try admin(stock.store, "migration.rolled_back")
        #expect(back.map { $0["version"] as? Int } == [2, 1])
        #expect(back.allSatisfy { $0["from"] as? Int == 2 && $0["to"] as? Int == 0 })
    }

    @Test("A build whose process was ended is told at the next opening")
    func abandoned() throws {
        let stock = try Self.store(Self.all)
        let path = stock.path
        stock.close()
        let driver = try DriverProcess(
            path, "migrate", [Self.name], failpoint: "build.applied=crash")
        #expect(driver.finish().isClean == false)
        try stock.reopen()
        let aborted = try admin(stock.store, "migration.aborted")
        #expect(aborted.map { $0["versions"] as? [Int] } == [[1, 2, 5, 10, 11]])
        try stock.reopen()
        #expect(try admin(stock.store, "migration.aborted").count == 1)
        #expect(try stock.store.migrate(Self.name).to == 11)
    }
}
