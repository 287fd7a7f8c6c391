import Glibc

/// Why a file could not be read or written, and what to do about it.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of obstacle.
    public enum Reason: String, Sendable {
        /// There is no such file or folder.
        case notFound
        /// The permission is missing.
        case denied
        /// The disk, or the quota on it, is full.
        case full
        /// Another writer is at work on the same file.
        case busy
        /// The system refused for another reason, in the message.
        case system
        /// A compressed file ends before its end mark.
        case truncated
        /// A compressed file is not gzip, or its bytes have changed.
        case corrupt
        /// The bytes are gzip where plain text was expected.
        case compressed
        /// A line is longer than the bound.
        case lineTooLong
    }

    /// What kind of obstacle.
    public let reason: Reason
    /// What happened, to which file and where in it.
    public let message: String
    /// What to do next.
    public let hint: String

    init(_ reason: Reason, _ message: String, hint: String) {
        self.reason = reason
        self.message = message
        self.hint = hint
    }

    /// An error that the system reported for a file.
    init(errno code: Int32, _ action: String, _ name: String) {
        let (reason, hint): (Reason, String) =
            switch code {
            case ENOENT, ENOTDIR: (.notFound, "Check the name, and that its folder exists.")
            case EACCES, EPERM, EROFS:
                (.denied, "Check the permissions of the file and its folder.")
            case ENOSPC, EDQUOT: (.full, "Free some space, or choose another disk, and repeat.")
            default: (.system, "Check the file and the disk, then repeat.")
            }
        let text = unsafe String(cString: strerror(code))
        self.init(reason, "Cannot \(action) \(name): \(text).", hint: hint)
    }

    /// The message and the hint.
    public var description: String { "\(message) \(hint)" }
}
