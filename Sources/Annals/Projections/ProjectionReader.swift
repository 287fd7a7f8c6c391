public import EventModel
internal import Foundation
public import GRDB
internal import Synchronization

/// Reads one projection through GRDB, for typed records, requests and SQL.
///
/// Each read sees one consistent snapshot; after a switch of generation the next read is on the new
/// one. Nothing can be written through it.
public final class ProjectionReader: Sendable {
    /// The connections to one generation.
    private struct OpenPool: Sendable {
        let file: String
        let pool: DatabasePool
    }

    private let store: EventStore
    /// The projection.
    public let projection: String
    private let open = Mutex<OpenPool?>(nil)

    init(store: EventStore, projection: String) {
        self.store = store
        self.projection = projection
    }

    /// Lends a read-only connection to the current generation.
    ///
    /// - Throws: `PROJECTION_NOT_BUILT`, or what GRDB and `body` throw.
    public func read<R>(_ body: (Database) throws -> R) throws -> R {
        // A generation may be removed between its name being read and its file being opened.
        for _ in 0..<16 {
            guard let current = try store.state(of: projection)?.current else { break }
            do {
                return try pool(current.file).read(body)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
                open.withLock { $0 = nil }
                continue
            }
        }
        throw store.notBuilt(projection)
    }

    private func pool(_ file: String) throws -> DatabasePool {
        try open.withLock { open in
            if let open, open.file == file { return open.pool }
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let pool = try DatabasePool(
                path: store.files.generation(file), configuration: configuration)
            open = OpenPool(file: file, pool: pool)
            return pool
        }
    }
}

extension EventStore {
    /// A reader of a projection; it stays valid over migrations, rollbacks and rebuilds.
    /// - Throws: `PROJECTION_UNKNOWN`.
    public func reader(of projection: String) throws(AnnalsError) -> ProjectionReader {
        _ = try handle(projection)
        return ProjectionReader(store: self, projection: projection)
    }
}
