internal import CLMDB

extension Environment {
    /// Checks the structure of every page that the last commit reaches, without LMDB.
    ///
    /// LMDB trusts its pages, and a damaged one ends the process: call this before a table is opened.
    /// Others may write meanwhile.
    /// - Throws: `DamagedPage`; `LMDBError` when there is no snapshot to be had.
    /// - Complexity: reads every page in use, but of a large value only the first; takes a bit of
    ///   memory for each page.
    public borrowing func checkPages() throws {
        guard let path else { throw LMDBError(code: MDB_PANIC, call: "mdb_env_get_path") }
        var seen: UInt64?
        while true {
            // For as long as the snapshot lasts, nobody overwrites what it shows; but its meta page is
            // overwritten by the next commit but one.
            let missed = try read { transaction -> UInt64? in
                let file = try DataFile(path: path + "/data.mdb")
                guard let meta = file.meta(ofTransaction: transaction.number) else {
                    return transaction.number
                }
                var check = PageCheck(file: file, meta: meta)
                try check.all()
                return nil
            }
            guard let missed else { return }
            guard missed != seen else {
                throw DamagedPage(page: missed & 1, what: "it is not that of the last commit")
            }
            seen = missed
        }
    }
}
