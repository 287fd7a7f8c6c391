import AnnalsTesting
import Foundation
import Testing

@Suite("Several programs at once")
struct RotationRaceTests {
    /// Starts the driver, which lies beside the test runner.
    private func start(_ arguments: [String]) throws -> (
        process: Process, input: Pipe, output: Pipe
    ) {
        let runner = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe"))
        let process = Process()
        process.executableURL = runner.deletingLastPathComponent().appendingPathComponent(
            "RotationDriver")
        process.arguments = arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
        return (process, input, output)
    }

    private func run(_ arguments: [String]) throws -> [Substring] {
        let (process, _, output) = try start(arguments)
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        return text.split(separator: "\n")
    }

    @Test(
        "O2.86 O2.12 two programs rotate and record at once: every total is exact, turns are even")
    func race() throws {
        let folder = try TemporaryFolder()
        let store = folder.path + "/store"
        #expect(try run([store, "create", "5"]) == ["done 5"])
        let racers = try (0..<2).map { _ in try start([store, "rotate", "2", "20"]) }
        for racer in racers {
            #expect(racer.output.fileHandleForReading.availableData == Data("ready\n".utf8))
        }
        for racer in racers { racer.input.fileHandleForWriting.write(Data("\n".utf8)) }
        var (rotations, records) = (0, 0)
        for racer in racers {
            let said = String(
                decoding: racer.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            let words = said.split(separator: " ")
            #expect(words.first == "done" && words.count == 3, "\(said)")
            let own = Int(words[1]) ?? 0
            #expect(own > 0)
            rotations += own
            records += Int(words[2].trimmingCharacters(in: .newlines)) ?? 0
        }
        #expect(records == rotations * 20)
        var totals: [Substring: Int] = [:]
        for line in try run([store, "totals"]) {
            let words = line.split(separator: " ")
            totals[words[0]] = Int(words[1])
        }
        for name in [
            "events.rotations", "events.counted", "audit.rotations", "stats.rotations",
            "stats.reasons", "uses.all",
        ] { #expect(totals[name[...]] == rotations, "\(name)") }
        for name in ["events.records", "stats.requests", "stats.samples", "days.requests"] {
            #expect(totals[name[...]] == records, "\(name)")
        }
        #expect(totals["stats.sent"] == 3 * records && totals["stats.received"] == 5 * records)
        // A choice sees all earlier ones of both programs.
        #expect(totals["uses.least"] == rotations / 5)
        #expect(totals["uses.most"] == (rotations + 4) / 5)
        #expect(totals["verified"] == 1)
    }
}
