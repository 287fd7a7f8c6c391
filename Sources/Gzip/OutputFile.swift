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
    /// - Throws: `FileError` when the folder is missing or may not be written to, and `busy` when the
    ///   file is being written already, in this process or another.
    public init(path: String) throws(FileError) {
        var status = stat()
        let exists = unsafe lstat(path, &status) == 0
        let isPlain = !exists || status.st_mode & S_IFMT == S_IFREG
        name = path
        closes = true
        partial = isPlain ? path + ".partial" : nil
        descriptor =
            if isPlain { try Self.openAlone(path + ".partial") } else {
                try Self.open(path, O_TRUNC)
            }
    }

    /// Opens an unfinished file for this writer alone; one that a dead writer left is used again.
    private static func openAlone(_ path: String) throws(FileError) -> Int32 {
        while true {
            let opened = try open(path, O_CREAT)
            guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                _ = close(opened)
                guard code == EWOULDBLOCK else { throw FileError(errno: code, "lock", path) }
                throw FileError(
                    .busy, "\(path) is being written by another export.",
                    hint: "Wait until it is done, or choose another name.")
            }
            var (mine, named) = (stat(), stat())
            // A writer that finished between open and lock has given this very file its name.
            if unsafe fstat(opened, &mine) == 0 && stat(path, &named) == 0
                && mine.st_ino == named.st_ino
            {
                if ftruncate(opened, 0) == 0 { return opened }
                let code = errno
                _ = close(opened)
                throw FileError(errno: code, "truncate", path)
            }
            _ = close(opened)
        }
    }

    private static func open(_ path: String, _ flags: Int32) throws(FileError) -> Int32 {
        while true {
            let opened = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | flags, 0o644)
            if opened >= 0 { return opened }
            guard errno == EINTR else { throw FileError(errno: errno, "create", path) }
        }
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
        // Removed before the lock goes with the descriptor, so that it is this writer's file.
        if let partial { _ = unsafe unlink(partial) }
        if closes && descriptor >= 0 { _ = close(descriptor) }
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
        let isNew = partial != nil
        if isNew && fsync(descriptor) != 0 {
            throw FileError(errno: errno, "sync", name)
        }
        if let partial {
            // Renamed before the lock goes with the descriptor, so that it is this writer's file.
            guard unsafe rename(partial, name) == 0 else {
                throw FileError(errno: errno, "rename \(partial) to", name)
            }
            self.partial = nil
        }
        // On Linux the descriptor is gone whatever close says: it must not be closed again.
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 || errno == EINTR else { throw FileError(errno: errno, "close", name) }
        if isNew { try syncFolder() }
    }

    /// The new name is an entry of the folder, and lasts when the folder is synced.
    private func syncFolder() throws(FileError) {
        let folder: String =
            switch name.utf8.lastIndex(of: UInt8(ascii: "/")) {
            case .none: "."
            case .some(name.startIndex): "/"
            case .some(let slash): String(name[..<slash])
            }
        let opened = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw FileError(errno: errno, "open", folder) }
        defer { _ = close(opened) }
        // Some file systems have no sync for folders and say EINVAL.
        guard fsync(opened) == 0 || errno == EINVAL else {
            throw FileError(errno: errno, "sync", folder)
        }
    }
}
