import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Restore")
struct RestoreTests {
    @Test("A restored store has the events and digests of the backup, and a new epoch")
    func complete() async throws {
        let rig = try await BackupStore()
        let digest = try rig.store.digest(of: Stock.name).digest
        let manifest = try rig.store.backup(to: rig.place("b")).manifest
        let before = try BackupStore.files(rig.place("b"))
        // What comes after the backup is not in it.
        _ = try await rig.store.append([Stock.added("later")])
        let result = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(try BackupStore.files(rig.place("b")) == before)
        #expect(try rig.names() == ["b", "r"])
        #expect(result.epoch == 2 && result.head.value == manifest.head + 1)
        #expect(result.projections.map(\.digest) == [digest] && !result.projections[0].isRebuilt)
        let restored = try rig.open("r")
        #expect(restored.log.epoch == 2 && restored.log.branch.count == 16)
        #expect(restored.log.id == rig.store.log.id)
        #expect(try StoreManifest.read("\(rig.place("r"))/store.json")?.epoch == 2)
        #expect(try restored.log.leaf(at: Position(manifest.head)) == manifest.headHash)
        #expect(try restored.log.verify().problems.isEmpty)
        #expect(try restored.verify(Stock.name).isEqual)
        #expect(try restored.status().projections[0].state == .current)
        #expect(try restored.diagnoseFiles().isEmpty)
        let notes = try BackupStore.notes("store.restored", in: restored)
        #expect(notes.count == 1 && notes[0]["from_epoch"] as? Int == 1)
        #expect(notes[0]["epoch"] as? Int == 2)
        #expect(notes[0]["log_position"] as? UInt64 == manifest.head)
        // It lives on.
        _ = try await restored.append([Stock.added("new")])
        _ = try restored.rollback(Stock.name, to: .version(1))
        _ = try restored.migrate(Stock.name)
        #expect(try lines(of: restored, "SELECT count(*) FROM items") == ["302"])
    }

    @Test("A backup of the log alone comes back with projections built from it")
    func logOnly() async throws {
        let rig = try await BackupStore()
        let digest = try rig.store.digest(of: Stock.name).digest
        let manifest = try rig.store.backup(to: rig.place("b"), logOnly: true).manifest
        #expect(manifest.logOnly && manifest.projections.isEmpty && manifest.leftOut.isEmpty)
        let result = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(result.projections.map(\.digest) == [digest] && result.projections[0].isRebuilt)
        #expect(result.projections.map(\.checkpoint) == [result.head])
        #expect(try rig.open("r").verify(Stock.name).isEqual)
    }

    @Test("A single flipped bit anywhere in a backup is refused with the file, and nothing is made")
    func flippedBits() async throws {
        let rig = try await BackupStore()
        let manifest = try rig.store.backup(to: rig.place("b")).manifest
        var random = SeededRandom(11)
        for name in manifest.files.map(\.name) + ["manifest.json"] {
            let file = "\(rig.place("b"))/\(name)"
            let sound = try Data(contentsOf: URL(fileURLWithPath: file))
            for _ in 0..<25 {
                let bit = Int.random(in: 0..<(sound.count * 8), using: &random)
                try BackupStore.flip(bit: bit, of: file)
                let error = refusal {
                    try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
                }
                // A bit of the manifest's format number may make it another format.
                #expect(
                    error?.code == "BACKUP_DAMAGED" || error?.code == "FORMAT_NEWER",
                    "\(name), bit \(bit): \(error.debugDescription)")
                if error?.code == "BACKUP_DAMAGED" { #expect(error?.context.file == file) }
                #expect(try rig.names() == ["b"])
                try sound.write(to: URL(fileURLWithPath: file))
            }
        }
        _ = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
    }

    @Test(
        "A backup with a missing file, a foreign name or a newer format, and no backup, are refused"
    )
    func refusedBackups() async throws {
        let rig = try await BackupStore(items: 3)
        let sound = try rig.store.backup(to: rig.place("b")).manifest
        func restore() -> String? {
            refusal { try EventStore.restore(from: rig.place("b"), to: rig.place("r")) }?.code
        }
        func write(_ manifest: BackupManifest) throws {
            let file = "\(rig.place("b"))/manifest.json"
            try manifest.sealed().encoded().write(to: URL(fileURLWithPath: file))
        }
        var changed = sound
        changed.files.append(.init(name: "../../etc/passwd", bytes: 1, sha256: ""))
        try write(changed)
        #expect(restore() == "BACKUP_DAMAGED")
        changed = sound
        changed.head += 1
        try write(changed)
        #expect(restore() == "BACKUP_DAMAGED")
        changed = sound
        changed.format = 2
        try write(changed)
        #expect(restore() == "FORMAT_NEWER")
        try write(sound)
        try FileManager.default.removeItem(atPath: "\(rig.place("b"))/log/data.mdb")
        #expect(restore() == "BACKUP_DAMAGED")
        #expect(
            refusal { try EventStore.restore(from: rig.stock.path, to: rig.place("r")) }?.code
                == "BACKUP_MISSING")
        #expect(try rig.names() == ["b"])
    }

    @Test("A file of the earlier lineage, or of another restore of one backup, is not believed")
    func lineage() async throws {
        let rig = try await BackupStore()
        _ = try rig.store.backup(to: rig.place("b"))
        for name in ["r1", "r2"] {
            _ = try EventStore.restore(from: rig.place("b"), to: rig.place(name))
        }
        let file = try #require(try rig.stock.generations().first { $0.hasSuffix(".sqlite") })
        rig.stock.temporary.close()
        for source in [rig.stock.path, rig.place("r2")] {
            let target = "\(rig.place("r1"))/generations/\(file)"
            try FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(
                atPath: "\(source)/generations/\(file)", toPath: target)
            let restored = try rig.open("r1")
            #expect(try restored.status().projections[0].state == .missing)
            let query = refusal {
                try restored.query(Stock.name, "SELECT 1", columns: { _ in }, row: { _ in })
            }
            #expect(query?.code == "LINEAGE")
            #expect(refusal { try restored.catchUp(Stock.name) }?.code == "LINEAGE")
            #expect(
                refusal { try restored.reader(of: Stock.name).read { _ in } }?.code == "LINEAGE")
        }
        let restored = try rig.open("r1")
        _ = try restored.rebuild(Stock.name)
        #expect(try restored.verify(Stock.name).isEqual)
    }

    @Test("Every restore begins one more epoch; a replaced store is set aside, its epoch counted")
    func replaces() async throws {
        let rig = try await BackupStore(items: 3)
        _ = try rig.store.backup(to: rig.place("b1"))
        _ = try EventStore.restore(from: rig.place("b1"), to: rig.place("r"))
        _ = try rig.open("r").backup(to: rig.place("b2"))
        #expect(try EventStore.verifyBackup(at: rig.place("b2")).epoch == 2)
        #expect(
            refusal { try EventStore.restore(from: rig.place("b1"), to: rig.place("r")) }?.code
                == "FOLDER_NOT_EMPTY")
        let first = try EventStore.restore(
            from: rig.place("b1"), to: rig.place("r"), replaces: true)
        #expect(first.epoch == 3)
        let aside = try #require(first.setAside)
        #expect(try EventStore(at: aside).log.epoch == 2)
        #expect(try rig.open("r").log.epoch == 3)
        let second = try EventStore.restore(
            from: rig.place("b2"), to: rig.place("r"), replaces: true)
        #expect(second.epoch == 4 && second.setAside != aside)
        try FileManager.default.createDirectory(
            atPath: rig.place("other/x"), withIntermediateDirectories: true)
        for place in ["other", "b2"] {
            #expect(
                refusal {
                    try EventStore.restore(
                        from: rig.place("b1"), to: rig.place(place), replaces: true)
                }?.code == "FOLDER_NOT_EMPTY")
        }
    }

    @Test("A store of which the log is damaged can be replaced")
    func replacesDamaged() async throws {
        let rig = try await BackupStore(items: 3)
        _ = try rig.store.backup(to: rig.place("b"))
        _ = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        try Data(repeating: 1, count: 100_000).write(
            to: URL(fileURLWithPath: "\(rig.place("r"))/log/data.mdb"))
        let result = try EventStore.restore(
            from: rig.place("b"), to: rig.place("r"), replaces: true)
        #expect(result.epoch == 2 && result.setAside != nil)
        #expect(try rig.open("r").verify(Stock.name).isEqual)
    }

    @Test("The definitions may lie elsewhere now; without them nothing is made")
    func definitionsElsewhere() async throws {
        let rig = try await BackupStore(items: 3)
        _ = try rig.store.backup(to: rig.place("b"))
        let moved = rig.place("moved")
        try FileManager.default.moveItem(atPath: rig.stock.projections.path, toPath: moved)
        defer {
            #expect(throws: Never.self) {
                try FileManager.default.moveItem(
                    atPath: moved, toPath: rig.stock.projections.path)
            }
        }
        let error = refusal { try EventStore.restore(from: rig.place("b"), to: rig.place("r")) }
        #expect(error?.hint.contains("--projections") == true)
        #expect(try rig.names() == ["b", "moved"])
        _ = try EventStore.restore(
            from: rig.place("b"), to: rig.place("r"), projectionsFolder: moved)
        #expect(try rig.open("r").projectionsFolder == moved)
    }

    @Test("A store of an earlier program, without an epoch in store.json, is of epoch 1")
    func withoutEpoch() async throws {
        let rig = try await BackupStore(items: 3)
        rig.stock.temporary.close()
        let file = "\(rig.stock.path)/store.json"
        var manifest = try #require(try StoreManifest.read(file))
        manifest.epoch = nil
        try manifest.encoded().write(to: URL(fileURLWithPath: file))
        try rig.stock.temporary.reopen()
        #expect(try rig.store.backup(to: rig.place("b")).manifest.epoch == 1)
        #expect(try EventStore.restore(from: rig.place("b"), to: rig.place("r")).epoch == 2)
    }
}
