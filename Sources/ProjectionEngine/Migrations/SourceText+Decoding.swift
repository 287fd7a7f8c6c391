public import EventModel

extension SourceText {
    /// Bytes of a migration file or a manifest, at most.
    public static let bytesMax = 4 << 20

    /// Decodes a file's bytes: drops a byte-order mark and turns CRLF and CR into LF.
    /// - Throws: `invalid`, `FILE_TOO_LARGE` or `FILE_ENCODING`, when the file is larger than
    ///   `bytesMax`, holds a NUL or is not UTF-8. SQLite would stop at the NUL and say nothing.
    public static func decode(file: String, bytes: [UInt8]) throws(AnnalsError) -> SourceText {
        guard bytes.count <= bytesMax else {
            throw .inFile(
                "FILE_TOO_LARGE", file, 1, 1,
                "the file has \(bytes.count) bytes, more than \(bytesMax).",
                hint: "Rows belong into events, not into migrations.")
        }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw .inFile(
                "FILE_ENCODING", file, 1, 1, "the file is UTF-16, expected UTF-8.",
                hint: "Save it as UTF-8.")
        }
        let normal = withLineFeeds(bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0))
        if let offset = normal.firstIndex(of: 0) {
            let (line, column) = lineAndColumn(offset, in: normal)
            throw .inFile(
                "FILE_ENCODING", file, line, column,
                "a NUL byte: SQLite would drop everything after it.", hint: "Remove the byte.")
        }
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: normal.span)
        } catch {
            let (line, column) = lineAndColumn(error.byteOffsets.lowerBound, in: normal)
            throw .inFile(
                "FILE_ENCODING", file, line, column, "a byte that is not UTF-8.",
                hint: "Save the file as UTF-8.")
        }
        return SourceText(file: file, text: String(decoding: normal, as: UTF8.self))
    }

    private static func withLineFeeds(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var normal: [UInt8] = []
        normal.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == UInt8(ascii: "\r") {
                normal.append(UInt8(ascii: "\n"))
            } else if byte != UInt8(ascii: "\n") || previous != UInt8(ascii: "\r") {
                normal.append(byte)
            }
            previous = byte
        }
        return normal
    }
}
