import CZlib

/// Compresses bytes into a gzip file; the same bytes give the same file (no name, no time in it).
@safe
public final class GzipWriter {
    private let file: OutputFile
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>

    /// Begins a gzip member in the file.
    ///
    /// - Parameter level: 1 is fast, 9 is small.
    public init(_ file: OutputFile, level: Int = 6) {
        precondition(level >= 1 && level <= 9, "zlib has the levels 1 to 9")
        self.file = file
        unsafe output = .allocate(capacity: 256 << 10)
        unsafe output.initialize(repeating: 0)
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a gzip frame; 8 is zlib's own choice of memory.
        let code = unsafe deflateInit2_(
            stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib is another version than its header, or memory is out")
        rewindOutput()
    }

    deinit {
        _ = unsafe deflateEnd(stream)
        unsafe stream.deallocate()
        unsafe output.deallocate()
    }

    /// Compresses the bytes; they reach the file when enough have come together, or at `finish`.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + (1 << 20))
            try deflate(bytes.extracting(start..<end), Z_NO_FLUSH)
            start = end
        }
    }

    /// Ends the gzip member and the file: on return it is on disk under its name.
    public func finish() throws(FileError) {
        try deflate([UInt8]().span, Z_FINISH)
        try flushOutput()
        try file.finish()
    }

    /// Lets zlib take all of the bytes, and with `Z_FINISH` end its data.
    private func deflate(_ bytes: Span<UInt8>, _ flush: Int32) throws(FileError) {
        var taken = 0
        while true {
            let code: Int32 = unsafe bytes.extracting(taken..<bytes.count).withUnsafeBufferPointer {
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: $0.baseAddress)
                unsafe stream.pointee.avail_in = UInt32($0.count)
                return unsafe CZlib.deflate(stream, flush)
            }
            taken = unsafe bytes.count - Int(stream.pointee.avail_in)
            precondition(code != Z_STREAM_ERROR, "the gzip writer is used after its end")
            if unsafe stream.pointee.avail_out == 0 {
                try flushOutput()
            } else if flush == Z_FINISH ? code == Z_STREAM_END : taken == bytes.count {
                return
            }
        }
    }

    private func flushOutput() throws(FileError) {
        let count = unsafe output.count - Int(stream.pointee.avail_out)
        let bytes = unsafe Span(_unsafeElements: output)
        try file.write(bytes.extracting(0..<count))
        rewindOutput()
    }

    private func rewindOutput() {
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
    }
}
