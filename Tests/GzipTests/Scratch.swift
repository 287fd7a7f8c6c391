import Foundation
import Gzip
import Testing

/// A folder for one test, removed with it.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(at: folder) } catch {
            Issue.record("the test folder could not be removed: \(error)")
        }
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: folder.appending(path: name))
        return path(name)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    /// Runs the system's gzip on bytes.
    static func gzip(_ bytes: [UInt8], _ arguments: String...) throws -> [UInt8] {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip"] + arguments
        let output = try scratch.write([], to: "output")
        process.standardInput = try FileHandle(
            forReadingFrom: URL(filePath: try scratch.write(bytes, to: "input")))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try scratch.bytes("output")
    }
}

/// Text that compresses about as JSON lines do.
func sampleText(bytes: Int) -> [UInt8] {
    var text: [UInt8] = []
    var number = 1
    while text.count < bytes {
        number = (number &* 6_364_136_223 &+ 1_442_695) & 0xFFFF_FFFF
        text.append(contentsOf: Array("{\"n\":\(number),\"host\":\"proxy-\(number % 97)\"}\n".utf8))
    }
    return Array(text.prefix(bytes))
}
