import AnnalsTesting
import Dispatch
import EventModel
import Foundation
import Synchronization
import Testing

@testable import Annals

@Suite("Data keys, outside the log")
struct DataKeyTests {
    private let folder: TemporaryFolder
    private let keys: DataKeyFile

    init() throws {
        folder = try TemporaryFolder()
        keys = DataKeyFile(
            path: "\(folder.path)/data.keys", store: String(repeating: "ab", count: 16),
            isReadOnly: false)
    }

    private func bytes() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: keys.path)))
    }

    /// The bytes of a key; `nil` when it is not there.
    private func key(_ id: DataKeyID) throws -> [UInt8]? {
        guard case .found(let secret)? = try keys.lookup([id]).first else { return nil }
        return secret.bytes
    }

    @Test("Keys are 64 bytes each behind a header, for the owner only, and found again")
    func layout() throws {
        let fresh = try keys.change { try $0.create(3) }
        #expect(fresh.map(\.id.slot) == [0, 1, 2])
        #expect(Set(fresh.map { $0.key.bytes }).count == 3)
        let bytes = try bytes()
        #expect(bytes.count == 64 * 4)
        #expect(bytes.starts(with: Array("ANNALSDK".utf8) + [0, 0, 0, 1, 0, 0, 0, 64]))
        for one in fresh {
            #expect(try key(one.id) == one.key.bytes)
            let start = 64 * (one.id.slot + 1)
            #expect(Array(bytes[(start + 16)..<(start + 48)]) == one.key.bytes)
            #expect(DataKeyID("\(one.id)") == one.id)
        }
        let mode = try FileManager.default.attributesOfItem(atPath: keys.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try keys.contents().ids == fresh.map(\.id))
    }

    @Test("A destroyed key is zeros in the file, its place is used again, its id never")
    func destroyed() throws {
        let fresh = try keys.change { try $0.create(3) }
        #expect(try keys.change { try $0.destroy([fresh[1].id, fresh[1].id]) } == 1)
        #expect(try bytes()[128..<192].allSatisfy { $0 == 0 })
        #expect(try key(fresh[1].id) == nil)
        #expect(try key(fresh[0].id) == fresh[0].key.bytes)
        let next = try keys.change { try $0.create(2) }
        #expect(next.map(\.id.slot) == [1, 3])
        #expect(try key(fresh[1].id) == nil)
        // The old id names the place of another key now: that one is not destroyed.
        #expect(try keys.change { try $0.destroy([fresh[1].id]) } == 0)
        #expect(try key(next[0].id) == next[0].key.bytes)
    }

    @Test("A change that is taken back leaves the file as it was, or none", arguments: [0, 2])
    func undone(_ before: Int) throws {
        let first = try keys.change { try $0.create(before) }
        if before > 0 { try keys.change { _ = try $0.destroy([first[0].id]) } }
        let bytes = before > 0 ? try bytes() : nil
        try keys.change { change in
            _ = try change.create(5)
            change.undo()
        }
        #expect(keys.exists == (before > 0))
        if let bytes { #expect(try self.bytes() == bytes) }
    }

    @Test("A bit that fell over is told, and other keys are still found", arguments: [0, 20, 63])
    func damaged(_ byte: Int) throws {
        let fresh = try keys.change { try $0.create(2) }
        try BackupStore.flip(bit: (64 + byte) * 8, of: keys.path)
        #expect(try key(fresh[0].id) == nil)
        #expect(try key(fresh[1].id) == fresh[1].key.bytes)
        let contents = try keys.contents()
        #expect(contents.ids == [fresh[1].id])
        #expect(contents.damaged.map(\.slot) == [0])
        // Where it can still be told whose key it was, it can be destroyed.
        if byte >= 16 {
            guard case .damaged? = try keys.lookup([fresh[0].id]).first else {
                Issue.record("not told")
                return
            }
            #expect(try keys.change { try $0.destroy([fresh[0].id]) } == 1)
            #expect(try keys.contents().damaged.isEmpty)
        }
    }

    @Test("A file of another store, of a newer program, and one that is none are refused")
    func refused() throws {
        let id = try keys.change { try $0.create(1) }[0].id
        let other = DataKeyFile(
            path: keys.path, store: String(repeating: "cd", count: 16), isReadOnly: false)
        #expect(throws: AnnalsError(.invalid, "DATA_KEYS_FOREIGN", "")) {
            try other.lookup([id])
        }
        #expect(throws: AnnalsError(.invalid, "DATA_KEYS_FOREIGN", "")) {
            try other.change { try $0.create(1) }
        }
        try BackupStore.flip(bit: 8 * 40, of: keys.path)
        #expect(throws: AnnalsError(.corrupt, "DATA_KEYS_DAMAGED", "")) { try keys.lookup([id]) }
        let reading = DataKeyFile(path: keys.path, store: keys.store, isReadOnly: true)
        #expect(throws: AnnalsError(.invalid, "STORE_READ_ONLY", "")) {
            try reading.change { try $0.create(1) }
        }
    }

    @Test("What a killed program left of a file that it was making is no file", arguments: [0, 30])
    func unfinished(_ count: Int) throws {
        try Data(repeating: 0x41, count: count).write(to: URL(fileURLWithPath: keys.path))
        #expect(try keys.contents().ids.isEmpty)
        let id = try keys.change { try $0.create(1) }[0].id
        #expect(try key(id) != nil)
    }

    @Test("Changes take turns; who waits too long is told; reading goes on beside reading")
    func turns() throws {
        let keys = keys
        let inside = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<5 {
                let made = Result {
                    try keys.change { change in
                        let isAlone = inside.withLock { count in
                            count += 1
                            return count == 1
                        }
                        _ = try change.create(1)
                        inside.withLock { $0 -= 1 }
                        return isAlone
                    }
                }
                #expect((try? made.get()) == true)
            }
        }
        #expect(Set(try keys.contents().ids.map(\.slot)).count == 40)
        let hold = try #require(try keys.hold())
        #expect(try keys.contents().ids.count == 40)
        #expect(throws: AnnalsError(.unavailable, "LOCKED", "")) {
            try keys.change(timeoutSeconds: 0) { try $0.create(1) }
        }
        withExtendedLifetime(hold) {}
    }

    @Test("Ids are told apart from other texts", arguments: ["", "1", "-1-", "01-", "x-", "1-AB"])
    func ids(_ text: String) {
        let digits = String(repeating: "0f", count: 16)
        #expect(DataKeyID("3-\(digits)")?.slot == 3)
        #expect(DataKeyID(text) == nil)
        #expect(DataKeyID("\(text)\(digits.dropLast())") == nil)
        #expect(DataKeyID("99999999999-\(digits)") == nil)
    }

    @Test("doctor tells a damaged record, a foreign file and a mode that lets others read")
    func findings() async throws {
        let rig = try await BackupStore(items: 1)
        #expect(try rig.store.checkDataKeys() == nil)
        _ = try rig.store.dataKeys.change { try $0.create(2) }
        #expect(try rig.store.diagnoseFiles().isEmpty)
        #expect(try rig.store.checkDataKeys() == .init(count: 2, damaged: []))
        let path = rig.store.dataKeys.path
        try BackupStore.flip(bit: 8 * 70, of: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(
            try rig.store.diagnoseFiles().map(\.code) == [
                "DATA_KEYS_DAMAGED", "DATA_KEYS_READABLE",
            ])
        #expect(try rig.store.checkDataKeys() == .init(count: 1, damaged: [0]))
        try BackupStore.flip(bit: 0, of: path)
        #expect(try rig.store.diagnoseFiles().map(\.code).first == "DATA_KEYS_DAMAGED")
        #expect(throws: AnnalsError.self) { try rig.store.checkDataKeys() }
    }
}
