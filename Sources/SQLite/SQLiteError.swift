internal import GRDBSQLite

/// What SQLite answered, and to which SQL.
public struct SQLiteError: Error, Sendable, Equatable {
    /// A constraint that a statement violated.
    public enum Constraint: Sendable {
        /// `CHECK (…)`.
        case check
        /// `UNIQUE` or a primary key.
        case unique
        /// `NOT NULL`.
        case notNull
        /// `REFERENCES`.
        case foreignKey
        /// `RAISE(ABORT, …)` or `RAISE(FAIL, …)` in a trigger.
        case trigger
        /// The type of a column in a STRICT table, or another rule of SQLite's.
        case other
    }

    /// Why the authorizer refused a statement, for the person who wrote it.
    public struct Refusal: Sendable, Equatable {
        /// What was refused, one sentence.
        public let message: String
        /// What to write instead, one sentence.
        public let hint: String
        /// The name that was refused as it stands in the SQL, if it was a name.
        let word: String?
    }

    /// SQLite's extended result code.
    public let code: Int32
    /// SQLite's message, or the refusal's.
    public let message: String
    /// The statement, or all of the SQL that was being prepared.
    public let sql: String?
    /// Where in the SQL the error is, in bytes of UTF-8 from 0; `nil` when SQLite does not say.
    public let offset: Int?
    /// Set when the authorizer refused the statement.
    public let refusal: Refusal?
    /// Whether the file that was to be opened does not exist.
    public let isFileMissing: Bool

    init(
        code: Int32, message: String, sql: String? = nil, offset: Int? = nil,
        refusal: Refusal? = nil, isFileMissing: Bool = false
    ) {
        self.code = code
        self.message = message
        self.sql = sql
        self.offset = offset
        self.refusal = refusal
        self.isFileMissing = isFileMissing
    }

    /// The violated constraint; `nil` when the error is another one.
    public var constraint: Constraint? {
        guard code & 0xff == SQLITE_CONSTRAINT else { return nil }
        // Extended codes are the primary code and a number in the second byte (sqlite3.h).
        return switch code >> 8 {
        case 1: .check
        case 3: .foreignKey
        case 5: .notNull
        case 6, 8, 10: .unique
        case 7: .trigger
        default: .other
        }
    }

    /// Whether another connection holds a lock; the same call may succeed later.
    public var isBusy: Bool { [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xff) }

    /// Whether the file is damaged or is no database.
    public var isCorruption: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xff) }

    /// Whether no space is left on the device.
    public var isDiskFull: Bool { code & 0xff == SQLITE_FULL }

    /// Whether the trouble is outside the SQL: disk, space, memory, permissions or a lock.
    public var isEnvironment: Bool {
        [
            SQLITE_PERM, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_READONLY, SQLITE_IOERR,
            SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOLFS, SQLITE_INTERRUPT,
        ].contains(code & 0xff)
    }
}
