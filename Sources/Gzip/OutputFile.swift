import Glibc

/// A file written from its begin to its end, which appears under its name only when it is complete.
///
/// The bytes go to `NAME.partial`, which `finish` syncs and renames; dropped unfinished, it is
/// removed, and whatever stood under the name stays. A pipe, device or link is written to directly.
public final class OutputFile {
    /// The name for messages: the path, or `standard output`.
    public let name: String
    /// Bytes written so far.
    public private(set) var bytesWritten = 0

    private var descriptor: Int32
    private let closes: Bool
    /// The path of the unfinished file, until it has its name.
    private var partial: String?

    /// Creates the file for a path, readable by all that the umask allows.
    ///
    /// - Throws: `FileError` when the folder is missing or may not be written to.
    public init(path: String) throws(FileError) {
        var status = stat()
        let exists = unsafe lstat(path, &status) == 0
        let isPlain = !exists || status.st_mode & S_IFMT == S_IFREG
        let target = isPlain ? path + ".partial" : path
        var opened: Int32
        repeat {
            opened = unsafe open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        } while opened < 0 && errno == EINTR
        guard opened >= 0 else { throw FileError(errno: errno, "create", target) }
        name = path
        descriptor = opened
        closes = true
        partial = isPlain ? target : nil
    }

    private init(standardOutput: Void) {
        name = "standard output"
        descriptor = STDOUT_FILENO
        closes = false
        partial = nil
    }

    /// The standard output of the process; it stays open.
    public static func standardOutput() -> OutputFile { OutputFile(standardOutput: ()) }

    deinit {
        if closes && descriptor >= 0 { _ = close(descriptor) }
        if let partial { _ = unsafe unlink(partial) }
    }

    /// Writes all of the bytes.
    ///
    /// - Throws: `FileError`, after which the file can only be dropped.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        precondition(descriptor >= 0, "the file is not finished")
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.extracting(start..<bytes.count).withUnsafeBufferPointer {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                start += count
                bytesWritten += count
            } else if errno != EINTR {
                throw FileError(errno: errno, "write", name)
            }
        }
    }

    /// Ends the file: on return it is on disk under its name.
    public func finish() throws(FileError) {
        precondition(descriptor >= 0, "the file is finished once")
        guard closes else { return }
        if partial != nil && fsync(descriptor) != 0 {
            throw FileError(errno: errno, "sync", name)
        }
        // On Linux the descriptor is gone whatever close says: it must not be closed again.
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 || errno == EINTR else { throw FileError(errno: errno, "close", name) }
        guard let partial else { return }
        guard unsafe rename(partial, name) == 0 else {
            throw FileError(errno: errno, "rename \(partial) to", name)
        }
        self.partial = nil
        try syncFolder()
    }

    /// The new name is an entry of the folder, and lasts when the folder is synced.
    private func syncFolder() throws(FileError) {
        let folder: String =
            switch name.utf8.lastIndex(of: UInt8(ascii: "/")) {
            case .none: "."
            case .some(name.startIndex): "/"
            case .some(let slash): String(name[..<slash])
            }
        let opened = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw FileError(errno: errno, "open", folder) }
        defer { _ = close(opened) }
        // Some file systems have no sync for folders and say EINVAL.
        guard fsync(opened) == 0 || errno == EINVAL else {
            throw FileError(errno: errno, "sync", folder)
        }
    }
}
