import Foundation
import Testing

/// LMDB ends the process on a damaged page; whoever runs the program is told, whatever the command.
@Suite struct DamagedPageTests {
    private static let pageBytes = 4_096

    /// A store with enough events for several leaves.
    private static func filled() throws -> (store: TestStore, log: Data) {
        let store = try TestStore.people()
        let lines = (0..<200).map {
            #"{"specversion":"1.0","id":"i\#($0)","source":"/s","type":"note.taken","#
                + #""subject":"note/\#($0)","data":{"text":"\#(String(repeating: "x", count: 300))"}}"#
        }
        let file = try store.write(lines.joined(separator: "\n") + "\n", to: "events.jsonl")
        try store.succeed(["import", file.path, "--no-project"])
        return (store, try Data(contentsOf: URL(fileURLWithPath: store.path + "/log/data.mdb")))
    }

    /// The leaves of the largest tree: those with the fullest pages among all with a leaf's header.
    private static func leaves(_ log: Data) -> [Int] {
        (2..<log.count / pageBytes).filter { page in
            let start = page * pageBytes
            let header = log[start..<start + 16]
            return Int(header[start]) + Int(header[start + 1]) << 8 == page
                && header[start + 10] == 2 && header[start + 11] == 0
        }
    }

    @Test("verify, doctor --full and backup name a damaged page; no command goes down in silence")
    func damage() throws {
        let (store, log) = try Self.filled()
        let path = URL(fileURLWithPath: store.path + "/log/data.mdb")
        var told = 0
        for page in Self.leaves(log) {
            let start = page * Self.pageBytes
            for change in ["zeroed", "number", "flags", "lower", "upper", "pointer"] {
                var damaged = log
                switch change {
                case "zeroed": damaged.resetBytes(in: start..<start + Self.pageBytes)
                case "number": damaged[start] ^= 0x10
                case "flags": damaged[start + 10] ^= 0x04
                case "lower": damaged[start + 12] ^= 0x02
                case "upper": damaged[start + 15] ^= 0x02
                default: damaged[start + 17] ^= 0x04
                }
                try damaged.write(to: path)
                let run = try store.run("verify", "--log-only", "--json")
                // A page that is no longer in use may hold anything.
                if run.status == 0 { continue }
                told += 1
                #expect(run.status == 1, "\(change) \(page): \(run.output)\(run.error)")
                let error = try run.errorObject
                #expect(error["code"] as? String == "LOG_DAMAGED", "\(change) \(page): \(error)")
                #expect(
                    (error["message"] as? String)?.contains("page ") == true, "\(error)")
                guard change == "zeroed" || change == "flags", told < 12 else { continue }
                try store.fail("LOG_DAMAGED", ["doctor", "--full"])
                try store.fail("LOG_DAMAGED", ["backup", store.path + "-backup"])
                #expect(!FileManager.default.fileExists(atPath: store.path + "-backup"))
                for arguments in [["export", "-"], ["status", "--json"], ["verify"]] {
                    let other = try store.run(arguments)
                    #expect(
                        other.status == 0 || other.status == 1,
                        "\(change) \(page) \(arguments): \(other.error)")
                    let isTold = (other.output + other.error).contains("hint")
                    #expect(other.status == 0 || isTold, "\(other.output)\(other.error)")
                }
                #expect(try Data(contentsOf: path) == damaged, "nothing is written to it")
            }
        }
        #expect(told > 30)
        try log.write(to: path)
        try store.succeed("verify")
    }

    @Test(
        "A crash is told as an error: a document with --json, else lines",
        arguments: [SIGSEGV, SIGBUS, SIGABRT], [true, false])
    func crash(signal: Int32, isJSON: Bool) throws {
        let store = try TestStore.people()
        let program = try store.start(
            ["log", "--follow"] + (isJSON ? ["--json"] : []))
        // What it has shown tells that it runs.
        while program.process.isRunning, try program.outputSoFar.isEmpty { usleep(2_000) }
        kill(program.process.processIdentifier, signal)
        let run = try program.wait()
        #expect(run.status == 1, "\(run.output)\(run.error)")
        if isJSON {
            let last = try #require(try run.jsonLines.last?["error"] as? [String: Any])
            #expect(last["code"] as? String == "CRASHED")
            #expect(last["hint"] is String)
        } else {
            #expect(run.error.hasPrefix("annals: error CRASHED: "), "\(run.error)")
            #expect(run.error.contains("annals verify"))
        }
    }
}
