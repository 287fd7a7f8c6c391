import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Testing

@testable import Annals

/// Real processes, really killed.
///
/// `ANNALS_CRASHES` says how many times; `tools/crash` runs the long form.
@Suite("kill -9 at any moment", .serialized)
struct CrashTests {
    /// Kills at random moments.
    static let kills = ProcessInfo.processInfo.environment["ANNALS_CRASHES"].flatMap(Int.init) ?? 60

    @Test(
        "At random moments of every operation nothing acknowledged is lost, and nothing needs repair"
    )
    func randomMoments() async throws {
        let seed =
            ProcessInfo.processInfo.environment["ANNALS_SEED"].flatMap(UInt64.init)
            ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("kill -9: \(Self.kills) kills, ANNALS_SEED=\(seed)")
        let rig = try await CrashRig(seed: seed)
        for number in 0..<Self.kills {
            try await rig.kill(number, CrashRig.Operation.allCases[number % 6])
        }
        try await rig.finish()
        print("kill -9: \(rig.landed) of \(Self.kills) came before the end of the work")
        // A rig that always kills too late would show nothing.
        #expect(rig.landed * 3 >= Self.kills)
    }

    @Test(
        "At every failpoint of every operation",
        arguments: [
            ("build.created", CrashRig.Operation.rebuild), ("build.applied", .rebuild),
            ("build.finished", .rebuild), ("switch.before-pointer", .rebuild),
            ("switch.after-pointer", .rebuild), ("switch.after-link", .rebuild),
            ("build.created", .migrate), ("build.applied", .migrate), ("build.finished", .migrate),
            ("switch.before-pointer", .migrate), ("switch.after-pointer", .migrate),
            ("switch.after-link", .migrate), ("switch.before-pointer", .rollback),
            ("switch.after-pointer", .rollback), ("switch.after-link", .rollback),
            ("checked.before-log-commit", .checked), ("checked.between-commits", .checked),
        ])
    func failpoints(_ name: String, _ operation: CrashRig.Operation) async throws {
        let rig = try await CrashRig(seed: 7, events: 200)
        try await rig.kill(0, operation, at: name)
        #expect(rig.landed == 1, "\(name) was not reached")
        try await rig.finish()
    }

    @Test("The failpoints of the list are those that the operations reach")
    func failpointNames() {
        let here = [
            "build.created", "build.applied", "build.finished", "switch.before-pointer",
            "switch.after-pointer", "switch.after-link", "checked.before-log-commit",
            "checked.between-commits", "adopt.marked", "adopt.appended", "create.log-made",
            "create.before-move", "create.after-move", "log.written",
            // These among the tests of the credentials, which need the keys.
            "data-keys.created", "data-keys.appended", "data-keys.destroyed",
        ]
        #expect(Set(Failpoints.names) == BackupCrashTests.failpoints.union(here))
    }

    @Test(
        "A store whose making was killed is none, or whole; the next attempt makes it",
        arguments: ["create.log-made", "create.before-move", "create.after-move"], [false, true])
    func creation(_ name: String, inFolder: Bool) throws {
        let folder = try TemporaryFolder()
        let path = inFolder ? folder.path : folder.path + "/store"
        let end = try DriverProcess(path, "create", failpoint: "\(name)=crash").finish()
        #expect(!end.isClean, "\(name) was not reached")
        var id: String?
        if name == "create.after-move" {
            #expect(refusal { try EventStore.create(at: path) }?.code == "STORE_EXISTS")
            id = try EventStore(at: path).log.id
        } else {
            #expect(refusal { try EventStore(at: path) }?.code == "STORE_MISSING")
            id = try EventStore.create(at: path).log.id
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(names == ["generations", "log", "store.json", "store.lock"])
        #expect(try EventStore(at: path).log.id == id)
    }
}

/// One store that lives through all the kills, and what must be in it.
final class CrashRig {
    enum Operation: CaseIterable {
        case importing, rebuild, rollback, checked, migrate, unchecked
    }

    private let stock: StockStore
    private var random: SeededRandom
    /// The ids of events whose append was acknowledged.
    private var acknowledged: Set<String> = []
    /// Milliseconds that an operation takes undisturbed, roughly.
    private var typicalMs: [Operation: Double] = [:]
    /// Kills that came before the work was done.
    private(set) var landed = 0

    init(seed: UInt64, events: Int = 1_500) async throws {
        random = SeededRandom(seed)
        stock = try StockStore { $0.clock = EventStore.systemClock }
        _ = try await stock.store.appendUnchecked((0..<events).map { Stock.added("base-\($0)") })
        _ = try stock.store.catchUp(Stock.name)
        stock.temporary.close()
    }

    /// Kills one operation, and looks at the store.
    /// - Parameter failpoint: where; at a random moment without one.
    func kill(_ number: Int, _ operation: Operation, at failpoint: String? = nil) async throws {
        // An operation can only be killed where it has something to do.
        let builds = failpoint?.hasPrefix("build.") ?? (number / 6 % 2 == 0)
        let version = try prepare(for: operation, builds: builds)
        let isFirst = typicalMs[operation] == nil && failpoint == nil
        // Every third time the test has the store open too, and goes on with it.
        if number % 3 == 1 { try stock.temporary.reopen() }
        let (verb, arguments) = try command(operation, number)
        // Every fifth may die while it still opens the store.
        let waits = failpoint == nil && (isFirst || number % 5 != 4)
        let driver = try DriverProcess(
            stock.path, verb, arguments, failpoint: failpoint.map { "\($0)=crash" }, waits: waits)
        let start = ContinuousClock.now
        driver.go()
        if failpoint == nil && !isFirst {
            let limit = (typicalMs[operation] ?? 50) * 1.1 + (waits ? 0 : 60)
            usleep(UInt32(Double.random(in: 0...limit, using: &random) * 1000))
            driver.kill()
        }
        let end = driver.finish()
        if isFirst { typicalMs[operation] = (ContinuousClock.now - start) / .milliseconds(1) }
        if !end.isClean { landed += 1 }
        let error = end.lines.first { $0.hasPrefix("error") }
        #expect(error == nil, "\(operation): \(error ?? "")")
        for line in end.lines where line.hasPrefix("ack ") {
            acknowledged.insert(String(line.dropFirst(4)))
        }
        try check(
            "\(operation) \(number) \(failpoint ?? "")", versions: [version, goal(operation)])
        if operation == .importing { try await completeImport(number) }
        stock.temporary.close()
    }

    private func goal(_ operation: Operation) -> Int? {
        switch operation {
        case .rollback: 2
        case .migrate: Stock.newest
        default: nil
        }
    }

    /// Brings the store where the operation has something to do; returns the version.
    ///
    /// - Parameter builds: Whether a migration builds, or goes forward to the retained file.
    private func prepare(for operation: Operation, builds: Bool) throws -> Int {
        defer { stock.temporary.close() }
        let store = try stock.temporary.reopen()
        if operation == .migrate {
            _ = try store.rollback(Stock.name, to: .version(2))
            for retained in try store.state(of: Stock.name)?.retained ?? [] where builds {
                let path = "\(stock.path)/generations/\(retained.file)"
                guard FileManager.default.fileExists(atPath: path) else { continue }
                try FileManager.default.removeItem(atPath: path)
            }
        }
        if operation == .rollback { _ = try store.migrate(Stock.name) }
        return try store.status().projections[0].version
    }

    private func command(_ operation: Operation, _ number: Int) throws -> (String, [String]) {
        switch operation {
        case .importing:
            var lines = ""
            for index in 0..<400 {
                lines += #"{"specversion":"1.0","id":"f\#(number)-\#(index)","source":"crash","#
                lines += #""type":"item.added","subject":"stock/f\#(number)-\#(index)","#
                lines += #""data":{"name":"f\#(number)-\#(index)"}}"# + "\n"
            }
            return ("import", [try stock.projections.write(lines, to: "import-\(number).jsonl")])
        case .rebuild: return ("rebuild", [Stock.name])
        case .rollback: return ("rollback", [Stock.name, "2"])
        case .migrate: return ("migrate", [Stock.name])
        case .checked: return ("checked", ["c\(number)", "20"])
        case .unchecked: return ("unchecked", ["u\(number)", "60", "3"])
        }
    }

    /// An interrupted import is repeated to complete it.
    private func completeImport(_ number: Int) async throws {
        let result = try await stock.store.importEvents(
            from: "\(stock.projections.path)/import-\(number).jsonl")
        #expect(result.read == 400)
        #expect(result.appended + result.skipped == 400)
        try stock.store.catchUpAll()
        for index in 0..<400 { acknowledged.insert("f\(number)-\(index)") }
    }

    /// What holds after any kill.
    private func check(_ what: String, versions: [Int?]) throws {
        let store = try stock.temporary.reopen()
        let report = try store.log.verify()
        #expect(report.problemCount == 0, "\(what): \(report.problems)")
        for id in acknowledged {
            #expect(try store.log.position(ofID: id) != nil, "\(what): \(id) was acknowledged")
        }
        let status = try store.status()
        #expect(status.lock == nil)
        let projection = try #require(status.projections.first)
        #expect(versions.contains(projection.version), "\(what): version \(projection.version)")
        #expect([.current, .pending].contains(projection.state), "\(what): \(projection.state)")
        #expect(projection.lag == 0, "\(what)")
        let verification = try store.verify(Stock.name)
        #expect(verification.isEqual, "\(what)")
        try checkFiles(what)
        try checkAdminEvents(what, store, projection)
    }

    /// Opening removed what the killed process had begun.
    private func checkFiles(_ what: String) throws {
        let state = try #require(try stock.store.state(of: Stock.name))
        let known = ([state.current].compactMap { $0 } + state.retained).map(\.file)
        for name in try stock.generations() {
            let base = name.replacingOccurrences(of: "-wal", with: "")
                .replacingOccurrences(of: "-shm", with: "")
            #expect(known.contains(base), "\(what): stray \(name)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: stock.path).sorted()
        #expect(
            names == ["generations", "log", "stock.sqlite", "store.json", "store.lock"],
            "\(what)")
        let link = try FileManager.default.destinationOfSymbolicLink(
            atPath: "\(stock.path)/stock.sqlite")
        #expect(link == "generations/\(state.current?.file ?? "")", "\(what)")
    }

    /// What the store tells about itself in the log is told once, and fits to what it is.
    private func checkAdminEvents(
        _ what: String, _ store: EventStore, _ projection: ProjectionStatus
    ) throws {
        struct Note: Decodable { let version: Int? }
        var applied: Set<Int> = []
        try store.log.readStream("annals/admin", limit: 100_000) { event in
            let event = event.copy()
            let note = try JSONDecoder().decode(Note.self, from: Data(event.data))
            switch event.type {
            case "migration.applied":
                let isNew = applied.insert(note.version ?? 0).inserted
                #expect(isNew, "\(what): told twice")
            case "migration.rolled_back": applied.remove(note.version ?? 0)
            default: break
            }
        }
        #expect(applied == Set(projection.applied.map(\.number)), "\(what)")
        #expect(try store.log.lastRevision(of: "stock/box") == Revision(1), "\(what): seeds")
    }

    /// The state at the end is that of a store to which nothing ever happened.
    func finish() async throws {
        let store = try stock.temporary.reopen()
        _ = try store.migrate(Stock.name)
        let file = "\(stock.projections.path)/all.jsonl"
        _ = try store.exportEvents(to: file)
        let undisturbed = try StockStore(migrates: false)
        _ = try await undisturbed.store.importEvents(from: file)
        _ = try undisturbed.store.migrate(Stock.name)
        #expect(
            try undisturbed.store.digest(of: Stock.name).digest
                == store.digest(of: Stock.name).digest)
        // Of each version, not only of the newest.
        for version in [1, 2, 3] {
            let path = "\(stock.projections.path)/at-\(version).sqlite"
            let replay = try store.replay(Stock.name, asOf: AsOf(version: version), into: path)
            _ = try undisturbed.store.rollback(Stock.name, to: .version(version))
            #expect(try undisturbed.store.digest(of: Stock.name).digest == replay.digest)
            _ = try undisturbed.store.migrate(Stock.name)
        }
    }
}
