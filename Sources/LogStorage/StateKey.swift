/// The names that the log itself uses in the table `state`.
enum StateKey {
    /// The version of the log's format, ASCII digits.
    static let format = "format"
    /// The log's identity: 32 hexadecimal digits, made at random when the log is created.
    static let logID = "log"
    /// The log's epoch, ASCII digits: 1, and one more after every restore.
    static let epoch = "epoch"
    /// Eight bytes: the position through which the index tables are complete.
    static let indexedThrough = "indexed"
}
