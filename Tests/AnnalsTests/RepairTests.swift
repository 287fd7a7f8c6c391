import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Repair")
struct RepairTests {
    typealias Steps = MigrationStepTests

    private static let name = Steps.name

    private func applied() throws -> FolderStore {
        let stock = try Steps.store(Steps.all)
        _ = try stock.store.migrate(Self.name)
        _ = try stock.store.appendAndWait([Steps.happened(2, 7), Steps.happened(5)])
        return stock
    }

    private func edited(_ index: Int) -> (String, String) {
        let (file, text) = Steps.all[index]
        return (file, text.replacingOccurrences(of: "n = n + 1", with: "n = n + 10"))
    }

    @Test("An edited migration is accepted with a reason, and the rows are what it says now")
    func edit() throws {
        let stock = try applied()
        _ = try stock.store.appendAndWait([Steps.happened(2)])
        try stock.reopen { _ in try stock.write(edited(1)) }
        #expect(
            refusal { try stock.store.repair(Self.name, 2, reason: " ") }?.code == "REASON_MISSING")
        #expect(
            refusal { try stock.store.repair(Self.name, 3, reason: "x") }?.code
                == "MIGRATION_NOT_APPLIED")
        let result = try stock.store.repair(Self.name, 2, reason: "agreed with everybody")
        #expect(result.kind == .edited && result.isRebuilt && result.remaining.isEmpty)
        #expect(try lines(of: stock.store, "SELECT n FROM t2", projection: Self.name) == ["17"])
        #expect(try stock.store.status().projections[0].state == .current)
        #expect(try stock.store.verify(Self.name).isEqual)
        let again = try stock.store.repair(Self.name, 2, reason: "twice")
        #expect(again.kind == nil && !again.isRebuilt)
        var told: [String] = []
        _ = try stock.store.log.read(EventQuery(types: ["migration.repaired"])) {
            told.append(String(decoding: $0.copy().data, as: UTF8.self))
        }
        #expect(told.count == 1)
        #expect(told[0].contains("agreed with everybody") && told[0].contains("On happened.2"))
        // An old file is no version to go back to: its text was another one.
        #expect(try stock.store.status().projections[0].retained.isEmpty)
    }

    @Test(
        "A waived missing migration stays on record, is neither pending nor missing, and not built")
    func missing() throws {
        let stock = try applied()
        try stock.reopen { _ in try stock.remove("002_b") }
        #expect(try stock.store.drift(of: Self.name).map(\.kind) == [.missing])
        let result = try stock.store.repair(Self.name, 2, reason: "never wanted")
        #expect(result.kind == .missing && result.isRebuilt)
        var status = try stock.store.status().projections[0]
        #expect(status.state == .current && status.pending.isEmpty && status.drift.isEmpty)
        #expect(status.applied.map(\.number) == [1, 2, 5, 10, 11])
        #expect(status.applied.map(\.waived) == [nil, "never wanted", nil, nil, nil])
        #expect(
            refusal { try lines(of: stock.store, "SELECT * FROM t2", projection: Self.name) } != nil
        )
        #expect(try stock.store.verify(Self.name).isEqual)
        _ = try stock.store.rebuild(Self.name)
        #expect(try stock.store.validate(Self.name).problems.isEmpty)
        // Back and forth without it.
        #expect(try stock.store.rollback(Self.name, to: .version(1)).rolledBack == [11, 10, 5])
        #expect(try stock.store.status().projections[0].version == 1)
        #expect(try stock.store.migrate(Self.name).applied.map(\.number) == [5, 10, 11])
        // Once the file is there again it waits like any other.
        try stock.reopen { _ in try stock.write(Steps.all[1]) }
        #expect(try stock.store.status().projections[0].pending.map(\.number) == [2])
        _ = try stock.store.migrate(Self.name)
        status = try stock.store.status().projections[0]
        #expect(status.applied.map(\.number) == [1, 5, 10, 11, 2])
        #expect(status.applied.allSatisfy { $0.waived == nil })
        #expect(try lines(of: stock.store, "SELECT n FROM t2", projection: Self.name) == ["7"])
    }

    @Test("One entry at a time: while others block, the old file is not believed")
    func oneByOne() throws {
        let stock = try applied()
        try stock.reopen { _ in
            try stock.write(edited(1))
            try stock.remove("011_e")
        }
        let first = try stock.store.repair(Self.name, 2, reason: "a")
        #expect(first.remaining.map(\.number) == [11] && !first.isRebuilt)
        #expect(refusal { try stock.store.catchUp(Self.name) }?.code == "MIGRATION_DRIFT")
        // The other file comes back: what was built before the repair is still not what is on record.
        try stock.reopen { _ in try stock.write(Steps.all[4]) }
        #expect(try stock.store.status().projections[0].state == .missing)
        #expect(refusal { try stock.store.catchUp(Self.name) }?.code == "LINEAGE")
        _ = try stock.store.rebuild(Self.name)
        #expect(try stock.store.verify(Self.name).isEqual)
        #expect(try stock.store.status().projections[0].state == .current)
    }

    @Test("What cannot be built without the waived one is not waived, and nothing changes")
    func unbuildable() throws {
        let stock = try applied()
        try stock.reopen { _ in
            try stock.write(
                (
                    "002_b",
                    Steps.all[1].1.replacingOccurrences(
                        of: "CREATE TABLE t2 (", with: "CREATE TABLE t1 (")
                ))
        }
        let before = try stock.store.drift(of: Self.name)
        #expect(refusal { try stock.store.repair(Self.name, 2, reason: "x") } != nil)
        #expect(try stock.store.drift(of: Self.name) == before)
        #expect(try stock.generations().count == 1)
        try stock.reopen { _ in try stock.write(Steps.all[1]) }
        #expect(try stock.store.status().projections[0].state == .current)
        #expect(try stock.store.verify(Self.name).isEqual)
    }

    @Test(
        "A cosmetic edit and a new name are taken over without a build; a new number is not repaired"
    )
    func cosmetic() throws {
        let stock = try applied()
        try stock.reopen { folder in
            try stock.write((Steps.all[1].0, Steps.all[1].1 + "-- A remark\n"))
            try stock.remove("005_c")
            try folder.write(
                Steps.all[2].1.replacingOccurrences(of: "005_c", with: "005_see"),
                to: "steps/Migrations/005_see.sql")
            try stock.remove("011_e")
            try folder.write(
                Steps.all[4].1.replacingOccurrences(of: "011_e", with: "012_e"),
                to: "steps/Migrations/012_e.sql")
        }
        #expect(
            try stock.store.drift(of: Self.name).map(\.kind)
                == [.cosmetic, .renamed, .renumbered])
        #expect(
            refusal { try stock.store.repair(Self.name, 11, reason: "x") }?.code
                == "MIGRATION_RENUMBERED")
        #expect(try stock.store.repair(Self.name, 2, reason: "x").kind == .cosmetic)
        #expect(try stock.store.repair(Self.name, 5, reason: "x").kind == .renamed)
        #expect(try stock.store.reassign(Self.name, 11, to: 12).remaining.isEmpty)
        #expect(try stock.store.drift(of: Self.name).isEmpty)
        let names = try stock.store.status().projections[0].applied.map(\.name)
        #expect(names == ["a", "b", "see", "d", "e"])
        #expect(try stock.store.verify(Self.name).isEqual)
    }
}
