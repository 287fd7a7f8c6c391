import Foundation
import Testing

@Suite("Commands that only read")
struct ReadOnlyTests {
    /// Calls of every command that can be called without a change to the store.
    ///
    /// Commands with an option that changes something stand here with their reading calls.
    static let reading: [String: [[String]]] = [
        "log": [["log"], ["log", "--json", "--reverse"]],
        "streams": [["streams"]], "types": [["types", "--json"]],
        "status": [["status"], ["status", "--json", "--check"], ["info", "--digests"]],
        "plan": [["plan"], ["plan", "--json", "--to", "1"]],
        "query": [
            ["query", "SELECT * FROM people"], ["query", "SELECT 1", "--at-position", "3"],
        ],
        "verify": [["verify"], ["verify", "--json"], ["verify", "--log-only"]],
        "validate": [["validate"], ["validate", "--prove"]],
        "doctor": [["doctor"], ["doctor", "--full", "--json"]],
        "export": [["export", "../out.jsonl"], ["export"]],
        "replay": [["replay"], ["replay", "people", "--into", "../out.sqlite"]],
        "migrate": [["migrate", "--dry-run"]],
        "lint": [["lint"], ["lint", "--json"]],
        "history": [["history"]],
        "modules": [["modules"]],
        "modules list": [["modules"]],
        "schema": [["schema", "dump"], ["schema", "dump", "--at-version", "1", "--json"]],
        "docs": [["docs"], ["docs", "--json"], ["docs", "--into", "pages"]],
        "diff": [["diff", "--from-position", "1", "--to-position", "2"]],
        "proxies list": [["proxies"], ["proxies", "list", "--best", "--json"]],
        "proxies show": [["proxies", "show", "nobody"]],
        "proxies weights": [["proxies", "weights"]],
        "proxies groups": [["proxies", "groups"]],
        "stats now": [["stats"], ["stats", "--json"]], "stats proxy": [["stats", "proxy", "p"]],
        "stats top": [["stats", "top"]], "stats errors": [["stats", "errors"]],
        "stats targets": [["stats", "targets"]], "stats days": [["stats", "days"]],
        "rotation log": [["rotation"]], "rotation reasons": [["rotation", "reasons"]],
        "rotation configs": [["rotation", "configs"]],
        "help": [["help"], ["--help"], ["--version"], ["help", "log"]],
    ]

    /// Commands that have no other purpose than to change a store, or to make one.
    static let changing: Set<String> = [
        "init", "append", "import", "rollback", "rebuild", "backup", "restore", "repair", "adopt",
        "modules enable", "modules disable", "modules reassign", "maintenance", "new",
        "proxies add", "proxies edit", "proxies remove", "proxies check",
        "rotation rotate", "rotation add", "rotation remove", "rotation activate",
        "rotation deactivate", "rotation maintenance",
    ]

    /// The names of the program's commands, as it tells them itself; groups are left out.
    private func commands() throws -> [String] {
        let dump = try TestStore().run("--experimental-dump-help")
        func leaves(_ command: [String: Any], _ path: [String]) -> [String] {
            let inner = (command["subcommands"] as? [[String: Any]] ?? [])
                .filter { $0["commandName"] as? String != "help" || path.isEmpty }
            if inner.isEmpty { return [path.joined(separator: " ")] }
            return inner.flatMap { leaves($0, path + [$0["commandName"] as? String ?? ""]) }
        }
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any])
        return leaves(try #require(document["command"] as? [String: Any]), [])
    }

    @Test("Every command leaves every file byte-identical, or is known to change something")
    func identical() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-", "--no-project"], input: PeopleProjection.lines(1...20))
        // What a crash may leave, and a lag.
        try Data("half a build".utf8).write(
            to: URL(fileURLWithPath: "\(store.path)/generations/people-9999.sqlite"))
        let before = try store.files()
        let commands = try commands()
        #expect(commands.count > 15 && commands.contains("log"))
        for name in commands where !Self.changing.contains(name) {
            let calls = Self.reading[name]
            #expect(calls != nil, "'\(name)' is new: add it to one of the two lists")
            for call in calls ?? [] {
                let run = try store.run(call)
                #expect([0, 1].contains(run.status), "\(call): \(run.error)")
                #expect(try store.files() == before, "\(call)")
            }
        }
    }

    @Test("A backup stays byte-identical too, its lock file included")
    func backup() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        try store.succeed("backup", "b")
        func files() throws -> [String: Data] {
            let folder = store.folder.appendingPathComponent("b").path
            let names = try #require(FileManager.default.enumerator(atPath: folder))
            var found: [String: Data] = [:]
            for case let name as String in names {
                found[name] = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
            }
            return found
        }
        let before = try files()
        for name in try commands() where !Self.changing.contains(name) {
            for call in Self.reading[name] ?? [] {
                _ = try store.run(call, environment: ["ANNALS_STORE": "b"])
                #expect(try files() == before, "\(call)")
            }
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
