internal import EventModel
internal import Foundation

/// Lines that wait until all of them are known: a few in memory, more in a file without a name, which
/// ends with the process, however that ends.
struct RowSpool {
    /// Bytes kept in memory.
    private static let memoryBytesMax = 1 << 20

    private var memory: [UInt8] = []
    private var file: FileHandle?
    /// How many lines there are.
    private(set) var count = 0

    /// Adds a line, which has no line end in it.
    mutating func add(_ line: [UInt8]) throws {
        memory += line
        memory.append(UInt8(ascii: "\n"))
        count += 1
        if memory.count >= Self.memoryBytesMax { try spill() }
    }

    private mutating func spill() throws {
        let file = try file ?? Self.nameless()
        self.file = file
        try file.write(contentsOf: memory)
        memory.removeAll(keepingCapacity: true)
    }

    /// Gives the lines out in their order, without their ends, and forgets them.
    mutating func drain(_ body: (Span<UInt8>) throws -> Void) throws {
        guard let file else { return try Self.forEachLine(in: memory, body) }
        try spill()
        try file.seek(toOffset: 0)
        // A line may be longer than what is read at once.
        var rest: [UInt8] = []
        while let chunk = try file.read(upToCount: Self.memoryBytesMax), !chunk.isEmpty {
            rest += chunk
            guard let last = chunk.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            let end = rest.count - (chunk.endIndex - last) + 1
            try Self.forEachLine(in: Array(rest[..<end]), body)
            rest.removeFirst(end)
        }
    }

    private static func forEachLine(
        in bytes: [UInt8], _ body: (Span<UInt8>) throws -> Void
    ) throws {
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            try body(bytes.span.extracting(start..<index))
            start = index + 1
        }
    }

    /// A private file whose name is taken away at once.
    private static func nameless() throws -> FileHandle {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("annals-rows-\(UUID().uuidString)")
        guard
            FileManager.default.createFile(
                atPath: url.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else {
            throw AnnalsError(
                .unavailable, "FILE_FAILED", "\(url.path) cannot be created.",
                hint: "Look at the space and permissions of the folder for temporary files.")
        }
        let file = try FileHandle(forUpdating: url)
        try FileManager.default.removeItem(at: url)
        return file
    }
}
