internal import CLMDB
internal import Glibc

/// What LMDB answered, and which of its calls answered it.
public struct LMDBError: Error, Sendable, Equatable, CustomStringConvertible {
    /// LMDB's code (negative) or the operating system's errno (positive).
    public let code: Int32
    /// The C function that answered.
    public let call: StaticString
    /// The answer came from a commit: what reached the disk may be in doubt.
    public let isFromCommit: Bool

    init(code: Int32, call: StaticString, isFromCommit: Bool = false) {
        self.code = code
        self.call = call
        self.isFromCommit = isFromCommit
    }

    /// LMDB does not look for it, so it has no code for it; this one is outside of its range.
    static let cutShort: Int32 = -30_500

    /// The answers a caller tells apart.
    public enum Cause: Sendable, Equatable {
        /// The log's address space is used up (MDB_MAP_FULL).
        case mapFull
        /// Another process, which reserved more address space, made the data outgrow this one's map.
        case mapOutgrown
        /// No space or quota is left on the device.
        case diskFull
        /// All reader slots are taken by living processes.
        case readersFull
        /// The file is not what LMDB wrote, or is of another version of it.
        case damaged
        /// The data file ends before the last page in use.
        case cutShort
        /// The operating system refuses access: permissions or a read-only file system.
        case notPermitted
        /// The file or folder does not exist.
        case notFound
        /// A key came out of order, or exists already.
        case keyExists
        /// This process has the folder open already.
        case alreadyOpen
        /// Anything else.
        case other
    }

    /// What the code means to a caller.
    public var cause: Cause {
        switch code {
        case MDB_MAP_FULL: .mapFull
        case MDB_MAP_RESIZED: .mapOutgrown
        case ENOSPC, EDQUOT: .diskFull
        case MDB_READERS_FULL: .readersFull
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH, MDB_BAD_TXN,
            MDB_CURSOR_FULL, MDB_PANIC:
            .damaged
        case Self.cutShort: .cutShort
        case EACCES, EPERM, EROFS: .notPermitted
        case ENOENT: .notFound
        case MDB_KEYEXIST: .keyExists
        case EBUSY: .alreadyOpen
        default: .other
        }
    }

    /// LMDB's or the system's own words.
    public var description: String {
        if code == Self.cutShort { return "data.mdb ends before the last page in use" }
        return "\(call): \(unsafe String(cString: mdb_strerror(code))) (\(code))"
    }

    /// Two answers are equal when their codes are.
    public static func == (left: LMDBError, right: LMDBError) -> Bool { left.code == right.code }
}

@inline(__always)
func check(_ code: Int32, _ call: StaticString) throws(LMDBError) {
    guard code == MDB_SUCCESS else { throw LMDBError(code: code, call: call) }
}
