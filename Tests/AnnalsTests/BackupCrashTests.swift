import AnnalsTesting
import EventModel
import Foundation
import Testing

@testable import Annals

@Suite("Backup and restore that end early")
struct BackupCrashTests {
    static let backupPoints = [
        "backup.begun", "backup.log-copied", "backup.projection-copied", "backup.filled",
        "backup.complete", "backup.published",
    ]
    static let restorePoints = [
        "restore.verified", "restore.copied", "restore.epoch-begun", "restore.complete",
    ]
    static let failpoints = Set(backupPoints + restorePoints + ["restore.set-aside"])

    @Test(
        "kill -9 in a backup: nothing or all of it is there, and the next one clears up",
        arguments: backupPoints)
    func killedBackup(_ point: String) async throws {
        let rig = try await BackupStore(items: 20)
        let store = rig.stock.path
        rig.stock.temporary.close()
        let driver = try DriverProcess(
            store, "backup", [rig.place("b")], failpoint: "\(point)=crash")
        #expect(!driver.finish().isClean, "\(point) was not reached")
        let isThere = FileManager.default.fileExists(atPath: rig.place("b"))
        #expect(isThere == (point == "backup.published"))
        try rig.stock.temporary.reopen()
        if isThere {
            _ = try EventStore.verifyBackup(at: rig.place("b"))
            #expect(try rig.names() == ["b"])
        } else {
            #expect(try rig.names().count == 1)
            _ = try rig.store.backup(to: rig.place("b"))
            #expect(try rig.names() == ["b"])
        }
        #expect(try rig.store.verify(Stock.name).isEqual)
    }

    @Test(
        "kill -9 in a restore: no store or all of it is there, and the next one clears up",
        arguments: restorePoints)
    func killedRestore(_ point: String) async throws {
        let rig = try await BackupStore(items: 20)
        _ = try rig.store.backup(to: rig.place("b"))
        let store = rig.stock.path
        rig.stock.temporary.close()
        let driver = try DriverProcess(
            store, "restore", [rig.place("b"), rig.place("r")], failpoint: "\(point)=crash")
        #expect(!driver.finish().isClean, "\(point) was not reached")
        #expect(!FileManager.default.fileExists(atPath: rig.place("r")))
        let result = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(result.epoch == 2)
        #expect(try rig.names() == ["b", "r"])
        #expect(try rig.open("r").verify(Stock.name).isEqual)
    }

    @Test("kill -9 between the two renames of a replacement: both stores are whole")
    func killedReplacement() async throws {
        let rig = try await BackupStore(items: 20)
        _ = try rig.store.backup(to: rig.place("b"))
        _ = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        let store = rig.stock.path
        rig.stock.temporary.close()
        let driver = try DriverProcess(
            store, "restore", [rig.place("b"), rig.place("r"), "replace"],
            failpoint: "restore.set-aside=crash")
        #expect(!driver.finish().isClean)
        let aside = try #require(try rig.names().first { $0.hasPrefix("r.replaced-") })
        #expect(try rig.open(aside).verify(Stock.name).isEqual)
        _ = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(try rig.names() == ["b", "r", aside])
        #expect(try rig.open("r").verify(Stock.name).isEqual)
    }

    @Test(
        "A disk that fills up in a backup leaves nothing and harms nothing",
        arguments: backupPoints.dropLast(2))
    func fullInBackup(_ point: String) async throws {
        let rig = try await BackupStore(items: 20)
        let store = rig.stock.path
        rig.stock.temporary.close()
        let driver = try DriverProcess(
            store, "backup", [rig.place("b")], failpoint: "\(point)=full")
        let end = driver.finish()
        // When all is written before, the backup is complete, and the store cannot take its note.
        let isWritten = point == "backup.filled"
        #expect(end.isClean == isWritten, "\(end.lines)")
        #expect(try rig.names() == (isWritten ? ["b"] : []))
        try rig.stock.temporary.reopen()
        #expect(try rig.store.verify(Stock.name).isEqual)
        #expect(try BackupStore.notes("store.backed_up", in: rig.store).isEmpty)
    }

    @Test(
        "A disk that fills up in a restore leaves nothing",
        arguments: ["restore.verified", "restore.copied"])
    func fullInRestore(_ point: String) async throws {
        let rig = try await BackupStore(items: 20)
        _ = try rig.store.backup(to: rig.place("b"))
        let store = rig.stock.path
        rig.stock.temporary.close()
        let driver = try DriverProcess(
            store, "restore", [rig.place("b"), rig.place("r")], failpoint: "\(point)=full")
        #expect(!driver.finish().isClean)
        #expect(try rig.names() == ["b"])
    }
}
