import Foundation
import Testing

/// A folder of one test with a store in it, removed with its owner.
final class TestStore {
    let folder: URL
    /// The store's folder.
    let path: String

    /// Makes the folder; the store is made by `make` or `makeOwn`.
    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("annals-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("store").path
    }

    deinit {
        do { try FileManager.default.removeItem(at: folder) } catch {
            Issue.record("\(folder.path) stays behind: \(error)")
        }
    }

    /// A store with the built-in projections.
    static func builtIn() throws -> TestStore {
        let store = try TestStore()
        try store.succeed("init")
        return store
    }

    /// A store with the one projection of `PeopleProjection`.
    static func people(_ arguments: String...) throws -> TestStore {
        let store = try TestStore()
        try PeopleProjection.write(to: store.projections)
        try store.succeed(["init", "--projections", store.projections.path] + arguments)
        return store
    }

    /// The folder of the store's own projections.
    var projections: URL { folder.appendingPathComponent("projections") }

    /// A file of the people's projection.
    func migration(_ name: String) -> URL {
        projections.appendingPathComponent("people/Migrations/\(name)")
    }

    // MARK: Running

    func start(
        _ arguments: [String], input: URL? = nil, environment: [String: String] = [:]
    ) throws -> Program.Started {
        try Program.Started(
            arguments, input: input,
            environment: ["ANNALS_STORE": path].merging(environment) { $1 },
            in: folder)
    }

    @discardableResult
    func run(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:]
    ) throws -> Program.Run {
        let file = try input.map { try write($0, to: "input-\(UUID().uuidString)") }
        return try start(arguments, input: file, environment: environment).wait()
    }

    @discardableResult
    func run(_ arguments: String...) throws -> Program.Run { try run(arguments) }

    /// Runs what must succeed.
    @discardableResult
    func succeed(
        _ arguments: [String], input: String? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) throws -> Program.Run {
        let run = try run(arguments, input: input)
        #expect(run.status == 0, "\(arguments): \(run.error)", sourceLocation: location)
        return run
    }

    @discardableResult
    func succeed(
        _ arguments: String..., location: SourceLocation = #_sourceLocation
    ) throws -> Program.Run { try succeed(arguments, location) }

    /// Runs what must fail with a code; returns the error of its document.
    @discardableResult
    func fail(
        _ code: String, status: Int32 = 1, _ arguments: [String], input: String? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) throws -> [String: Any] {
        let run = try run(arguments + ["--json"], input: input)
        #expect(run.status == status, "\(run.output)\(run.error)", sourceLocation: location)
        let error = try run.errorObject
        #expect(error["code"] as? String == code, "\(error)", sourceLocation: location)
        #expect((error["message"] as? String)?.isEmpty == false, sourceLocation: location)
        #expect(error["hint"] is String, sourceLocation: location)
        return error
    }

    // MARK: Looking

    func status() throws -> [String: Any] { try succeed("status", "--json").json }

    func projection(_ name: String) throws -> [String: Any] {
        let all = try #require(try status()["projections"] as? [[String: Any]])
        return try #require(all.first { $0["name"] as? String == name })
    }

    func head() throws -> Int { try #require(try status()["head"] as? Int) }

    /// Head, and version, checkpoint and digest of each projection: what a refused command leaves.
    func content() throws -> String {
        let status = try status()
        let projections = try #require(status["projections"] as? [[String: Any]])
        let each = projections.map {
            "\($0["name"] ?? "") \($0["version"] ?? "") \($0["checkpoint"] ?? "") \($0["digest"] ?? "")"
        }
        return "\(status["head"] ?? "")\n\(each.joined(separator: "\n"))"
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> URL {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file
    }

    /// Every file and link of the store with its bytes; what may change by reading is left out.
    func files() throws -> [String: Data] { try Self.files(below: path) }

    /// The same for any folder.
    static func files(below path: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        let paths = try #require(FileManager.default.enumerator(atPath: path)).compactMap {
            $0 as? String
        }
        for name in paths where !name.hasSuffix("lock.mdb") && !name.hasSuffix("-shm") {
            let full = "\(path)/\(name)"
            let type = try FileManager.default.attributesOfItem(atPath: full)[.type]
            switch type as? FileAttributeType {
            case .typeSymbolicLink:
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: full)
                found[name] = Data(target.utf8)
            case .typeRegular:
                let bytes = try Data(contentsOf: URL(fileURLWithPath: full))
                if !name.hasSuffix("-wal") || !bytes.isEmpty { found[name] = bytes }
            default: break
            }
        }
        return found
    }
}
