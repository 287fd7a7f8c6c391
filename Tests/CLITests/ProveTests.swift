import Foundation
import Testing

@Suite("validate --prove")
struct ProveTests {
    /// A store with people in it, and a third migration.
    private func store(down: String) throws -> TestStore {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        try Data(
            """
            -- Migration: 003_zip
            -- Description: Where people live, exactly
            -- Module: core

            -- Up
            ALTER TABLE people ADD COLUMN zip TEXT;

            -- Down
            \(down)

            """.utf8
        ).write(to: store.migration("003_zip.sql"))
        return store
    }

    private func migrations(_ run: Program.Run) throws -> [[String: Any]] {
        try #require(try run.json["migrations"] as? [[String: Any]])
    }

    @Test("A right way back is exit 0, whether it is applied or pending, and changes nothing")
    func right() throws {
        let store = try store(down: "ALTER TABLE people DROP COLUMN zip;")
        let before = try store.files()
        let run = try store.run("validate", "--prove", "--json")
        #expect(run.status == 0, "\(run.output)")
        #expect(try store.files() == before)
        let document = try run.json
        #expect(document["proven"] as? Int == 3 && document["failed"] as? Int == 0)
        let all = try migrations(run)
        #expect(all.map { $0["number"] as? Int } == [1, 2, 3])
        #expect(all.map { $0["down"] as? String } == ["proven", "proven", "proven"])
        #expect(all.map { $0["roundTrip"] as? String } == ["proven", "proven", "proven"])
        #expect(all.map { $0["inPlace"] as? String } == ["differs", "proven", "proven"])
        #expect(all.map { $0["rows"] as? Int } == [20, 20, 20])
        let people = try store.run("validate", "--prove")
        #expect(people.output.contains("003_zip"))
        #expect(people.error.contains("no rows in teams"), "\(people.error)")
    }

    @Test("A wrong one is exit 6 with table, rows and both values")
    func wrong() throws {
        let store = try store(
            down:
                "ALTER TABLE people DROP COLUMN zip; UPDATE people SET age = age + 1 WHERE age < 3;"
        )
        let before = try store.files()
        let run = try store.run("validate", "--prove", "--projection", "people", "--json")
        #expect(run.status == 6)
        #expect(try store.files() == before)
        #expect(try run.json["failed"] as? Int == 1)
        let last = try #require(try migrations(run).last)
        #expect(last["down"] as? String == "differs" && last["roundTrip"] as? String == "differs")
        let difference = try #require(last["difference"] as? [String: Any])
        #expect(difference["table"] as? String == "people" && difference["rows"] as? Int == 2)
        let example = try #require(difference["example"] as? [String: [String: Any]])
        #expect(example["key"]?["id"] as? String == "1")
        #expect(example["expected"]?["age"] as? Int == 1 && example["found"]?["age"] as? Int == 2)
        let people = try store.run("validate", "--prove")
        #expect(people.status == 6)
        #expect(people.output.contains("people: 2 rows differ"), "\(people.output)")
        #expect(people.output.contains("expected age 1"), "\(people.output)")
    }

    @Test("Down: replay is accepted and shown")
    func replay() throws {
        let store = try store(down: "DELETE FROM people;")
        let text = try String(contentsOf: store.migration("003_zip.sql"), encoding: .utf8)
        let replay = text.replacingOccurrences(
            of: "-- Down\nDELETE FROM people;", with: "-- Down: replay")
        try Data(replay.utf8).write(to: store.migration("003_zip.sql"))
        let run = try store.run("validate", "--prove", "--json")
        #expect(run.status == 0)
        let last = try #require(try migrations(run).last)
        #expect(last["down"] as? String == "replay" && last["roundTrip"] as? String == "replay")
    }

    @Test("Event files take the place of the store's history")
    func history() throws {
        let store = try store(
            down: "ALTER TABLE people DROP COLUMN zip; DELETE FROM people WHERE name = 'Person 77';"
        )
        #expect(try store.run("validate", "--prove").status == 0)
        let file = try store.write(PeopleProjection.lines(70...80), to: "more.jsonl")
        let before = try store.files()
        let run = try store.run("validate", "--prove", "--history", file.path, "--json")
        #expect(run.status == 6)
        #expect(try store.files() == before)
        try store.fail("FILE_MISSING", ["validate", "--prove", "--history", "nowhere.jsonl"])
        #expect(try store.run("validate", "--history", file.path).status == 64)
    }

    @Test("An event that an older version refuses is told, not skipped")
    func refused() throws {
        let store = try store(down: "ALTER TABLE people DROP COLUMN zip;")
        try store.succeed(
            "append", "--unchecked", "person.added", "person/x", #"{"age":-1,"name":"x"}"#)
        let run = try store.run("validate", "--prove", "--json")
        #expect(run.status == 6)
        let difference = try #require(try migrations(run).last?["difference"] as? [String: Any])
        let error = try #require(difference["error"] as? [String: Any])
        #expect(error["code"] as? String == "EVENT_REFUSED")
        #expect(error["position"] as? Int == (try store.head()))
    }

    @Test("Scratch files go after an interrupt, and after a kill with the next run")
    func scratch() throws {
        let store = try store(down: "ALTER TABLE people DROP COLUMN zip;")
        let folder = store.folder.appendingPathComponent("tmp")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let environment = ["TMPDIR": folder.path]
        func left() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
        }
        let file = try store.write(PeopleProjection.lines(1...60_000), to: "many.jsonl")
        let arguments = ["validate", "--prove", "--history", file.path]
        for signal in [SIGINT, SIGKILL] {
            let started = try store.start(arguments, environment: environment)
            while try left().isEmpty, started.process.isRunning { usleep(5_000) }
            usleep(200_000)
            #expect(started.process.isRunning, "the run was over before it could be stopped")
            kill(started.process.processIdentifier, signal)
            let run = try started.wait()
            if signal == SIGINT {
                #expect(run.status == 1 && run.error.contains("INTERRUPTED"), "\(run.error)")
                #expect(try left() == [])
            } else {
                #expect(try left().count >= 1)
            }
        }
        let run = try store.run(["validate", "--prove"], environment: environment)
        #expect(run.status == 0)
        #expect(try left() == [])
    }
}
