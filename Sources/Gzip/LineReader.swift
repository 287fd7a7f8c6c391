import Glibc

/// Reads a text file, plain or gzip, or standard input line by line.
///
/// The lines are lent from the reader's buffer, which grows only for a line that does not fit.
public struct LineReader: ~Copyable {
    /// A line without its line end, lent until the next one is read.
    public struct Line: ~Escapable {
        /// The line's number, from 1.
        public let number: Int
        /// Where the line begins in the text, in bytes from 0; after decompression.
        public let offset: Int
        /// The bytes without `\n` or `\r\n`.
        public let bytes: Span<UInt8>

        @_lifetime(copy bytes)
        init(number: Int, offset: Int, bytes: Span<UInt8>) {
            self.number = number
            self.offset = offset
            self.bytes = bytes
        }
    }

    private let file: InputFile
    private let gzip: GzipReader?
    private let lineBytesMax: Int
    private var buffer: [UInt8]
    /// The bytes of the buffer that were read and not yet lent.
    private var unread = 0..<0
    private var isAtEnd = false
    private var lines = 0
    private var offset = 0

    /// Opens the file at a path; a name that ends in `.gz` is gzip.
    ///
    /// - Parameters:
    ///   - lineBytesMax: The longest line to accept; it bounds the memory.
    ///   - chunkBytes: The size of the buffer at the start.
    /// - Throws: `FileError` when there is no such file, or it may not be read.
    public init(
        path: String, lineBytesMax: Int = 96 << 20, chunkBytes: Int = 256 << 10
    ) throws(FileError) {
        self.init(
            try InputFile(path: path), isGzip: path.hasSuffix(".gz"), lineBytesMax: lineBytesMax,
            chunkBytes: chunkBytes)
    }

    /// Reads an open file.
    public init(
        _ file: InputFile, isGzip: Bool = false, lineBytesMax: Int = 96 << 20,
        chunkBytes: Int = 256 << 10
    ) {
        precondition(lineBytesMax > 0 && chunkBytes > 0)
        self.file = file
        self.gzip = isGzip ? GzipReader(file) : nil
        self.lineBytesMax = lineBytesMax
        self.buffer = [UInt8](repeating: 0, count: chunkBytes)
    }

    /// The name for messages: the path, or `standard input`.
    public var name: String { file.name }

    /// Bytes read from the file so far; compressed ones if it is.
    public var fileBytesRead: Int { file.bytesRead }

    /// The size of the file, for progress; `nil` when it is not known.
    public var fileBytes: Int? { file.size }

    /// The next line, empty ones too; `nil` at the end.
    ///
    /// The last line needs no line end.
    /// - Throws: `FileError` when reading fails, the file is damaged or a line is too long.
    @_lifetime(&self)
    public mutating func next() throws(FileError) -> Line? {
        var searched = 0
        var end = newline(from: unread.lowerBound)
        while end == nil && !isAtEnd {
            searched = unread.count
            guard searched <= lineBytesMax else { throw lineTooLong() }
            try fill()
            end = newline(from: unread.lowerBound + searched)
        }
        guard !unread.isEmpty else { return nil }
        let start = unread.lowerBound
        let lineEnd = end ?? unread.upperBound
        let next = end.map { $0 + 1 } ?? unread.upperBound
        let hasReturn = end != nil && lineEnd > start && buffer[lineEnd - 1] == UInt8(ascii: "\r")
        let textEnd = hasReturn ? lineEnd - 1 : lineEnd
        guard textEnd - start <= lineBytesMax else { throw lineTooLong() }
        unread = next..<unread.upperBound
        lines += 1
        let place = offset
        offset += next - start
        return Line(
            number: lines, offset: place, bytes: buffer.span.extracting(start..<textEnd))
    }

    /// Where the next line feed stands in the bytes read.
    private func newline(from start: Int) -> Int? {
        let bytes = buffer.span.extracting(start..<unread.upperBound)
        let found: Int? = unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let place = unsafe memchr(base, Int32(UInt8(ascii: "\n")), bytes.count)
            return unsafe place.map { unsafe UnsafeRawPointer($0) - UnsafeRawPointer(base) }
        }
        return found.map { $0 + start }
    }

    /// Reads more behind the unread bytes, after making room for it.
    private mutating func fill() throws(FileError) {
        if unread.upperBound == buffer.count {
            if unread.lowerBound > 0 {
                buffer.removeSubrange(0..<unread.lowerBound)
                unread = 0..<unread.count
            }
            // The new room is at least half of the buffer, so a line is moved few times.
            let room = max(buffer.capacity - unread.count, unread.count)
            buffer.append(contentsOf: repeatElement(0, count: room))
        }
        let end = unread.upperBound
        let count =
            if let gzip { try gzip.read(into: &buffer, from: end) } else {
                try file.read(into: &buffer, from: end)
            }
        unread = unread.lowerBound..<(unread.upperBound + count)
        isAtEnd = count == 0
        if gzip == nil && offset == 0 && unread.lowerBound == 0 && unread.count >= 2
            && buffer[0] == 0x1F && buffer[1] == 0x8B
        {
            throw FileError(
                .compressed, "\(name) is compressed with gzip, not plain text.",
                hint: "Give the file a name that ends in .gz, or decompress it with gzip -dc.")
        }
    }

    private func lineTooLong() -> FileError {
        FileError(
            .lineTooLong,
            "Line \(lines + 1) of \(name), at byte \(offset), is longer than \(lineBytesMax) bytes.",
            hint: "Is the file one JSON object a line? Then this one is too large.")
    }
}
