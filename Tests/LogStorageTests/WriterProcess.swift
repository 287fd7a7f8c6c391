import Foundation
import Glibc
import Synchronization

/// The program LogWriter, appending to a log beside the test.
final class WriterProcess {
    private let process = Process()
    private let output = Pipe()

    init(_ store: TestLog, name: String, appends: Int, events: Int) throws {
        // The test runner and the helper are built into the same folder.
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = try Self.helper(beside: runner)
        process.arguments = [store.folder, name, "\(appends)", "\(events)"]
        process.standardOutput = output
        try process.run()
    }

    private static func helper(beside runner: String) throws -> URL {
        for argument in [runner] + CommandLine.arguments {
            let helper = URL(filePath: argument).deletingLastPathComponent()
                .appending(path: "LogWriter")
            if FileManager.default.isExecutableFile(atPath: helper.path) { return helper }
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// Reads until so many bytes of acknowledgements have come, then kills the process.
    func kill(afterBytes count: Int) throws -> [(id: String, position: UInt64)] {
        var text = Data()
        while text.count < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text.append(more)
        }
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
        text.append(try output.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        return parse(text)
    }

    /// What the process acknowledged, after it ended by itself.
    func waitForEnd() throws -> [(id: String, position: UInt64)] {
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return parse(text)
    }

    /// Whole lines only: a kill may cut the last one.
    private func parse(_ text: Data) -> [(id: String, position: UInt64)] {
        String(decoding: text, as: UTF8.self).components(separatedBy: "\n").dropLast().compactMap {
            line in
            let parts = line.split(separator: " ")
            return parts.count == 2 ? UInt64(parts[1]).map { (String(parts[0]), $0) } : nil
        }
    }
}
