/// Writes lines to a file, plain or gzip, or to standard output.
public struct LineWriter: ~Copyable {
    private static let bufferBytes = 256 << 10

    private let file: OutputFile
    private let gzip: GzipWriter?
    private var buffer: [UInt8] = []
    /// Lines written so far.
    public private(set) var lines = 0

    /// Creates the file for a path; a name that ends in `.gz` makes it gzip.
    ///
    /// The file appears under its name when `finish` returns, not before.
    /// - Throws: `FileError` when the folder is missing or may not be written to.
    public init(path: String) throws(FileError) {
        self.init(try OutputFile(path: path), isGzip: path.hasSuffix(".gz"))
    }

    /// Writes to an open file.
    public init(_ file: OutputFile, isGzip: Bool = false) {
        self.file = file
        self.gzip = isGzip ? GzipWriter(file) : nil
        buffer.reserveCapacity(2 * Self.bufferBytes)
    }

    /// Adds a line; the bytes hold no line end.
    public mutating func write(_ line: Span<UInt8>) throws(FileError) {
        unsafe line.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
        buffer.append(UInt8(ascii: "\n"))
        lines += 1
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Hands what was written so far on, for a reader at the other end of a pipe.
    ///
    /// In a gzip file the last bytes stay with the compressor.
    public mutating func flush() throws(FileError) {
        if let gzip { try gzip.write(buffer.span) } else { try file.write(buffer.span) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Ends the file: on return it is on disk under its name.
    public consuming func finish() throws(FileError) {
        try flush()
        if let gzip { try gzip.finish() } else { try file.finish() }
    }
}
