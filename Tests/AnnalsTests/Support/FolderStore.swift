import Annals
import AnnalsTesting
import EventModel
import Foundation

/// A store with one projection in files of its own, which a test may change between openings.
final class FolderStore {
    let folder: TemporaryFolder
    private let name: String
    private let temporary: TemporaryStore

    /// Makes the store; nothing is applied.
    init(_ name: String, _ manifest: String, _ migrations: [(String, String)]) throws {
        self.name = name
        folder = try TemporaryFolder()
        try folder.write(manifest, to: "\(name)/projection.yaml")
        for (file, text) in migrations {
            try folder.write(text, to: "\(name)/Migrations/\(file).sql")
        }
        temporary = try TemporaryStore(.folder(folder.path), migrates: false)
    }

    var store: EventStore { temporary.store }
    var path: String { temporary.path }

    /// Closes the store, changes files and opens it again.
    func reopen(_ change: (TemporaryFolder) throws -> Void = { _ in }) throws {
        temporary.close()
        try change(folder)
        try temporary.reopen()
    }

    func close() { temporary.close() }

    /// Writes a migration's file.
    func write(_ migration: (String, String)) throws {
        try folder.write(migration.1, to: "\(name)/Migrations/\(migration.0).sql")
    }

    /// Removes a migration's file.
    func remove(_ file: String) throws {
        try FileManager.default.removeItem(
            atPath: "\(folder.path)/\(name)/Migrations/\(file).sql")
    }

    /// The built files.
    func generations() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/generations")
            .filter { $0.hasSuffix(".sqlite") }.sorted()
    }

    /// Head, version and rows: what a refused act leaves.
    func content() throws -> String {
        let status = try store.status(digests: true)
        let projections = status.projections.map {
            "\($0.name) \($0.applied.map(\.number)) \($0.checkpoint) \($0.digest ?? "")"
        }
        return "\(status.head) \(projections) \(try generations())"
    }
}
