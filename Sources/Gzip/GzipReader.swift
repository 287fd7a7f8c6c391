import CZlib

/// Decompresses a gzip file piece by piece, in memory that does not grow.
///
/// A file of several gzip members, as `cat a.gz b.gz` makes one, reads as their texts joined.
@safe
public final class GzipReader {
    private let file: InputFile
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var members = 0
    private var isInMember = false
    /// Whether zlib may hold output that did not fit in the last buffer.
    private var mayHoldOutput = false

    /// Begins at the place where the file stands.
    ///
    /// - Parameter chunkBytes: Compressed bytes to read at once, at least 1.
    public init(_ file: InputFile, chunkBytes: Int = 256 << 10) {
        precondition(chunkBytes > 0 && chunkBytes <= 1 << 30, "zlib counts in 32 bits")
        self.file = file
        unsafe input = .allocate(capacity: chunkBytes)
        unsafe input.initialize(repeating: 0)
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for "gzip and nothing else".
        let code = unsafe inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib is another version than its header, or memory is out")
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
        unsafe input.deallocate()
    }

    /// Decompresses some bytes into the part of the buffer from `start` on.
    ///
    /// - Returns: How many, at least 1; 0 at the end of the file.
    /// - Throws: `FileError`: `truncated` when the file ends inside a member, `corrupt` when bytes are
    ///   not gzip or do not match their checksum.
    public func read(into buffer: inout [UInt8], from start: Int = 0) throws(FileError) -> Int {
        precondition(start < buffer.count, "there is room for at least one byte")
        while true {
            if unsafe stream.pointee.avail_in == 0 && !mayHoldOutput {
                guard try fill() else {
                    if !isInMember && members > 0 { return 0 }
                    throw truncated()
                }
            }
            if !isInMember {
                if members > 0 { _ = unsafe inflateReset(stream) }
                isInMember = true
            }
            let (code, count) = inflate(into: &buffer, from: start)
            switch code {
            case Z_OK, Z_BUF_ERROR: mayHoldOutput = unsafe stream.pointee.avail_out == 0
            case Z_STREAM_END:
                mayHoldOutput = false
                isInMember = false
                members += 1
            default: throw corrupt()
            }
            if count > 0 { return count }
        }
    }

    /// Reads the next compressed bytes; `false` at the end of the file.
    private func fill() throws(FileError) -> Bool {
        let count = try unsafe file.read(into: input)
        unsafe stream.pointee.next_in = input.baseAddress
        unsafe stream.pointee.avail_in = UInt32(count)
        return count > 0
    }

    private func inflate(into buffer: inout [UInt8], from start: Int) -> (code: Int32, count: Int) {
        unsafe buffer.withUnsafeMutableBufferPointer { bytes in
            let room = min(bytes.count - start, 1 << 30)
            unsafe stream.pointee.next_out = bytes.baseAddress.map { unsafe $0 + start }
            unsafe stream.pointee.avail_out = UInt32(room)
            let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            return unsafe (code, room - Int(stream.pointee.avail_out))
        }
    }

    private func truncated() -> FileError {
        FileError(
            .truncated,
            "\(file.name) ends at byte \(file.bytesRead), before the end of its compressed data.",
            hint: "The copy or download was cut off: fetch the file again.")
    }

    private func corrupt() -> FileError {
        let place = unsafe file.bytesRead - Int(stream.pointee.avail_in)
        let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
        let isStart = members == 0 && place <= 16
        return FileError(
            .corrupt,
            "\(file.name) is \(isStart ? "no gzip file" : "damaged") near byte \(place)"
                + ": \(reason ?? "zlib cannot go on").",
            hint: isStart
                ? "If it is not compressed, give it a name without .gz."
                : "Check it with gzip -t, and fetch the file again.")
    }
}
