import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

@Suite("The life of a store")
struct StoreLifeTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    @Test("A store is not made over another, nor in a folder with files, which stay")
    func createRefused() throws {
        let stock = try StockStore()
        let error = refusal { try EventStore.create(at: stock.path) }
        #expect(error?.code == "STORE_EXISTS")
        #expect(try stock.store.verify(Stock.name).isEqual)

        let folder = try TemporaryFolder()
        try folder.write("mine", to: "note.txt")
        #expect(refusal { try EventStore.create(at: folder.path) }?.code == "FOLDER_NOT_EMPTY")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["note.txt"])
    }

    @Test("What cannot be made leaves nothing behind")
    func createLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let projections = try Stock.folder(["001_items": "-- Migration: nonsense"])
        let path = "\(folder.path)/store"
        #expect(
            refusal { try EventStore.create(at: path, projectionsFolder: projections.path) }?.kind
                == .invalid)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        // A migration that fails with the first opening takes the new store back too.
        let seeds = Stock.items.replacingOccurrences(
            of: #"{ "name": "box" }"#, with: #"{ "noname": "box" }"#)
        let refused = try Stock.folder(["001_items": seeds])
        var options = EventStore.Options()
        options.migrates = true
        let error = refusal {
            try EventStore.create(at: path, projectionsFolder: refused.path, options: options)
        }
        #expect(error != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("Of several that make a store in one place at once, one succeeds and it is whole")
    func createRace() async throws {
        for _ in 0..<10 {
            let folder = try TemporaryFolder()
            let path = "\(folder.path)/store"
            let codes = await withTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    group.addTask { refusal { try EventStore.create(at: path) }?.code ?? "made" }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == "made" }.count == 1, "\(codes)")
            let store = try EventStore(at: path)
            #expect(try store.log.verify().problemCount == 0)
        }
    }

    @Test("What is missing, newer, or open already is told apart")
    func openRefused() throws {
        let folder = try TemporaryFolder()
        #expect(refusal { try EventStore(at: folder.path) }?.code == "STORE_MISSING")

        let stock = try StockStore()
        let error = refusal { try EventStore(at: stock.path) }
        #expect(error?.code == "STORE_ALREADY_OPEN")
        _ = try stock.store.appendAndWait([Stock.added("still-works")])

        stock.temporary.close()
        let manifest = "\(stock.path)/store.json"
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        try text.replacingOccurrences(of: #""format" : 1"#, with: #""format" : 99"#)
            .write(toFile: manifest, atomically: true, encoding: .utf8)
        #expect(refusal { try EventStore(at: stock.path) }?.code == "FORMAT_NEWER")
        try text.write(toFile: manifest, atomically: true, encoding: .utf8)
        #expect(try stock.temporary.reopen().verify(Stock.name).isEqual)
    }

    @Test("Everything belongs to its owner alone")
    func fileModes() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("a")])
        #expect(try mode(stock.path) == 0o700)
        let walk = try #require(FileManager.default.enumerator(atPath: stock.path))
        for case let name as String in walk {
            let path = "\(stock.path)/\(name)"
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type]
            guard let type = type as? FileAttributeType, type != .typeSymbolicLink else { continue }
            #expect(try mode(path) == (type == .typeDirectory ? 0o700 : 0o600), "\(name)")
        }
    }

    @Test("Of everything but the log deleted, opening and rebuilding bring the same content back")
    func deleteAllButTheLog() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([
            Stock.added("a"), Stock.counted("a", 5), Stock.added("b", parent: "a"),
        ])
        let before = try stock.store.digest(of: Stock.name)
        let manifest = FileManager.default.contents(atPath: "\(stock.path)/store.json")
        stock.temporary.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: stock.path)
        where name != "log" {
            try FileManager.default.removeItem(atPath: "\(stock.path)/\(name)")
        }
        let store = try stock.temporary.reopen()
        #expect(FileManager.default.contents(atPath: "\(stock.path)/store.json") == manifest)
        #expect(try store.status().projections[0].state == .missing)
        let rebuilt = try store.rebuild(Stock.name)
        #expect(rebuilt.digest == before.digest)
        #expect(try store.verify(Stock.name).isEqual)
        let link = try FileManager.default.destinationOfSymbolicLink(
            atPath: "\(stock.path)/stock.sqlite")
        #expect(link.hasPrefix("generations/stock-"))
        #expect(FileManager.default.fileExists(atPath: "\(stock.path)/\(link)"))
    }

    @Test("Several programs that open a bare log at once all succeed")
    func healedAtOnce() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("a")])
        let before = try stock.store.digest(of: Stock.name).digest
        for _ in 0..<(isSoak ? 20 : 4) {
            stock.temporary.close()
            for name in ["store.json", "store.lock", "stock.sqlite"] {
                try FileManager.default.removeItem(atPath: "\(stock.path)/\(name)")
            }
            let programs = try (0..<4).map { _ in try DriverProcess(stock.path, "open") }
            for program in programs {
                let end = program.finish()
                #expect(end.isClean, "\(end.lines)")
            }
            try stock.temporary.reopen()
            #expect(try stock.store.digest(of: Stock.name).digest == before)
            let names = try FileManager.default.contentsOfDirectory(atPath: stock.path)
            #expect(
                names.sorted() == [
                    "generations", "log", "stock.sqlite", "store.json", "store.lock",
                ])
        }
    }

    @Test("A projection file of another log is refused, and a rebuild replaces it")
    func lineage() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("a")])
        let digest = try stock.store.digest(of: Stock.name).digest
        let foreign = try StockStore()
        _ = try foreign.store.appendAndWait([Stock.added("intruder")])
        stock.temporary.close()
        foreign.temporary.close()
        try swapIn(foreign, for: stock)
        let store = try stock.temporary.reopen()
        #expect(refusal { try store.catchUp(Stock.name) }?.code == "LINEAGE")
        #expect(refusal { try store.appendAndWait([Stock.added("b")]) }?.code == "LINEAGE")
        #expect(refusal { try lines(of: store, "SELECT id FROM items") }?.code == "LINEAGE")
        #expect(
            refusal { try store.reader(of: Stock.name).read { _ in } }?.code == "LINEAGE")
        #expect(try store.status().projections[0].state == .missing)
        _ = try store.rebuild(Stock.name)
        #expect(try store.digest(of: Stock.name).digest == digest)
    }

    /// Puts the built file of one store in the place of another's.
    private func swapIn(_ source: StockStore, for target: StockStore) throws {
        let name = try #require(
            try target.generations().last { $0.hasSuffix(".sqlite") })
        for suffix in ["", "-wal", "-shm"] {
            let path = "\(target.path)/generations/\(name)\(suffix)"
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
            let other = "\(source.path)/generations/\(name)\(suffix)"
            if FileManager.default.fileExists(atPath: other) {
                try FileManager.default.copyItem(atPath: other, toPath: path)
            }
        }
    }

    /// A derived file must never keep the store from opening: the log is whole.
    @Test("A damaged projection file is told, and a rebuild replaces it")
    func damagedFile() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("a")])
        let digest = try stock.store.digest(of: Stock.name).digest
        stock.temporary.close()
        let name = try #require(try stock.generations().last { $0.hasSuffix(".sqlite") })
        try Data("this is no database, and it is long enough to be looked at".utf8)
            .write(to: URL(fileURLWithPath: "\(stock.path)/generations/\(name)"))
        let store = try stock.temporary.reopen()
        #expect(refusal { try store.catchUp(Stock.name) } != nil)
        #expect(try store.status(digests: true).projections[0].state == .missing)
        #expect(try store.rebuild(Stock.name).digest == digest)
        #expect(try store.verify(Stock.name).isEqual)
    }

    /// `stock-extra-0001.sqlite` begins like a file of `stock`: a migration of `stock` once removed it.
    @Test("A projection's migration leaves the files of one with a longer name alone")
    func namesThatBeginAlike() throws {
        let folder = try Stock.folder()
        for (name, text) in Stock.migrations {
            try folder.write(text, to: "extra/Migrations/\(name).sql")
        }
        try folder.write(
            Stock.manifest.replacingOccurrences(of: "name: stock\n", with: "name: stock-extra\n"),
            to: "extra/projection.yaml")
        let temporary = try TemporaryStore(.folder(folder.path))
        _ = try temporary.store.appendAndWait([Stock.added("a")])
        let names = try FileManager.default.contentsOfDirectory(
            atPath: "\(temporary.path)/generations")
        // A program without the other's definition holds none of its files.
        temporary.close()
        try FileManager.default.removeItem(atPath: "\(folder.path)/extra")
        try temporary.reopen()
        _ = try temporary.store.rebuild("stock")
        let left = try FileManager.default.contentsOfDirectory(
            atPath: "\(temporary.path)/generations")
        let extra = names.filter { $0.hasPrefix("stock-extra") && $0.hasSuffix(".sqlite") }
        #expect(extra.count == 1)
        #expect(Set(extra).isSubset(of: left))
    }

    @Test("Opening for reading changes no file")
    func readOnly() throws {
        let stock = try StockStore()
        _ = try stock.store.appendAndWait([Stock.added("a")])
        stock.temporary.close()
        let before = try contents(stock.path)
        let store = try stock.temporary.reopen { $0.access = .readOnly }
        #expect(try store.verify(Stock.name).isEqual)
        #expect(try lines(of: store, "SELECT count(*) FROM items") == ["2"])
        #expect(refusal { try store.appendAndWait([Stock.added("b")]) } != nil)
        #expect(refusal { try store.rebuild(Stock.name) } != nil)
        stock.temporary.close()
        #expect(try contents(stock.path) == before)
    }

    /// The files of a store by name, without those that readers may touch.
    private func contents(_ path: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        let walk = try #require(FileManager.default.enumerator(atPath: path))
        for case let name as String in walk
        where !name.hasSuffix("lock.mdb") && !name.hasSuffix("-shm") {
            let data = FileManager.default.contents(atPath: "\(path)/\(name)")
            if let data, !(name.hasSuffix("-wal") && data.isEmpty) { found[name] = data }
        }
        return found
    }
}
