import Foundation
import Testing

/// The built program, run as its users run it.
enum Program {
    /// It lies beside the tests.
    static let path: String = {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("annals").path
    }()

    /// What one run gave.
    struct Run {
        let status: Int32
        let output: String
        let error: String

        /// The one JSON document that standard output must be.
        var json: [String: Any] {
            get throws {
                #expect(
                    output.hasSuffix("\n") && output.filter { $0 == "\n" }.count == 1,
                    "one line: \(output)")
                return try #require(
                    try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            }
        }

        /// The lines of standard output as JSON objects.
        var jsonLines: [[String: Any]] {
            get throws {
                try output.split(separator: "\n").map {
                    try #require(
                        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
            }
        }

        /// The code of the error document.
        var errorCode: String? {
            get throws { try errorObject["code"] as? String }
        }

        /// The error of the error document.
        var errorObject: [String: Any] {
            get throws {
                let document = try json
                #expect(document["schema"] as? String == "annals.error/1")
                return try #require(document["error"] as? [String: Any])
            }
        }
    }

    /// A run that was started and goes on.
    final class Started {
        let process: Process
        private let output: URL
        private let error: URL

        init(
            _ arguments: [String], input: URL? = nil, environment: [String: String], in folder: URL
        )
            throws
        {
            let id = UUID().uuidString
            output = folder.appendingPathComponent("\(id).out")
            error = folder.appendingPathComponent("\(id).err")
            process = Process()
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = arguments
            var all = ProcessInfo.processInfo.environment
            all["ANNALS_STORE"] = nil
            all.merge(environment) { $1 }
            process.environment = all
            process.currentDirectoryURL = folder
            for file in [output, error] { try Data().write(to: file) }
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: error)
            process.standardInput =
                try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
            try process.run()
        }

        /// What has been written so far.
        var outputSoFar: String {
            get throws { String(decoding: try Data(contentsOf: output), as: UTF8.self) }
        }

        /// Waits for the end; what takes a minute is ended, so that a failure never hangs the tests.
        func wait() throws -> Run {
            let process = process
            let end = DispatchWorkItem { process.terminate() }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(60), execute: end)
            process.waitUntilExit()
            end.cancel()
            return Run(
                status: process.terminationStatus, output: try outputSoFar,
                error: String(decoding: try Data(contentsOf: error), as: UTF8.self))
        }
    }
}
