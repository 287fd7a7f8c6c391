import Foundation
import Gzip
import Testing

@Suite("Lines")
struct LineTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private struct Found: Equatable {
        var number: Int
        var offset: Int
        var text: String
    }

    private func lines(_ path: String, max: Int = 1000, chunk: Int) throws -> [Found] {
        var reader = try LineReader(path: path, lineBytesMax: max, chunkBytes: chunk)
        var found: [Found] = []
        while let line = try reader.next() {
            var bytes: [UInt8] = []
            for index in line.bytes.indices { bytes.append(line.bytes[index]) }
            found.append(
                Found(
                    number: line.number, offset: line.offset,
                    text: String(decoding: bytes, as: UTF8.self)))
        }
        #expect(reader.fileBytesRead == reader.fileBytes)
        return found
    }

    @Test("lends lines with number and place, whatever the buffer", arguments: [1, 2, 5, 100_000])
    func lendsLines(_ chunk: Int) throws {
        let text = Array("one\n\nthree é\r\n\r\nfi\rve, and longer than a small buffer\nlast".utf8)
        let expected = [
            Found(number: 1, offset: 0, text: "one"), Found(number: 2, offset: 4, text: ""),
            Found(number: 3, offset: 5, text: "three é"), Found(number: 4, offset: 15, text: ""),
            Found(number: 5, offset: 17, text: "fi\rve, and longer than a small buffer"),
            Found(number: 6, offset: 55, text: "last"),
        ]
        let plain = try scratch.write(text, to: "a.jsonl")
        #expect(try lines(plain, chunk: chunk) == expected)
        let gzip = try scratch.write(try Scratch.gzip(text, "-c"), to: "a.jsonl.gz")
        #expect(try lines(gzip, chunk: chunk) == expected)
    }

    @Test("takes a file without lines, and one with a line end only")
    func takesEmptyFiles() throws {
        #expect(try lines(try scratch.write([], to: "a"), chunk: 10) == [])
        let one = [Found(number: 1, offset: 0, text: "")]
        #expect(try lines(try scratch.write([10], to: "b"), chunk: 10) == one)
        #expect(try lines(try scratch.write(Array("x\n".utf8), to: "c"), chunk: 2).count == 1)
    }

    @Test("refuses a line over the bound and takes one at the bound", arguments: [1, 7, 100_000])
    func boundsLines(_ chunk: Int) throws {
        let line = String(repeating: "x", count: 50)
        let path = try scratch.write(Array("short\n\(line)\n".utf8), to: "a")
        #expect(try lines(path, max: 50, chunk: chunk).last?.text == line)
        let error = try #require(throws: FileError.self) {
            try lines(path, max: 49, chunk: chunk)
        }
        #expect(error.reason == .lineTooLong)
        #expect(error.message.contains("Line 2") && error.message.contains("byte 6"))
    }

    @Test("does not read on without end in a file that has no lines")
    func boundsMemory() throws {
        let path = try scratch.write([UInt8](repeating: 65, count: 1 << 20), to: "a")
        var reader = try LineReader(path: path, lineBytesMax: 10_000, chunkBytes: 4096)
        var reason: FileError.Reason?
        do { _ = try reader.next()?.number } catch { reason = error.reason }
        #expect(reason == .lineTooLong)
        #expect(reader.fileBytesRead < 64 << 10)
    }

    @Test("notices gzip under a name without .gz")
    func noticesGzip() throws {
        let bytes = try Scratch.gzip(Array("a line\n".utf8), "-c")
        let path = try scratch.write(bytes, to: "events.jsonl")
        let error = try #require(throws: FileError.self) { try lines(path, chunk: 4096) }
        #expect(error.reason == .compressed)
        #expect(error.hint.contains(".gz"))
    }

    @Test("reports a cut gzip file after the lines that came before the cut")
    func reportsTruncated() throws {
        let bytes = try Scratch.gzip(sampleText(bytes: 400_000), "-c")
        let path = try scratch.write(Array(bytes.prefix(bytes.count / 2)), to: "a.gz")
        var reader = try LineReader(path: path)
        var count = 0
        var reason: FileError.Reason?
        do {
            while let line = try reader.next() { count = line.number }
        } catch {
            reason = error.reason
        }
        #expect(reason == .truncated)
        #expect(count > 1000)
    }

    @Test("says why a file cannot be opened or read")
    func explainsOpening() throws {
        let missing = #expect(throws: FileError.self) { try InputFile(path: scratch.path("none")) }
        #expect(missing?.reason == .notFound)
        let folder = #expect(throws: FileError.self) { try lines(scratch.folder.path, chunk: 10) }
        #expect(folder?.message.contains("read") == true)
    }

    @Test("writes lines that it reads back", arguments: ["a.jsonl", "a.jsonl.gz"])
    func writesLines(_ name: String) throws {
        var writer = try LineWriter(path: scratch.path(name))
        for number in 0..<20_000 { try writer.write(Array("line \(number) of many".utf8).span) }
        #expect(writer.lines == 20_000)
        #expect(try scratch.names == ["\(name).partial"])
        try writer.finish()
        #expect(try scratch.names == [name])
        let found = try lines(scratch.path(name), chunk: 4096)
        #expect(found.count == 20_000)
        #expect(found.last?.text == "line 19999 of many")
    }

    @Test("an unfinished file leaves nothing, and the earlier one in place")
    func dropsUnfinished() throws {
        let path = try scratch.write(Array("earlier\n".utf8), to: "a")
        do {
            var writer = try LineWriter(path: path)
            try writer.write(Array("new".utf8).span)
            try writer.flush()
        }
        #expect(try scratch.names == ["a"])
        #expect(try scratch.bytes("a") == Array("earlier\n".utf8))
    }

    @Test("replaces an earlier file, and the new one is readable by the umask's leave")
    func replaces() throws {
        let path = try scratch.write(Array("earlier and longer\n".utf8), to: "a")
        var writer = try LineWriter(path: path)
        try writer.write(Array("new".utf8).span)
        try writer.finish()
        #expect(try scratch.bytes("a") == Array("new\n".utf8))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let mask = umask(0)
        umask(mask)
        #expect((attributes[.posixPermissions] as? NSNumber)?.uint32Value == 0o644 & ~mask)
    }

    @Test("one writer at a time, and a dead writer's rest is used again")
    func writesAlone() throws {
        let path = scratch.path("a")
        _ = try scratch.write(Array("left by a dead writer, and longer".utf8), to: "a.partial")
        let first = try OutputFile(path: path)
        let second = #expect(throws: FileError.self) { try OutputFile(path: path) }
        #expect(second?.reason == .busy)
        try first.write(Array("first".utf8).span)
        try first.finish()
        #expect(try scratch.bytes("a") == Array("first".utf8))
        let third = try OutputFile(path: path)
        try third.finish()
        #expect(try scratch.bytes("a") == [])
        #expect(try scratch.names == ["a"])
    }

    @Test("writes through a link instead of replacing it")
    func writesThroughLink() throws {
        let target = try scratch.write([], to: "target")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("link"), withDestinationPath: target)
        var writer = try LineWriter(path: scratch.path("link"))
        try writer.write(Array("x".utf8).span)
        try writer.finish()
        #expect(try scratch.bytes("target") == Array("x\n".utf8))
    }

    @Test("says why a file cannot be created, and when the disk is full")
    func explainsWriting() throws {
        let missing = #expect(throws: FileError.self) {
            try OutputFile(path: scratch.path("none/a"))
        }
        #expect(missing?.reason == .notFound)
        let full = try OutputFile(path: "/dev/full")
        let error = #expect(throws: FileError.self) { try full.write([65].span) }
        #expect(error?.reason == .full)
    }
}
