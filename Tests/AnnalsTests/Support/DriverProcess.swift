import Foundation

/// A `StoreDriver` that runs beside the test, line by line.
final class DriverProcess {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()
    private var buffer = Data()
    private let ended = DispatchSemaphore(value: 0)

    /// The program, which lies beside the test runner.
    private static var program: URL {
        get throws {
            let runner = URL(
                fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/exe"))
            return runner.deletingLastPathComponent().appendingPathComponent("StoreDriver")
        }
    }

    /// Starts the program on a store.
    ///
    /// - Parameters:
    ///   - failpoint: `NAME=crash`, `NAME=pause:FILE` or `NAME=full`.
    ///   - waits: Whether it opens the store and then waits for `go`.
    ///   - migrates: Whether the opening applies what waits.
    init(
        _ store: String, _ verb: String, _ arguments: [String] = [], failpoint: String? = nil,
        waits: Bool = false, migrates: Bool = false
    ) throws {
        process.executableURL = try Self.program
        process.arguments =
            [store] + (failpoint.map { ["--failpoint", $0] } ?? []) + (waits ? ["--wait"] : [])
            + (migrates ? ["--migrates"] : [])
            + [verb] + arguments
        process.standardOutput = output
        process.standardInput = input
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
        // Else the pipe would not end with the child.
        try output.fileHandleForWriting.close()
        if waits { _ = line() }
    }

    /// The process.
    var identifier: Int32 { process.processIdentifier }

    /// Whether it has not ended yet.
    var isRunning: Bool { process.isRunning }

    /// The next line; `nil` when the program has ended.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
                buffer = Data(buffer[buffer.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            buffer += more
        }
    }

    /// Lets a waiting program begin.
    func go() { input.fileHandleForWriting.write(Data("\n".utf8)) }

    /// Ends the program as the machine's worst moment would.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for the end.
    /// - Returns: the lines that were not read yet, and whether the program ended by itself with 0.
    @discardableResult
    func finish() -> (lines: [String], isClean: Bool) {
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        ended.wait()
        return (lines, process.terminationReason == .exit && process.terminationStatus == 0)
    }
}

/// Makes an empty file, which a driver waits for.
func raise(_ path: String) throws {
    try Data().write(to: URL(fileURLWithPath: path))
}
