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

    /// Stands before the store, so that it is closed first: a writer that closes last empties the WAL.
    private let open = Mutex<OpenPool?>(nil)
    private let store: EventStore
    /// The projection.
    public let projection: String

    init(store: EventStore, projection: String) {
        self.store = store
        self.projection = projection
    }

    /// Lends a read-only connection to the current generation.
    ///
    /// - Throws: `PROJECTION_NOT_BUILT`, `LINEAGE`, or what GRDB and `body` throw.
    public func read<R>(_ body: (Database) throws -> R) throws -> R {
        while true {
            guard let current = try store.state(of: projection)?.current else {
                throw store.notBuilt(projection)
            }
            let pool: DatabasePool
            do {
                pool = try self.pool(current)
            } catch {
                // The file may have gone with a switch after its name had been read.
                if try store.state(of: projection)?.current == current { throw error }
                continue
            }
            do {
                return try pool.read { db in
                    try checkSnapshot(of: db, current)
                    return try body(db)
                }
            } catch is Replaced {
                continue
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
                // The pool opens connections as it needs them.
                if try store.state(of: projection)?.current == current { throw error }
            }
        }
    }

    /// The generation was replaced before the snapshot began.
    private struct Replaced: Error {}

    /// Begins the snapshot, then sees that the generation is still current.
    ///
    /// Somebody who waited for
    /// the old file's lock may catch it up even after a switch: it would be ahead of the new one,
    /// and time would seem to go back with the next read.
    private func checkSnapshot(
        of db: Database, _ generation: ProjectionState.Generation
    ) throws {
        let logID = try String.fetchOne(db, sql: "SELECT log_id FROM checkpoint")
        guard logID == store.logIdentity else { throw store.foreign(projection, generation) }
        guard try store.state(of: projection)?.current == generation else { throw Replaced() }
    }

    private func pool(_ generation: ProjectionState.Generation) throws -> DatabasePool {
        let file = generation.file
        return try open.withLock { open in
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
        try checkReadable(projection)
        return ProjectionReader(store: self, projection: projection)
    }
}
