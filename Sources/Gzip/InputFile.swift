import Glibc

/// A file, pipe or terminal read from its begin to its end.
public final class InputFile {
    /// The name for messages: the path, or `standard input`.
    public let name: String
    /// The size in bytes when it was opened; `nil` for what is not a regular file.
    public let size: Int?
    /// Bytes read so far.
    public private(set) var bytesRead = 0

    private let descriptor: Int32
    private let closes: Bool

    /// Opens the file at a path.
    ///
    /// - Throws: `FileError` when there is none, or it may not be read.
    public init(path: String) throws(FileError) {
        var opened: Int32
        repeat {
            opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        } while opened < 0 && errno == EINTR
        guard opened >= 0 else { throw FileError(errno: errno, "open", path) }
        name = path
        descriptor = opened
        closes = true
        size = Self.size(of: opened)
    }

    private init(standardInput: Void) {
        name = "standard input"
        descriptor = STDIN_FILENO
        closes = false
        size = Self.size(of: STDIN_FILENO)
    }

    /// The standard input of the process; it stays open.
    public static func standardInput() -> InputFile { InputFile(standardInput: ()) }

    deinit {
        if closes { _ = close(descriptor) }
    }

    /// Reads some bytes into the part of the buffer from `start` on.
    ///
    /// - Returns: How many, at least 1; 0 at the end of the file.
    public func read(into buffer: inout [UInt8], from start: Int = 0) throws(FileError) -> Int {
        try unsafe buffer.withUnsafeMutableBufferPointer { (bytes) throws(FileError) -> Int in
            try unsafe read(into: UnsafeMutableBufferPointer(rebasing: bytes[start...]))
        }
    }

    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        precondition(!buffer.isEmpty, "there is room for at least one byte")
        while true {
            let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                bytesRead += count
                return count
            }
            guard errno == EINTR else { throw FileError(errno: errno, "read", name) }
        }
    }

    private static func size(of descriptor: Int32) -> Int? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int(status.st_size)
    }
}
