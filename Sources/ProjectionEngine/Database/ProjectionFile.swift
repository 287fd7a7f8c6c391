package import EventModel
package import SQLite

/// Finished projection files as readers open them: for reading only, and only if they are what they
/// are taken for.
package enum ProjectionFile {
    /// Opens a finished file and begins a snapshot of it.
    /// - Parameters:
    ///   - clock: what "now" is for statements; `nil` for the machine's clock.
    ///   - mode: one that does not change the file.
    /// - Throws: `FILE_MISSING` or `PROJECTION_CORRUPT` (corrupt); `PROJECTION_FORMAT` for a newer or
    ///   foreign file, `PROJECTION_UNFINISHED`; what SQLite says when it cannot be opened.
    package static func snapshot(
        path: String, projection: String, clock: EventClock? = nil,
        mode: Connection.Mode = .readOnly
    ) throws(AnnalsError) -> Connection {
        let connection = try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            let connection = try Connection(path: path, mode: mode, clock: clock)
            try connection.execute("BEGIN")
            return connection
        }
        try checkFormat(of: connection, projection, path)
        return connection
    }

    /// Reads the marks in a file's header.
    static func checkFormat(
        of connection: Connection, _ projection: String, _ path: String
    ) throws(AnnalsError) {
        let (mark, version) = try ProjectionDatabase.wrap(projection) { () throws(SQLiteError) in
            (
                try connection.int64("PRAGMA application_id"),
                try connection.int64("PRAGMA user_version")
            )
        }
        let context = AnnalsError.Context(projection: projection)
        guard mark == EngineTables.applicationID, let version,
            version <= EngineTables.formatVersion
        else {
            throw AnnalsError(
                .invalid, "PROJECTION_FORMAT",
                "\(path) is no projection file that this program knows.",
                hint: "Use a newer program, or rebuild the projection.", context: context)
        }
        guard version != EngineTables.unfinished else {
            throw AnnalsError(
                .invalid, "PROJECTION_UNFINISHED", "The build of \(path) was not finished.",
                hint: "Remove the file and rebuild the projection.", context: context)
        }
    }
}
