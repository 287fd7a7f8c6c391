public import EventModel
import SQLite

/// One snapshot of a finished projection file, held for as long as this object lives.
///
/// Others go on applying events; what they add is not seen here. Changes nothing. For one thread at
/// a time.
public final class PinnedProjection {
    /// The projection.
    public let name: String
    /// The file.
    public let path: String
    /// The position up to which the rows hold the log.
    public let checkpoint: Position
    /// The log that the file follows.
    public let logID: String
    private let connection: Connection

    /// Pins the present content of a file.
    /// - Throws: what SQLite says when the file cannot be read.
    public init(path: String, projection: String) throws(AnnalsError) {
        name = projection
        self.path = path
        (connection, checkpoint, logID) = try ProjectionDatabase.wrap(projection) {
            () throws(SQLiteError) in
            let connection = try Connection(path: path, mode: .readOnly)
            // The first read begins the snapshot.
            try connection.execute("BEGIN")
            let sql = "SELECT position, log_id FROM checkpoint WHERE id = 1"
            guard let statement = try connection.prepare(sql).statement else {
                return (connection, .start, "")
            }
            var run = statement.run()
            guard try run.step() else { return (connection, .start, "") }
            return (
                connection, Position(UInt64(clamping: run.int64(at: 0))), run.text(at: 1) ?? ""
            )
        }
    }

    /// The content digest.
    public func contentDigest() throws(AnnalsError) -> String {
        try ProjectionDatabase.wrap(name) { () throws(SQLiteError) in
            try ContentDigest.hex(of: connection)
        }
    }

    /// Copies the content into a new file that stands alone, without a WAL beside it, and syncs it.
    ///
    /// The folder that names the file is not synced.
    /// - Parameter progress: Called with the bytes copied and all bytes; what it throws ends the copy.
    /// - Throws: what SQLite says, or what `progress` throws; what is there of the file is to be
    ///   removed then.
    public func copy(
        to path: String, progress: (_ done: UInt64, _ total: UInt64) throws(AnnalsError) -> Void
    ) throws(AnnalsError) {
        do {
            let target = try Connection(path: path, mode: .create)
            // The file is private until it is whole, and synced then.
            try target.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")
            let pageBytes = UInt64(clamping: try connection.int64("PRAGMA page_size") ?? 0)
            try connection.copy(to: target) { done, total in
                try progress(UInt64(done) * pageBytes, UInt64(total) * pageBytes)
            }
            try target.execute("PRAGMA journal_mode = DELETE")
            try target.sync()
        } catch let error as SQLiteError {
            throw .database(error, projection: name)
        } catch let error as AnnalsError {
            throw error
        } catch {
            throw AnnalsError(
                .unavailable, "PROJECTION_FILE", "The copy of \(path) failed: \(error).",
                context: .init(projection: name))
        }
    }
}

extension ProjectionDatabase {
    /// Makes a finished file follow another log, which must hold the same events up to the file's
    /// checkpoint, and syncs it.
    ///
    /// The folder that names the file is not synced.
    /// - Throws: what SQLite says.
    public static func follow(
        path: String, projection: String, log: String
    ) throws(AnnalsError) {
        try wrap(projection) { () throws(SQLiteError) in
            let connection = try Connection(path: path, mode: .readWrite)
            try connection.execute("PRAGMA journal_mode = WAL")
            let sql = "UPDATE checkpoint SET log_id = ? WHERE id = 1"
            if let statement = try connection.prepare(sql).statement {
                var run = statement.run()
                run.bind(log, at: 1)
                _ = try run.step()
            }
            try connection.checkpointTruncate()
            try connection.sync()
        }
    }
}
