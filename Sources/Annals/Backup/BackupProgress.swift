/// How far a backup or restore is.
public struct BackupProgress: Sendable, Equatable {
    /// What is being done.
    public enum Step: String, Sendable {
        /// The log is copied; counted in bytes.
        case copyingLog
        /// A projection is copied; counted in bytes.
        case copyingProjection
        /// The files' SHA-256 are computed; counted in bytes.
        case hashing
        /// Records and indexes of the log are checked; counted in events.
        case verifyingLog
        /// The backup's files are copied into the new store; counted in bytes.
        case copyingFiles
        /// A projection is built from the log; counted in events.
        case rebuilding
    }

    /// What is being done.
    public let step: Step
    /// The projection that it is done to; `nil` for the log and for files.
    public let projection: String?
    /// How much is done, counted as the step says.
    public let done: UInt64
    /// How much there is at most.
    public let total: UInt64

    init(_ step: Step, _ projection: String? = nil, done: UInt64, total: UInt64) {
        self.step = step
        self.projection = projection
        self.done = done
        self.total = total
    }
}
