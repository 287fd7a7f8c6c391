/// Which log a position belongs to: positions of different logs or epochs do not compare.
public struct LogIdentity: Sendable, Hashable {
    /// The log's identity: 32 hexadecimal digits.
    public let id: String
    /// Grows by one with each restore of the log from a backup.
    public let epoch: UInt64

    /// Names a log and its epoch.
    public init(id: String, epoch: UInt64) {
        self.id = id
        self.epoch = epoch
    }
}
