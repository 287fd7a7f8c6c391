import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Synchronization
import Testing

@testable import Annals

@Suite("Backups and data keys")
struct DataKeyBackupTests {
    /// A store with two keys, and the bytes of both.
    private func rig() async throws -> (BackupStore, [DataKeyID: [UInt8]]) {
        let rig = try await BackupStore(items: 10)
        let fresh = try rig.store.dataKeys.change { try $0.create(2) }
        return (rig, Dictionary(uniqueKeysWithValues: fresh.map { ($0.id, $0.key.bytes) }))
    }

    private func found(_ ids: some Sequence<DataKeyID>, in store: EventStore) throws -> [[UInt8]] {
        try store.dataKeys.lookup(Array(ids)).compactMap { answer in
            if case .found(let key) = answer { key.bytes } else { nil }
        }
    }

    @Test("A backup has the keys unless told otherwise, and says so; a restore brings them")
    func included() async throws {
        let (rig, keys) = try await rig()
        let manifest = try rig.store.backup(to: rig.place("b")).manifest
        #expect(manifest.dataKeys == .init(included: true, count: 2))
        #expect(manifest.files.map(\.name).contains("data.keys"))
        #expect(try EventStore.verifyBackup(at: rig.place("b")) == manifest)
        let mode = try FileManager.default.attributesOfItem(atPath: rig.place("b/data.keys"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
        #expect(try found(keys.keys, in: rig.openForReading("b")).count == 2)
        let restored = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(restored.manifest.dataKeys?.included == true)
        #expect(Set(try found(keys.keys, in: rig.open("r"))) == Set(keys.values))
        // Destroyed in the store later, the key lives on in the backup: that is what is said.
        _ = try rig.store.dataKeys.change { try $0.destroy(Array(keys.keys)) }
        #expect(try found(keys.keys, in: rig.openForReading("b")).count == 2)
    }

    @Test("A backup without the keys has no byte of them, and what is restored has none")
    func leftOut() async throws {
        let (rig, keys) = try await rig()
        let manifest = try rig.store.backup(to: rig.place("b"), includesDataKeys: false).manifest
        #expect(manifest.dataKeys == .init(included: false, count: 2))
        for (name, bytes) in try BackupStore.files(rig.place("b")) {
            for key in keys.values { #expect(bytes.range(of: Data(key)) == nil, "\(name)") }
        }
        let restored = try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        #expect(restored.manifest.dataKeys?.included == false)
        #expect(try found(keys.keys, in: rig.open("r")).isEmpty)
        // The store's own file, put there by hand, opens everything again.
        try FileManager.default.copyItem(
            atPath: rig.store.dataKeys.path, toPath: rig.place("r/data.keys"))
    }

    @Test("A store without keys has backups that say nothing of them")
    func none() async throws {
        let rig = try await BackupStore(items: 3)
        let manifest = try rig.store.backup(to: rig.place("b")).manifest
        #expect(manifest.dataKeys == nil)
        let text = try String(contentsOfFile: rig.place("b/manifest.json"), encoding: .utf8)
        #expect(!text.contains("dataKeys"))
    }

    @Test(
        "One changed bit of the keys in a backup is found", arguments: [3, 100, 64 * 8 + 5, 1_200])
    func damaged(_ bit: Int) async throws {
        let (rig, _) = try await rig()
        _ = try rig.store.backup(to: rig.place("b"))
        try BackupStore.flip(bit: bit, of: rig.place("b/data.keys"))
        let error = #expect(throws: AnnalsError.self) {
            try EventStore.restore(from: rig.place("b"), to: rig.place("r"))
        }
        #expect(error?.code == "BACKUP_DAMAGED")
        #expect(error?.context.file?.hasSuffix("data.keys") == true)
        #expect(try rig.names() == ["b"])
    }

    @Test("A change of keys that goes on while a backup begins is in it whole")
    func changeMeanwhile() async throws {
        try changedMeanwhile(try await rig().0)
    }

    private func changedMeanwhile(_ rig: BackupStore) throws {
        let (store, place) = (rig.store, rig.place("b"))
        let result = Mutex<Result<BackupManifest, any Error>?>(nil)
        let end = DispatchSemaphore(value: 0)
        try store.dataKeys.change { change in
            let id = try change.create(1)[0].id
            Thread.detachNewThread {
                let made = Result { try store.backup(to: place).manifest }
                result.withLock { $0 = made }
                end.signal()
            }
            // It has begun once its folder is there, and waits for the keys.
            while try rig.names().isEmpty { usleep(1_000) }
            usleep(50_000)
            let event = Event(type: "key.used", stream: "key/1", data: #"{"id":"\#(id)"}"#)
            _ = try store.appendAndWait([event])
        }
        #expect(end.wait(timeout: .now() + .seconds(60)) == .success)
        let manifest = try #require(try result.withLock { $0 }?.get())
        #expect(manifest.dataKeys?.count == 3)
        var used: [DataKeyID] = []
        let copy = try rig.openForReading("b")
        _ = try copy.log.read(EventQuery(types: ["key.used"])) { event in
            let text = String(decoding: [UInt8](copying: event.data), as: UTF8.self)
            used += [DataKeyID(String(text.dropFirst(7).dropLast(2)))].compactMap { $0 }
        }
        #expect(used.count == 1)
        #expect(try found(used, in: copy).count == 1)
    }

    @Test("An export holds no key")
    func export() async throws {
        let (rig, keys) = try await rig()
        let file = rig.place("events.jsonl")
        _ = try rig.store.exportEvents(to: file)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for (id, key) in keys {
            #expect(bytes.range(of: Data(id.digits.utf8)) == nil)
            let digits = key.map { String(format: "%02x", $0) }.joined()
            #expect(bytes.range(of: Data(digits.utf8)) == nil)
            #expect(bytes.range(of: Data(Data(key).base64EncodedString().utf8)) == nil)
        }
    }
}
