internal import CSQLiteTuning
internal import GRDBSQLite
internal import Synchronization

/// A SQLite VFS whose only difference from the default one is the time: "now" is what was set.
///
/// `CURRENT_TIMESTAMP`, `unixepoch()` and `datetime('now')` of a connection that was opened with the
/// clock read it. One clock serves one connection. A `Connection` keeps its clock until it is closed;
/// whoever opens a connection by `vfsName` in another way must do the same.
@safe public final class EventClock: @unchecked Sendable {
    // SQLite hands the VFS back to the callback: the clock stands right behind it.
    @unsafe private struct Box {
        var vfs: sqlite3_vfs
        var clock: Unmanaged<EventClock>
    }

    private static let unixEpochInJulianMs: Int64 = 210_866_760_000_000

    private let box: UnsafeMutablePointer<Box>
    private let name: UnsafeMutablePointer<CChar>
    private let julianMs = Atomic<Int64>(EventClock.unixEpochInJulianMs)

    /// Registers the clock, standing at the Unix epoch.
    /// - Throws: SQLite's error when the VFS cannot be registered (no memory).
    public init() throws(SQLiteError) {
        try check(annals_sqlite_tune(), nil)
        guard let base = unsafe sqlite3_vfs_find(nil) else {
            throw SQLiteError(code: SQLITE_ERROR, message: "SQLite has no default VFS.")
        }
        unsafe box = .allocate(capacity: 1)
        // The address makes the name unique among the living clocks.
        let text = unsafe "annals-clock-\(UInt(bitPattern: box))"
        let bytes = text.utf8CString
        unsafe name = .allocate(capacity: bytes.count)
        for index in bytes.indices { unsafe (name + index).initialize(to: bytes[index]) }
        unsafe box.initialize(to: Box(vfs: base.pointee, clock: .passUnretained(self)))
        unsafe box.pointee.vfs.zName = UnsafePointer(name)
        unsafe box.pointee.vfs.xCurrentTimeInt64 = { vfs, now in
            guard let vfs = unsafe vfs, let now = unsafe now else { return SQLITE_ERROR }
            let box = unsafe UnsafeMutableRawPointer(vfs).assumingMemoryBound(to: Box.self)
            let clock = unsafe box.pointee.clock
            unsafe now.pointee = unsafe clock._withUnsafeGuaranteedRef {
                $0.julianMs.load(ordering: .relaxed)
            }
            return SQLITE_OK
        }
        try unsafe check(sqlite3_vfs_register(asVFS, 0), nil)
    }

    deinit {
        unsafe sqlite3_vfs_unregister(asVFS)
        unsafe box.deallocate()
        unsafe name.deallocate()
    }

    /// Sets "now", in milliseconds since the Unix epoch.
    ///
    /// SQLite's dates end with the years 0000 and 9999; its functions give NULL for a "now" outside.
    public func set(_ ms: Int64) {
        let (sum, overflow) = ms.addingReportingOverflow(Self.unixEpochInJulianMs)
        julianMs.store(overflow ? .max : sum, ordering: .relaxed)
    }

    /// The name under which SQLite knows the clock, for `file:…?vfs=NAME`.
    public var vfsName: String { unsafe String(cString: name) }

    private var asVFS: UnsafeMutablePointer<sqlite3_vfs> {
        unsafe UnsafeMutableRawPointer(box).assumingMemoryBound(to: sqlite3_vfs.self)
    }
}
