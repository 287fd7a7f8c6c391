internal import Crypto
internal import EventModel
internal import Foundation

/// Reads files from their beginning to their end, for their SHA-256 and for copies of them.
enum FileCopy {
    private static let chunkBytes = 1 << 20

    /// The SHA-256 and size of a file; with `target`, a copy of it is made there, synced and for its
    /// owner only.
    /// - Parameter progress: called with the bytes read since the last call.
    /// - Throws: `FILE_FAILED`, `DISK_FULL`, `INTERRUPTED`.
    static func read(
        _ path: String, copyingTo target: String? = nil, progress: (_ bytes: UInt64) -> Void
    ) throws(AnnalsError) -> (sha256: String, bytes: UInt64) {
        var hash = SHA256()
        var bytes: UInt64 = 0
        do {
            let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { do { try input.close() } catch {} }
            let output = try target.map { target in
                try StoreFiles.create(target)
                return try FileHandle(forWritingTo: URL(fileURLWithPath: target))
            }
            while let chunk = try input.read(upToCount: chunkBytes), !chunk.isEmpty {
                guard !Task.isCancelled else { throw EventStore.interrupted("nothing is left") }
                hash.update(data: chunk)
                try output?.write(contentsOf: chunk)
                bytes += UInt64(chunk.count)
                progress(UInt64(chunk.count))
            }
            try output?.synchronize()
            try output?.close()
        } catch {
            throw StoreFiles.fileError(target == nil ? "reading" : "copying", path, error)
        }
        return (SHA256.hex(hash.finalize()), bytes)
    }
}
