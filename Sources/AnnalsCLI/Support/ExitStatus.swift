internal import EventModel

/// What the program tells its caller when it ends; docs/cli.md lists them.
enum ExitStatus: Int32 {
    /// Done, or nothing to do.
    case done = 0
    /// It failed.
    case failure = 1
    /// Something is pending or different (`--check`).
    case pending = 3
    /// What was applied is not what the definition says.
    case drift = 4
    /// Another process holds the lock.
    case locked = 5
    /// What was verified is not what it should be.
    case verification = 6
    /// The call is wrong.
    case usage = 64

    /// What an error of the library means for the caller.
    init(_ error: AnnalsError) {
        switch error.code {
        case "LOCKED", "WRITER_BUSY": self = .locked
        case "MIGRATION_DRIFT": self = .drift
        case "BACKUP_DAMAGED": self = .verification
        case "ADOPT_DIFFERS": self = .verification
        default: self = .failure
        }
    }
}
