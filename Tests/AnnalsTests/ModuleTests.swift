import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Modules")
struct ModuleTests {
    typealias Steps = MigrationStepTests

    private static let name = Steps.name

    @Test("M0.7 M0.12 The table tells range, used, next, reserved, planned, dependencies and holes")
    func table() throws {
        let manifest = """
            name: steps
            updated: 2026-11-21
            modules:
              - name: core
                range: [1, 4]
                description: "what all need"
                planned: [{ number: 3, text: "indexes" }, { number: 2, text: "done since" }]
              - { name: lsr, range: [5, 5], depends: [core] }
              - { name: extra, range: [15, 19], depends: [lsr], optional: true }
            """
        let stock = try FolderStore(
            Self.name, manifest,
            [Steps.all[0], Steps.all[1], Steps.all[2], Steps.all[5]])
        #expect(try stock.store.definition(of: Self.name).updated == "2026-11-21")
        let modules = try stock.store.modules(of: Self.name)
        #expect(modules.map(\.name) == ["core", "lsr", "extra"])
        #expect(modules.map(\.description) == ["what all need", "", ""])
        #expect(modules.map(\.used) == [[1, 2], [5], [15]])
        #expect(modules.map(\.next) == [3, nil, 16])
        #expect(modules.map(\.reserved) == [3...4, nil, 16...19])
        #expect(modules.map(\.depends) == [[], ["core"], ["lsr"]])
        #expect(modules.map(\.isEnabled) == [true, true, false])
        #expect(modules.map(\.isOptional) == [false, false, true])
        // What is written already is planned no more.
        #expect(modules[0].planned.map { "\($0.number) \($0.text)" } == ["3 indexes"])
        #expect(modules.map(\.pending) == [[1, 2], [5], []])
        #expect(modules.allSatisfy { $0.holes.isEmpty })
    }

    @Test(
        "Plans and stamps of a manifest are read strictly",
        arguments: [
            ("updated: yesterday\nmodules: [{ name: a, range: [1, 9] }]", "MANIFEST_VALUE"),
            ("updated: 2026-13-01\nmodules: [{ name: a, range: [1, 9] }]", "MANIFEST_VALUE"),
            (
                "modules: [{ name: a, range: [1, 9], planned: [{ number: 10, text: x }] }]",
                "MANIFEST_VALUE"
            ),
            ("modules: [{ name: a, range: [1, 9], planned: [{ number: 2 }] }]", "MANIFEST_KEY"),
            (
                "modules: [{ name: a, range: [1, 9], planned: "
                    + "[{ number: 2, text: x }, { number: 2, text: y }] }]", "MANIFEST_VALUE"
            ),
        ])
    func manifests(rest: String, code: String) {
        let error = refusal {
            try ProjectionDefinition.load(
                manifest: ("projection.yaml", Array("name: steps\n\(rest)\n".utf8)), files: [])
        }
        #expect(error?.code == code)
        #expect(error?.context.line != nil)
    }

    @Test("M1.13 C25 A module enabled after many events is as if it had always been enabled")
    func backfill() async throws {
        let events = isSoak ? 1_000_000 : 30_000
        let stock = try Steps.store(Steps.all)
        let early = try Steps.store(Steps.all)
        _ = try early.store.enableModule("extra", of: Self.name)
        for store in [stock.store, early.store] {
            _ = try store.migrate(Self.name)
            for start in stride(from: 0, to: events, by: 1_000) {
                _ = try await store.appendUnchecked(
                    (start..<start + 1_000).map { Steps.happened([1, 5, 15][$0 % 3]) })
            }
            _ = try store.catchUp(Self.name)
        }
        // Skipped it is neither pending nor missing.
        let status = try stock.store.status().projections[0]
        #expect(status.state == .current && status.pending.isEmpty && status.drift.isEmpty)
        let enabled = try stock.store.enableModule("extra", of: Self.name)
        #expect(enabled.isChanged && enabled.pending == [15])
        #expect(try stock.store.status().projections[0].state == .pending)
        #expect(try stock.store.migrate(Self.name).applied.map(\.number) == [15])
        #expect(
            try lines(of: stock.store, "SELECT n FROM t15", projection: Self.name)
                == ["\(events / 3)"])
        let ours = try stock.store.digest(of: Self.name).digest
        #expect(try ours == early.store.digest(of: Self.name).digest)
        #expect(try stock.store.verify(Self.name).isEqual)
    }

    @Test(
        "E5.7 E5.8 Disabling takes a module's migrations back; its events show again when enabled")
    func thereAndBack() throws {
        let stock = try Steps.store(Steps.all)
        _ = try stock.store.enableModule("extra", of: Self.name)
        _ = try stock.store.migrate(Self.name)
        _ = try stock.store.appendAndWait([Steps.happened(15), Steps.happened(15)])
        let before = try stock.store.digest(of: Self.name).digest
        let disabled = try stock.store.disableModule("extra", of: Self.name)
        #expect(disabled.rollback?.rolledBack == [15])
        #expect(disabled.rollback?.hidden == [.init(type: "happened.15", count: 2)])
        let status = try stock.store.status().projections[0]
        #expect(status.applied.map(\.number) == [1, 2, 5, 10, 11] && status.state == .current)
        #expect(try stock.store.verify(Self.name).isEqual)
        #expect(try stock.store.disableModule("extra", of: Self.name).isChanged == false)
        _ = try stock.store.enableModule("extra", of: Self.name)
        #expect(try stock.store.enableModule("extra", of: Self.name).isChanged == false)
        _ = try stock.store.migrate(Self.name)
        #expect(try stock.store.digest(of: Self.name).digest == before)
        let types = ["module.enabled", "module.disabled"]
        let counts = try stock.store.log.types().filter { types.contains($0.name) }.map(\.count)
        #expect(counts == [1, 2])
    }

    @Test("M0.4 C17 Dependencies are asked both ways, and what is not optional stays")
    func dependencies() throws {
        let manifest = Steps.manifest.replacingOccurrences(
            of: "depends: [core] }\n  - { name: attacks",
            with: "depends: [core], optional: true }\n  - { name: attacks")
        let stock = try FolderStore(Self.name, manifest, Steps.all)
        let before = try stock.content()
        #expect(
            refusal { try stock.store.enableModule("extra", of: Self.name) }?.code
                == "MODULE_DEPENDS")
        #expect(
            refusal { try stock.store.enableModule("none", of: Self.name) }?.code
                == "MODULE_UNKNOWN")
        #expect(
            refusal { try stock.store.disableModule("core", of: Self.name) }?.code
                == "MODULE_REQUIRED")
        #expect(try stock.store.enableModule("core", of: Self.name).isChanged == false)
        #expect(try stock.content() == before)
        _ = try stock.store.enableModule("lsr", of: Self.name)
        _ = try stock.store.enableModule("extra", of: Self.name)
        _ = try stock.store.migrate(Self.name)
        let needed = refusal { try stock.store.disableModule("lsr", of: Self.name) }
        #expect(needed?.code == "MODULE_NEEDED" && needed?.message.contains("extra") == true)
        _ = try stock.store.disableModule("extra", of: Self.name)
        _ = try stock.store.disableModule("lsr", of: Self.name)
        #expect(try stock.store.status().projections[0].applied.map(\.number) == [1, 2, 10, 11])
    }

    @Test(
        "An optional module that is on by default is in a store that had none, until it is disabled"
    )
    func defaults() throws {
        let stock = try Steps.store(Steps.all)
        _ = try stock.store.migrate(Self.name)
        try stock.reopen {
            try $0.write(
                Steps.manifest.replacingOccurrences(
                    of: "optional: true", with: "optional: true, default: enabled"),
                to: "steps/projection.yaml")
        }
        #expect(try stock.store.status().projections[0].pending.map(\.number) == [15])
        _ = try stock.store.disableModule("extra", of: Self.name)
        #expect(try stock.store.status().projections[0].pending.isEmpty)
    }

    @Test("M0.8 A renumbered migration gets its new number on record, references included")
    func reassign() throws {
        let stock = try Steps.store(Steps.all)
        _ = try stock.store.migrate(Self.name)
        _ = try stock.store.appendAndWait([Steps.happened(10), Steps.happened(11)])
        let rows = try lines(of: stock.store, "SELECT n FROM t11", projection: Self.name)
        // Somebody else got 010: what was 10 and 11 becomes 11 and 12.
        try stock.reopen { folder in
            for file in ["010_d", "011_e"] { try stock.remove(file) }
            for (text, old, new) in [
                (Steps.all[3].1, "010_d", "011_d"), (Steps.all[4].1, "011_e", "012_e"),
            ] {
                try folder.write(
                    text.replacingOccurrences(of: old, with: new)
                        .replacingOccurrences(of: "Depends: 010", with: "Depends: 011"),
                    to: "steps/Migrations/\(new).sql")
            }
            let new = Steps.counter(13, "new", module: "attacks").1
            try stock.write(("010_new", new.replacingOccurrences(of: "013_new", with: "010_new")))
        }
        #expect(try stock.store.drift(of: Self.name).map(\.movedTo) == [11, 12])
        let taken = refusal { try stock.store.reassign(Self.name, 10, to: 11) }
        #expect(taken?.code == "MIGRATION_DUPLICATE")
        #expect(
            refusal { try stock.store.reassign(Self.name, 11, to: 14) }?.code == "MIGRATION_UNKNOWN"
        )
        #expect(
            refusal { try stock.store.reassign(Self.name, 3, to: 12) }?.code
                == "MIGRATION_NOT_APPLIED")
        let first = try stock.store.reassign(Self.name, 11, to: 12)
        #expect(first.remaining.map(\.number) == [10] && first.events == 0)
        // Half-way nothing may build on what is there.
        #expect(refusal { try stock.store.migrate(Self.name) }?.code == "MIGRATION_DRIFT")
        let second = try stock.store.reassign(Self.name, 10, to: 11)
        #expect(second.remaining.isEmpty && second.events > 0)
        let status = try stock.store.status().projections[0]
        #expect(status.applied.map(\.number) == [1, 2, 5, 11, 12])
        #expect(status.drift.isEmpty && status.pending.map(\.number) == [10])
        #expect(try lines(of: stock.store, "SELECT n FROM t11", projection: Self.name) == rows)
        #expect(try stock.store.verify(Self.name).isEqual)
        // The new one is late in its own module now.
        #expect(refusal { try stock.store.migrate(Self.name) }?.code == "MIGRATION_OUT_OF_ORDER")
        #expect(try stock.store.log.types().first { $0.name == "module.reassigned" }?.count == 2)
    }

    @Test(
        "M0.8 References of applied migrations follow, other files are not taken for what was applied"
    )
    func reassignReferences() throws {
        let stock = try Steps.store(Steps.all)
        _ = try stock.store.migrate(Self.name)
        try stock.reopen { folder in
            try stock.remove("002_b")
            try stock.write(Steps.counter(3, "b", module: "core"))
        }
        // The table is another one, so the content is another one.
        #expect(try stock.store.drift(of: Self.name).map(\.kind) == [.missing])
        #expect(
            refusal { try stock.store.reassign(Self.name, 2, to: 3) }?.code == "REASSIGN_DIFFERS")
        try stock.reopen { folder in
            try stock.remove("003_b")
            try folder.write(
                Steps.all[1].1.replacingOccurrences(of: "002_b", with: "003_b"),
                to: "steps/Migrations/003_b.sql")
        }
        #expect(try stock.store.reassign(Self.name, 2, to: 3).remaining.isEmpty)
        #expect(try stock.store.modules(of: Self.name)[0].holes == [2])
        #expect(try stock.store.status().projections[0].state == .current)
    }
}
