import Foundation
import Testing

@Suite("Commands that only read")
struct ReadOnlyTests {
    @Test("They leave every file byte-identical, also beside a crash's remains and a lag")
    func identical() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-", "--no-project"], input: PeopleProjection.lines(1...20))
        try Data("half a build".utf8).write(
            to: URL(fileURLWithPath: "\(store.path)/generations/people-9999.sqlite"))
        let before = try store.files()
        let commands = [
            ["log"], ["log", "--json", "--reverse"], ["streams"], ["types", "--json"], ["status"],
            ["status", "--json", "--check"], ["info", "--digests"],
            ["query", "SELECT * FROM people"],
            ["query", "SELECT 1", "--at-position", "3"], ["verify"], ["verify", "--json"],
            ["validate"], ["doctor"], ["doctor", "--full", "--json"], ["export", "../out.jsonl"],
            ["replay"], ["replay", "people", "--into", "../out.sqlite"], ["migrate", "--dry-run"],
            ["plan"],
            ["plan", "--json"],
        ]
        for command in commands {
            let run = try store.run(command)
            #expect([0, 1].contains(run.status), "\(command): \(run.error)")
            #expect(try store.files() == before, "\(command)")
        }
    }

    @Test("A folder without the right to write: an append is refused with the reason")
    func readOnlyFolder() throws {
        let store = try TestStore.people()
        try store.succeed("append", "person.added", "person/1", #"{"name":"Ada"}"#)
        let before = try store.files()
        try shell("chmod -R a-w \(store.path)")
        // The superuser may write everywhere, unless it gives that power away.
        let powerless =
            getuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search " : ""
        let append = try shell(
            "\(powerless)\(Program.path) append t s {} --json --store \(store.path)")
        try shell("chmod -R u+w \(store.path)")
        #expect(append.status == 1)
        #expect(append.output.contains("NOT_PERMITTED"), "\(append.output)")
        #expect(try store.files() == before)
    }

    @discardableResult
    private func shell(_ command: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
