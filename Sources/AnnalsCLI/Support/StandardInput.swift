internal import Annals
internal import EventModel
internal import Foundation
internal import Gzip

/// What comes on standard input.
enum StandardInput {
    /// An event's data: the argument, or standard input for `-` or nothing.
    /// - Throws: `DATA_MISSING` when nothing can come, because it is a terminal or no file at all;
    ///   `DATA_TOO_LARGE`.
    static func data(_ argument: String?) throws -> [UInt8] {
        if let argument, argument != "-" { return Array(argument.utf8) }
        if argument == nil, isatty(STDIN_FILENO) == 1 || isNothing {
            throw CommandError.usage(
                "DATA_MISSING", "The event has no data.",
                hint: "Give a JSON object, for example '{}', or - to read standard input.")
        }
        return try all(bytesMax: Limits.dataBytesMax)
    }

    /// Everything that comes.
    /// - Throws: `DATA_TOO_LARGE` when that is more than `bytesMax` bytes; they are not kept.
    static func all(bytesMax: Int) throws -> [UInt8] {
        let input = InputFile.standardInput()
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try input.read(into: &chunk)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= bytesMax else {
                throw AnnalsError(
                    .invalid, "DATA_TOO_LARGE",
                    "Standard input has more than \(bytesMax) bytes (\(bytesMax >> 20) MiB).",
                    hint: "Split the event, or keep the content elsewhere and its digest here.")
            }
        }
    }

    /// Whether standard input is the null device, as in services and scheduled jobs.
    private static var isNothing: Bool {
        do {
            let link = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(STDIN_FILENO)")
            return link == "/dev/null"
        } catch {
            return false
        }
    }
}

/// A pipe in a private file, so that it can be read twice.
final class SpooledInput {
    /// The file; its name says whether it is gzip.
    let path: String
    private let folder: ScratchFolder

    /// Reads a pipe to its end.
    init(_ input: InputFile) throws {
        folder = try ScratchFolder()
        path = try Self.copy(input, into: folder.path)
    }

    /// The two bytes with which gzip begins decide the name's end.
    private static func copy(_ input: InputFile, into folder: String) throws -> String {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var filled = 0
        while filled < 2 {
            let count = try input.read(into: &chunk, from: filled)
            if count == 0 { break }
            filled += count
        }
        let isGzip = filled >= 2 && chunk[0] == 0x1F && chunk[1] == 0x8B
        let path = "\(folder)/\(isGzip ? "input.jsonl.gz" : "input.jsonl")"
        let output = try OutputFile(path: path)
        while filled > 0 {
            try output.write(chunk.span.extracting(0..<filled))
            filled = try input.read(into: &chunk)
        }
        try output.finish()
        return path
    }
}
