import Foundation
import LMDB
import Testing

/// An environment in a temporary folder of its own, with one table.
struct TemporaryEnvironment: ~Copyable {
    let folder: String
    let environment: Environment
    let table: Table

    init() throws {
        folder = NSTemporaryDirectory() + "annals-lmdb-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let opened = try Environment(path: folder)
        table = try opened.createTables(["table"])[0]
        environment = opened
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("could not remove \(folder): \(error)")
        }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct EnvironmentTests {
    @Test("what a write committed is there for the next read; what it threw away is not")
    func commitAndAbort() throws {
        let store = try TemporaryEnvironment()
        let (key, kept, lost) = (bytes("k"), bytes("kept"), bytes("lost"))
        let table = store.table
        try store.environment.write { try $0.put(kept.span, forKey: key.span, in: table) }
        #expect(throws: CancellationError.self) {
            try store.environment.write { transaction in
                try transaction.put(lost.span, forKey: key.span, in: table)
                let seen = try transaction.reading {
                    try $0.value(forKey: key.span, in: table)?.count
                }
                #expect(seen == 4, "a write sees its own state")
                throw CancellationError()
            }
        }
        let found: [UInt8] = try store.environment.read { transaction in
            guard let value = try transaction.value(forKey: key.span, in: table) else { return [] }
            return value.indices.map { value[$0] }
        }
        #expect(found == kept)
    }

    @Test("a folder can be opened again only after it was closed")
    func secondOpenIsRefused() throws {
        let store = try TemporaryEnvironment()
        let link = store.folder + "-link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: store.folder)
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: link) }
        }
        for path in [store.folder, link] {
            do {
                _ = try Environment(path: path)
                Issue.record("opened twice")
            } catch {
                #expect(error.cause == .alreadyOpen)
            }
        }
    }

    @Test("opening what is not there, or not LMDB's, says so")
    func refusals() throws {
        do {
            _ = try Environment(path: NSTemporaryDirectory() + "annals-none-\(UUID().uuidString)")
            Issue.record("opened a folder that does not exist")
        } catch { #expect(error.cause == .notFound) }

        let folder = NSTemporaryDirectory() + "annals-lmdb-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) }
        }
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: folder + "/data.mdb"))
        do {
            _ = try Environment(path: folder)
            Issue.record("opened a file that LMDB did not write")
        } catch { #expect(error.cause == .damaged) }
    }

    @Test("a read-only environment refuses to write")
    func readOnly() throws {
        let folder: String
        do {
            let store = try TemporaryEnvironment()
            folder = store.folder + "-copy"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try store.environment.copy(toFolder: folder)
        }
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) }
        }
        var options = Environment.Options()
        options.readOnly = true
        let environment = try Environment(path: folder, options: options)
        let table = try environment.openTables(["table"])[0]
        let key = bytes("k")
        do {
            try environment.write { try $0.put(key.span, forKey: key.span, in: table) }
            Issue.record("wrote")
        } catch let error as LMDBError { #expect(error.cause == .notPermitted) }
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/data.mdb")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("a hundred and fifty environments in one process find room in its address space")
    func many() throws {
        let folder = NSTemporaryDirectory() + "annals-lmdb-\(UUID().uuidString)"
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) }
        }
        func open(_ number: Int) throws {
            let path = "\(folder)/\(number)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            let environment = try Environment(path: path)
            if number > 0 { try open(number - 1) }
            #expect(try environment.createTables(["table"]).count == 1)
        }
        try open(150)
    }

    @Test("a value that fills the map is refused, and the environment goes on")
    func mapFull() throws {
        let folder = NSTemporaryDirectory() + "annals-lmdb-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) }
        }
        var options = Environment.Options()
        options.mapBytesMax = 1 << 20
        let environment = try Environment(path: folder, options: options)
        let table = try environment.createTables(["table"])[0]
        let (key, large) = (bytes("k"), [UInt8](repeating: 1, count: 2 << 20))
        do {
            try environment.write { try $0.put(large.span, forKey: key.span, in: table) }
            Issue.record("wrote more than the map holds")
        } catch let error as LMDBError { #expect(error.cause == .mapFull) }
        try environment.write { try $0.put(key.span, forKey: key.span, in: table) }
        #expect(try environment.read { try $0.entryCount(of: table) } == 1)
    }
}
