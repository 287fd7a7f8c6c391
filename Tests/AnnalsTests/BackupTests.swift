import AnnalsTesting
import EventModel
import Foundation
import GRDB
import LogStorage
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Backup")
struct BackupTests {
    /// SQLite passes over the CHECK constraints of a file that it opens for reading only.
    @Test("A projection with a row that its CHECK forbids is left out of a backup, and told")
    func forbiddenRow() throws {
        let rig = try FolderStore(
            "shop", "name: shop\nmodules: [{ name: shop, range: [1, 9] }]\n",
            [
                (
                    "001_items",
                    """
                    -- Migration: 001_items
                    -- Description: Items
                    -- Module: shop

                    -- Up
                    CREATE TABLE items (id TEXT PRIMARY KEY, n INTEGER CHECK (n > 0)) STRICT;

                    -- On item.added
                    INSERT INTO items (id, n) VALUES (@key, $n);

                    -- Down
                    DROP TABLE items;

                    """
                )
            ])
        _ = try rig.store.migrate("shop")
        _ = try rig.store.appendAndWait([
            Event(type: "item.added", stream: "item/1", data: #"{"n":1}"#)
        ])
        let folder = try TemporaryFolder()
        #expect(try rig.store.backup(to: "\(folder.path)/good").manifest.projections.count == 1)
        let file = try #require(try rig.generations().first)
        do {
            let queue = try DatabaseQueue(path: "\(rig.path)/generations/\(file)")
            try queue.write {
                try $0.execute(
                    sql: "PRAGMA ignore_check_constraints = 1; INSERT INTO items VALUES ('2', -1)")
            }
            try queue.close()
        }
        let manifest = try rig.store.backup(to: "\(folder.path)/bad").manifest
        #expect(manifest.projections.isEmpty)
        #expect(manifest.leftOut.first?.reason.contains("CHECK constraint failed") == true)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/good/generations")
                == [file], "nothing was opened beside it")
    }

    @Test("C30 E5.5 A backup holds log and projections, is verified, and is noted in the store")
    func complete() async throws {
        let rig = try await BackupStore()
        let head = try rig.store.log.head()
        let result = try rig.store.backup(to: rig.place("b"), tool: "test 1")
        let manifest = result.manifest
        #expect(manifest.head == head.value && manifest.store == rig.store.log.id)
        #expect(try manifest.headHash == rig.store.log.leaf(at: head))
        #expect(manifest.epoch == 1 && manifest.branch == "" && manifest.tool == "test 1")
        let projection = try #require(manifest.projections.first)
        #expect(manifest.projections.count == 1 && manifest.leftOut.isEmpty)
        #expect(projection.checkpoint == head.value)
        #expect(try projection.digest == rig.store.digest(of: Stock.name).digest)
        #expect(projection.versions == [1, 2, 3, 10])
        #expect(try EventStore.verifyBackup(at: rig.place("b")) == manifest)
        #expect(try rig.names() == ["b"])
        let notes = try BackupStore.notes("store.backed_up", in: rig.store)
        #expect(notes.count == 1 && notes[0]["path_label"] as? String == "b")
        #expect(notes[0]["log_position"] as? UInt64 == head.value)
        #expect(notes[0]["digest"] as? String == manifest.check)
        #expect(result.event == head.next)
        for (name, mode) in [("", 0o700), ("/log", 0o700), ("/generations", 0o700)]
            + manifest.files.map({ ("/\($0.name)", 0o600) }) + [("/manifest.json", 0o600)]
        {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: rig.place("b") + name)
            #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
        }
    }

    @Test("A backup is read like a store, without a change to it, and takes no writes")
    func readable() async throws {
        let rig = try await BackupStore()
        _ = try rig.store.backup(to: rig.place("b"))
        let before = try BackupStore.files(rig.place("b"))
        do {
            let backup = try rig.openForReading("b")
            #expect(try lines(of: backup, "SELECT count(*) FROM items") == ["301"])
            #expect(try backup.verify(Stock.name).isEqual)
            #expect(try backup.log.verify().problems.isEmpty)
            #expect(try backup.status().projections.first?.state == .current)
        }
        #expect(refusal { try rig.open("b") }?.code == "STORE_IS_BACKUP")
        #expect(try BackupStore.files(rig.place("b")) == before)
    }

    @Test("A folder that is not empty, a file, and a place inside the store are refused")
    func refusedPlaces() async throws {
        let rig = try await BackupStore(items: 3)
        try Data().write(to: URL(fileURLWithPath: rig.place("file")))
        try FileManager.default.createDirectory(
            atPath: rig.place("full/x"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: rig.place("empty"), withIntermediateDirectories: true)
        let before = try BackupStore.files(rig.stock.path)
        for (path, code) in [
            (rig.place("file"), "FILE_EXISTS"), (rig.place("full"), "FOLDER_NOT_EMPTY"),
            (rig.stock.path, "FOLDER_NOT_EMPTY"),
            ("\(rig.stock.path)/backup", "FILE_INSIDE_STORE"),
            (rig.place("none/b"), "FILE_FAILED"),
        ] {
            #expect(refusal { try rig.store.backup(to: path) }?.code == code, "\(path)")
        }
        #expect(try BackupStore.files(rig.stock.path) == before)
        #expect(try rig.names() == ["empty", "file", "full"])
        _ = try rig.store.backup(to: rig.place("empty"))
        #expect(try rig.names() == ["empty", "file", "full"])
    }

    @Test("A projection whose file is of no use is left out, and built by the restore")
    func leftOut() async throws {
        let rig = try await BackupStore()
        let digest = try rig.store.digest(of: Stock.name).digest
        let file = try #require(try rig.stock.generations().first { $0.hasSuffix(".sqlite") })
        rig.stock.temporary.close()
        try Data(repeating: 7, count: 50_000).write(
            to: URL(fileURLWithPath: "\(rig.stock.path)/generations/\(file)"))
        try rig.stock.temporary.reopen()
        let manifest = try rig.store.backup(to: rig.place("b")).manifest
        #expect(manifest.projections.isEmpty && manifest.leftOut.map(\.name) == [Stock.name])
        #expect(manifest.files.map(\.name) == ["log/data.mdb", "store.json"])
        let restored = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(restored.projections.map(\.digest) == [digest])
        #expect(restored.projections.map(\.isRebuilt) == [true])
    }

    @Test("A damaged log is not backed up as if it were sound, and nothing is left")
    func damagedLog() async throws {
        let rig = try await BackupStore(items: 2_000)
        rig.stock.temporary.close()
        let file = "\(rig.stock.path)/log/data.mdb"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let data = Data(#"{"name":"item-7"}"#.utf8)
        // Pages that are no longer in use may hold it too.
        while let place = bytes.range(of: data) { bytes[place.lowerBound + 3] ^= 1 }
        try bytes.write(to: URL(fileURLWithPath: file))
        try rig.stock.temporary.reopen()
        let error = refusal { try rig.store.backup(to: rig.place("b")) }
        #expect(error?.code == "BACKUP_DAMAGED" && error?.message.contains("position") == true)
        #expect(try rig.names().isEmpty)
        #expect(try BackupStore.notes("store.backed_up", in: rig.store).isEmpty)
    }

    @Test("A cancelled backup or restore leaves nothing")
    func cancelled() async throws {
        let rig = try await BackupStore()
        let store = rig.store
        let backup = rig.place("b")
        let interrupted = await code { try store.backup(to: backup) }
        #expect(interrupted == "INTERRUPTED")
        #expect(try rig.names().isEmpty)
        _ = try store.backup(to: backup)
        let target = rig.place("r")
        let restore = await code { try EventStore.restore(from: backup, to: target) }
        #expect(restore == "INTERRUPTED")
        #expect(try rig.names() == ["b"])
    }

    /// The code of the error of work in a task that is cancelled when it begins.
    private func code<R>(_ body: @escaping @Sendable () throws -> R) async -> String? {
        let task = Task { () -> String? in
            while !Task.isCancelled { await Task.yield() }
            return refusal(body)?.code
        }
        task.cancel()
        return await task.value
    }

    @Test(
        "While others append and rebuild at full speed every backup is one consistent moment",
        .timeLimit(.minutes(2)))
    func underLoad() async throws {
        let rig = try await BackupStore(items: 1_000)
        let writer = try DriverProcess(
            rig.stock.path, "unchecked", ["load", "200000", "50"], waits: true)
        let builder = try DriverProcess(
            rig.stock.path, "rebuilds", [Stock.name, "1000"], waits: true)
        writer.go()
        builder.go()
        defer {
            writer.kill()
            builder.kill()
            writer.finish()
            builder.finish()
        }
        var last = Position.start
        for number in 0..<6 {
            // At least one batch lies between two backups.
            while try rig.store.log.head() <= last { usleep(500) }
            let before = try rig.store.log.head()
            let manifest = try rig.store.backup(to: rig.place("b\(number)")).manifest
            last = try rig.store.log.head()
            #expect(manifest.head >= before.value && manifest.head <= last.value)
            #expect(manifest.projections.count == 1, "\(manifest.leftOut)")
            let result = try EventStore.restore(
                from: rig.place("b\(number)"), to: rig.place("r\(number)"))
            #expect(result.projections.map(\.checkpoint) == [result.head])
            let restored = try rig.open("r\(number)")
            #expect(try restored.log.verify().problems.isEmpty)
            #expect(try restored.verify(Stock.name).isEqual)
        }
        #expect(writer.isRunning && builder.isRunning, "the load ended before the backups")
    }
}
