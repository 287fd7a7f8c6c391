internal import GRDBSQLite

extension Connection {
    /// Copies the whole database, page by page, over the database of another connection.
    ///
    /// The copy is the source at one moment: its write-ahead log is included, and writers are neither
    /// waited for nor kept waiting. The target has the source's page size and journal mode then.
    /// - Parameters:
    ///   - target: a connection to an empty file that nobody else has open.
    ///   - pages: pages between two calls of `progress`.
    ///   - progress: called now and then, with the pages copied and all pages; an error ends the copying
    ///     and is thrown on.
    /// - Precondition: This connection has begun to read in a transaction.
    public func copy(
        to target: Connection, pages: Int = 4_096,
        progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws {
        precondition(inTransaction, "the transaction holds the moment that is copied")
        guard let backup = unsafe sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw unsafe lastError(sqlite3_errcode(target.handle), target.handle)
        }
        var code = SQLITE_OK
        do {
            while code == SQLITE_OK {
                let total = unsafe Int(sqlite3_backup_pagecount(backup))
                try progress(total - (unsafe Int(sqlite3_backup_remaining(backup))), total)
                code = unsafe sqlite3_backup_step(backup, Int32(truncatingIfNeeded: pages))
            }
        } catch {
            unsafe sqlite3_backup_finish(backup)
            throw error
        }
        let end = unsafe sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else { throw unsafe lastError(code, target.handle) }
        try unsafe check(end, target.handle)
    }
}
