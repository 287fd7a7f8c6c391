internal import Crypto
internal import EventModel
internal import Foundation
internal import SQLite

/// The SQLite file that is adopted, as it was at one moment; nothing writes to it or beside it.
///
/// A file that stands alone is read where it lies, without locks. One with a WAL or a journal beside
/// it is copied together with that, byte by byte, and SQLite works on the copy.
final class AdoptionSource {
    /// The file, as it was named.
    let path: String
    /// SHA-256 over the file, and over its WAL or journal behind it, in hex.
    let digest: String
    /// Whether the rows come from a WAL or journal too.
    let hasLog: Bool
    /// Reads the file, in one transaction.
    let connection: Connection
    /// Whether texts are kept as UTF-16.
    let isUTF16: Bool
    private let parts: [String]
    private let copy: ScratchFolder

    /// Bytes of one read.
    private static let chunkBytes = 1 << 20

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - scratch: the folder in which a copy may be made; the system's if there is none.
    ///   - isForeign: Whether somebody else made its schema: what that may call, SQLite then limits to
    ///     functions that do nothing but compute.
    /// - Throws: `FILE_MISSING`, `ADOPT_NOT_SQLITE`, `ADOPT_DAMAGED`, `FILE_CHANGED`, `FILE_FAILED`.
    init(path: String, scratch: String? = nil, isForeign: Bool = true) throws(AnnalsError) {
        self.path = path
        try Self.checkFile(path)
        let logs = ["-wal", "-journal"].map { path + $0 }.filter { Self.size(of: $0) > 0 }
        parts = [path] + logs
        hasLog = !logs.isEmpty
        copy = try ScratchFolder(in: scratch)
        let before = try Self.digest(of: parts)
        digest = before
        if hasLog {
            let name = "\(copy.path)/copy.sqlite"
            for part in parts { try Self.copy(part, to: name + part.dropFirst(path.count)) }
            let copied = try Self.digest(of: parts.map { name + $0.dropFirst(path.count) })
            guard copied == before else { throw Self.changed(path) }
            connection = try Self.open(name, .readWrite, path, isForeign)
        } else {
            connection = try Self.open(path, .immutable, path, isForeign)
        }
        let connection = connection
        isUTF16 = try Self.wrap(path) { () throws(SQLiteError) in
            try connection.texts("PRAGMA encoding").first?.hasPrefix("UTF-16") == true
        }
    }

    /// Sees that the file is still the one that was opened.
    /// - Throws: `FILE_CHANGED`.
    func checkUnchanged() throws(AnnalsError) {
        let logs = ["-wal", "-journal"].map { path + $0 }.filter { Self.size(of: $0) > 0 }
        guard [path] + logs == parts, try Self.digest(of: parts) == digest else {
            throw Self.changed(path)
        }
    }

    /// Runs what reads the file, and tells SQLite's errors as the file's.
    func reading<R>(_ body: () throws(SQLiteError) -> R) throws(AnnalsError) -> R {
        try Self.wrap(path, body)
    }

    private static func open(
        _ file: String, _ mode: Connection.Mode, _ path: String, _ isForeign: Bool
    ) throws(AnnalsError) -> Connection {
        let (connection, problem) = try wrap(path) { () throws(SQLiteError) in
            let connection = try Connection(path: file, mode: mode)
            if isForeign { try connection.execute("PRAGMA trusted_schema = 0") }
            try connection.execute("PRAGMA cell_size_check = 1; BEGIN")
            // Foreign key by foreign key is judged by the handlers.
            return (connection, try connection.texts("PRAGMA quick_check(1)").first)
        }
        guard problem == "ok" else {
            throw AnnalsError(
                .invalid, "ADOPT_DAMAGED", "\(path) is damaged: \(problem ?? "no answer").",
                hint: "Mend it with the sqlite3 shell's .recover, and adopt what that gives.",
                context: .init(file: path))
        }
        return connection
    }

    private static func checkFile(_ path: String) throws(AnnalsError) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw AnnalsError(
                .invalid, "FILE_MISSING", "There is no file \(path).", hint: "Check the path.",
                context: .init(file: path))
        }
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        do {
            let type = try FileManager.default.attributesOfItem(atPath: real)[.type]
            guard !isFolder, type as? FileAttributeType == .typeRegular else {
                throw AnnalsError(
                    .invalid, "FILE_NOT_REGULAR", "\(path) is not a regular file.",
                    hint: "Name a SQLite file.", context: .init(file: path))
            }
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            let head = try handle.read(upToCount: 16) ?? Data()
            try handle.close()
            guard head.isEmpty || head == Data("SQLite format 3\0".utf8) else {
                throw AnnalsError(
                    .invalid, "ADOPT_NOT_SQLITE", "\(path) is not a SQLite database.",
                    hint: "Name a SQLite file.", context: .init(file: path))
            }
        } catch {
            throw StoreFiles.fileError("reading", path, error)
        }
    }

    private static func size(of path: String) -> Int {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        do {
            return try FileManager.default.attributesOfItem(atPath: real)[.size] as? Int ?? 0
        } catch {
            return 0
        }
    }

    private static func digest(of paths: [String]) throws(AnnalsError) -> String {
        var hash = SHA256()
        for path in paths {
            do {
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                defer { do { try handle.close() } catch {} }
                while let chunk = try handle.read(upToCount: chunkBytes), !chunk.isEmpty {
                    hash.update(data: chunk)
                }
            } catch {
                throw StoreFiles.fileError("reading", path, error)
            }
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    private static func copy(_ path: String, to target: String) throws(AnnalsError) {
        do {
            let real = URL(fileURLWithPath: path).resolvingSymlinksInPath()
            try FileManager.default.copyItem(at: real, to: URL(fileURLWithPath: target))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
        } catch {
            throw StoreFiles.fileError("copying", path, error)
        }
    }

    private static func changed(_ path: String) -> AnnalsError {
        AnnalsError(
            .conflict, "FILE_CHANGED", "\(path) was changed while it was read.",
            hint: "Stop the program that writes it, then repeat.", context: .init(file: path))
    }

    private static func wrap<R>(
        _ path: String, _ body: () throws(SQLiteError) -> R
    ) throws(AnnalsError) -> R {
        do throws(SQLiteError) { return try body() } catch {
            // SQLite tells both by the same code when it reads the schema.
            let isUnsafe = error.message.contains("unsafe use")
            throw AnnalsError(
                error.isEnvironment ? .unavailable : .invalid,
                error.isCorruption && !isUnsafe ? "ADOPT_DAMAGED" : "ADOPT_FILE",
                "SQLite cannot read \(path): \(error.message).",
                hint: isUnsafe
                    ? "Its schema calls what a schema from elsewhere may not: take that out in a copy"
                        + " of the file (SQLite wants json_extract() instead of -> and ->> there)."
                    : "See that it is a SQLite database, whole and not encrypted.",
                context: .init(file: path))
        }
    }
}

extension Connection {
    /// The first column of every row as text.
    func texts(_ sql: String) throws(SQLiteError) -> [String] {
        guard let statement = try prepare(sql).statement else { return [] }
        var run = statement.run()
        var found: [String] = []
        while try run.step() { found.append(run.text(at: 0) ?? "") }
        return found
    }
}
