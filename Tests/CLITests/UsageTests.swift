import Foundation
import Testing

@Suite("How the program is called")
struct UsageTests {
    @Test("A wrong call ends with 64 and a document, or with lines for people")
    func wrongCall() throws {
        let store = try TestStore()
        for arguments in [["frob"], ["log", "--frob"], ["query"], ["append", "t"], ["log", "x"]] {
            let error = try store.fail("USAGE", status: 64, arguments)
            #expect((error["hint"] as? String)?.contains("--help") == true)
            let run = try store.run(arguments)
            #expect(run.status == 64 && run.output.isEmpty)
            #expect(run.error.hasPrefix("annals: error USAGE: "))
            #expect(run.error.contains("\nhint: "))
        }
    }

    @Test("The store is found by option, environment and folder; the option may stand in front")
    func finding() throws {
        let store = try TestStore.people()
        let elsewhere = try TestStore()
        let missing = try elsewhere.fail("STORE_MISSING", ["status"])
        #expect((missing["hint"] as? String)?.contains("annals init") == true)
        try elsewhere.succeed("--store", store.path, "--json", "status")
        try elsewhere.succeed("status", "--json", "--store=\(store.path)")
        let link = elsewhere.folder.appendingPathComponent(".annals").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: store.path)
        let run = try elsewhere.run(["status"], environment: ["ANNALS_STORE": ""])
        #expect(run.status == 0, "\(run.error)")
        let next = try elsewhere.run("rollback", "--store", store.path, "--json").json
        #expect(
            next["back"] as? [String]
                == ["annals migrate --projection people --to 2 --store \(store.path)"])
    }

    @Test("Version, help and completions")
    func ofItself() throws {
        let store = try TestStore()
        #expect(try store.succeed("--version").output.hasPrefix("annals "))
        #expect(try store.succeed("help", "append").output.contains("--if-revision"))
        for shell in ["bash", "zsh", "fish"] {
            let script = try store.succeed("--generate-completion-script", shell).output
            #expect(script.contains("rollback"), "\(shell)")
        }
    }

    @Test("Colour comes with --color always, and never into a file by itself")
    func colour() throws {
        let store = try TestStore.people()
        #expect(!(try store.succeed("status").output.contains("\u{1B}")))
        #expect(try store.succeed("status", "--color", "always").output.contains("\u{1B}[32m"))
        #expect(!(try store.succeed("status", "--color", "never").output.contains("\u{1B}")))
    }

    @Test("A store of a newer format is refused with the same code by every command")
    func newerFormat() throws {
        let store = try TestStore.people()
        let manifest = URL(fileURLWithPath: "\(store.path)/store.json")
        let text = try String(contentsOf: manifest, encoding: .utf8)
        try Data(text.replacing(#/"format" ?: ?\d+/#, with: "\"format\": 99").utf8)
            .write(to: manifest)
        let before = try store.files()
        for arguments in [
            ["append", "t", "s", "{}"], ["import", "/dev/null"], ["export"], ["log"], ["streams"],
            ["types"], ["status"], ["migrate"], ["rollback"], ["rebuild"], ["replay"],
            ["query", "SELECT 1"], ["verify"], ["validate"], ["doctor"],
        ] { try store.fail("FORMAT_NEWER", arguments) }
        #expect(try store.files() == before)
    }

    @Test("A full disk behind standard output is told")
    func fullOutput() throws {
        let store = try TestStore.people()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["log", "--store", store.path]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(text.hasPrefix("annals: error DISK_FULL: ") && text.contains("standard output"))
    }
}
