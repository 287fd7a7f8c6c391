import Gzip
import Testing

@Suite("Gzip")
struct GzipTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func compress(_ pieces: [[UInt8]], level: Int = 6) throws -> [UInt8] {
        let writer = GzipWriter(try OutputFile(path: scratch.path("out.gz")), level: level)
        for piece in pieces { try writer.write(piece.span) }
        try writer.finish()
        return try scratch.bytes("out.gz")
    }

    private func decompress(
        _ bytes: [UInt8], chunk: Int = 256 << 10, room: Int = 64 << 10
    ) throws -> [UInt8] {
        let file = try InputFile(path: try scratch.write(bytes, to: "in.gz"))
        let reader = GzipReader(file, chunkBytes: chunk)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: room)
        while true {
            let count = try reader.read(into: &buffer)
            if count == 0 { return text }
            text.append(contentsOf: buffer[0..<count])
        }
    }

    private func reason(_ bytes: [UInt8], chunk: Int = 256 << 10) -> FileError.Reason? {
        do {
            _ = try decompress(bytes, chunk: chunk)
            return nil
        } catch {
            return (error as? FileError)?.reason
        }
    }

    @Test("gives back what was written", arguments: [0, 1, 100, 65_536, 300_000, 3_000_000])
    func givesBack(_ count: Int) throws {
        let text = sampleText(bytes: count)
        for level in [1, 6, 9] {
            #expect(try decompress(try compress([text], level: level)) == text)
        }
    }

    @Test("gives the same file for the same text, however it was cut")
    func isDeterministic() throws {
        let text = sampleText(bytes: 200_000)
        let whole = try compress([text])
        let pieces = stride(from: 0, to: text.count, by: 777).map {
            Array(text[$0..<min($0 + 777, text.count)])
        }
        #expect(try compress(pieces) == whole)
    }

    @Test("writes what the system's gzip reads, and reads what it writes")
    func agreesWithSystem() throws {
        let text = sampleText(bytes: 500_000)
        #expect(try Scratch.gzip(try compress([text]), "-dc") == text)
        #expect(try decompress(try Scratch.gzip(text, "-c", "-9")) == text)
    }

    @Test("reads with buffers and chunks of any size", arguments: [1, 2, 7, 1000])
    func readsInSmallPieces(_ size: Int) throws {
        let text = sampleText(bytes: 20_000)
        let bytes = try compress([text])
        #expect(try decompress(bytes, chunk: size) == text)
        #expect(try decompress(bytes, room: size) == text)
        #expect(try decompress(bytes, chunk: size, room: size) == text)
    }

    @Test("reads joined members as joined texts", arguments: [1, 3, 256 << 10])
    func readsMembers(_ chunk: Int) throws {
        let (one, two) = (sampleText(bytes: 5000), Array("and more\n".utf8))
        let joined = try compress([one]) + (try compress([])) + (try compress([two]))
        #expect(try decompress(joined, chunk: chunk) == one + two)
    }

    @Test("expands a long run of one byte in bounded pieces")
    func expandsBomb() throws {
        let bytes = try compress([[UInt8](repeating: 0, count: 8 << 20)])
        #expect(bytes.count < 10_000)
        let file = try InputFile(path: try scratch.write(bytes, to: "bomb.gz"))
        let reader = GzipReader(file)
        var buffer = [UInt8](repeating: 1, count: 4096)
        var total = 0
        while case let count = try reader.read(into: &buffer), count > 0 { total += count }
        #expect(total == 8 << 20)
        #expect(file.bytesRead == bytes.count && file.size == bytes.count)
    }

    @Test("says that a file is cut off, wherever it was cut")
    func refusesTruncated() throws {
        let bytes = try compress([sampleText(bytes: 300)])
        for count in 0..<bytes.count {
            #expect(reason(Array(bytes.prefix(count))) == .truncated, "cut at \(count)")
        }
        #expect(reason(bytes + bytes.prefix(12)) == .truncated)
    }

    @Test("says that a file is damaged")
    func refusesCorrupt() throws {
        let bytes = try compress([sampleText(bytes: 3000)])
        // The last eight bytes are the checksum and the length of the text.
        for place in [0, 1, 2, bytes.count / 2, bytes.count - 8, bytes.count - 4] {
            var damaged = bytes
            damaged[place] ^= 0x55
            #expect([.corrupt, .truncated].contains(reason(damaged)), "byte \(place)")
        }
        #expect(reason(Array("{\"plain\":\"text\"}\n".utf8)) == .corrupt)
        #expect(reason(bytes + Array("not a member".utf8)) == .corrupt)
        #expect(reason(bytes + Array("not a member".utf8), chunk: 1) == .corrupt)
    }

    @Test("says which file, where and what to do")
    func explains() throws {
        let path = try scratch.write(Array("plain text".utf8), to: "x.gz")
        let reader = GzipReader(try InputFile(path: path))
        var buffer = [UInt8](repeating: 0, count: 10)
        let error = try #require(throws: FileError.self) { try reader.read(into: &buffer) }
        #expect(error.message.contains("\(path) is no gzip file"))
        #expect(error.description.contains("without .gz"))
    }
}
