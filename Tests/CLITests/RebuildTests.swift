import Foundation
import SQLite
import Testing

@Suite("annals rebuild, verify, validate and doctor")
struct RebuildTests {
    private func store() throws -> TestStore {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        return store
    }

    private func damage(_ store: TestStore, _ sql: String) throws {
        let link = try FileManager.default.destinationOfSymbolicLink(
            atPath: "\(store.path)/people.sqlite")
        try Connection(path: "\(store.path)/\(link)", mode: .readWrite).execute(sql)
    }

    @Test("Everything but the log can be deleted: rebuild brings the same content back")
    func rebuild() throws {
        let store = try store()
        let before = try store.projection("people")["digest"] as? String
        for name in ["store.json", "store.lock", "people.sqlite", "generations"] {
            try FileManager.default.removeItem(atPath: "\(store.path)/\(name)")
        }
        let rebuilt = try store.succeed("rebuild", "--json").json
        #expect(rebuilt["schema"] as? String == "annals.rebuild/1")
        let people = try #require((rebuilt["projections"] as? [[String: Any]])?.first)
        #expect(people["digest"] as? String == before)
        #expect(people["version"] as? Int == 2 && people["switchMs"] is Double)
        #expect(try store.projection("people")["digest"] as? String == before)
        try store.succeed("doctor")
        try store.fail("PROJECTION_UNKNOWN", ["rebuild", "none"])
    }

    @Test("verify compares each live file with a replay, and ends with 6 when they differ")
    func verify() throws {
        let store = try store()
        let good = try store.succeed("verify", "--json").json
        #expect(good["schema"] as? String == "annals.verify/1")
        let people = try #require((good["projections"] as? [[String: Any]])?.first)
        #expect(people["name"] as? String == "people" && people["equal"] as? Bool == true)
        #expect(people["digest"] as? String == people["replayDigest"] as? String)
        #expect(people["position"] as? Int == (try store.head()))
        try damage(store, "UPDATE people SET age = age + 1 WHERE id = '7'")
        let bad = try store.run("verify", "--json")
        #expect(bad.status == 6)
        let found = try #require((try bad.json["projections"] as? [[String: Any]])?.first)
        #expect(found["equal"] as? Bool == false)
        #expect(found["digest"] as? String != found["replayDigest"] as? String)
        #expect(try store.run("verify").output.contains("DIFFERENT"))
        try store.succeed("verify", "--log-only")
        try store.succeed("rebuild")
        try store.succeed("verify")
    }

    @Test("A flipped bit in the log is told with its position")
    func flippedBit() throws {
        let store = try store()
        let file = URL(fileURLWithPath: "\(store.path)/log/data.mdb")
        var bytes = try Data(contentsOf: file)
        let name = try #require(bytes.range(of: Data(#""name":"Person 13""#.utf8)))
        bytes[name.lowerBound + 9] ^= 1
        try bytes.write(to: file)
        let run = try store.run("verify", "--json")
        #expect(run.status == 6)
        let log = try #require(try run.json["log"] as? [String: Any])
        let problem = try #require((log["problems"] as? [[String: Any]])?.first)
        #expect(problem["code"] as? String == "RECORD_CORRUPT")
        #expect(problem["position"] as? Int == (try store.head()) - 7)
        #expect(try store.run("doctor", "--full").status == 1)
    }

    @Test("validate tells a schema that is not a fresh build's, and rows against constraints")
    func validate() throws {
        let store = try store()
        let valid = try store.succeed("validate", "--json").json
        #expect(
            valid["schema"] as? String == "annals.validate/1" && valid["valid"] as? Bool == true)
        try damage(store, "CREATE INDEX extra ON people (age)")
        try store.expectProblem("SCHEMA_DIFFERS")
        try damage(store, "DROP INDEX extra")
        try store.succeed("validate")
        try damage(store, "PRAGMA foreign_keys = 0; UPDATE people SET team = 'x' WHERE id = '1'")
        try store.expectProblem("ROWS_INVALID")
    }

    /// An opening for writing once removed whatever it did not know.
    @Test("What the store has not made in its folder of generations stays, and doctor tells of it")
    func foreignFiles() throws {
        let store = try store()
        let generations = URL(fileURLWithPath: "\(store.path)/generations")
        let foreign = [
            "export.csv", "people-0002.sqlite", "people-1.sqlite", "people-2024.sqlite",
            "people-0001.sqlite.bak", "other-0001.sqlite", "people-0001",
        ]
        for name in foreign {
            try Data("mine".utf8).write(to: generations.appendingPathComponent(name))
        }
        let folder = generations.appendingPathComponent("people-0000.sqlite")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: folder.appendingPathComponent("note"))
        let kept = (foreign + ["people-0000.sqlite"]).sorted()

        try store.succeed(["import", "-"], input: "\n")
        for _ in 1...3 { try store.succeed("rebuild") }
        let run = try store.run("doctor", "--heal", "--json")
        #expect(run.status == 1)
        let findings = try #require(try run.json["findings"] as? [[String: Any]])
        #expect(findings.allSatisfy { $0["code"] as? String == "GENERATION_FOREIGN" })
        #expect(
            findings.compactMap { ($0["message"] as? String)?.split(separator: " ").first }
                == kept.map { "generations/\($0)" })
        let names = try FileManager.default.contentsOfDirectory(atPath: generations.path)
        #expect(Set(names).isSuperset(of: kept))
        #expect(try Data(contentsOf: folder.appendingPathComponent("note")) == Data("mine".utf8))
        for name in foreign {
            let bytes = try Data(contentsOf: generations.appendingPathComponent(name))
            #expect(bytes == Data("mine".utf8), "\(name)")
        }
    }

    @Test("doctor tells links, abandoned files and a missing manifest, and mends them on request")
    func doctor() throws {
        let store = try store()
        // The first file goes when two later ones are retained.
        for _ in 1...3 { try store.succeed("rebuild") }
        let healthy = try store.succeed("doctor", "--full", "--json").json
        #expect(healthy["schema"] as? String == "annals.doctor/1")
        #expect(healthy["healthy"] as? Bool == true)
        try FileManager.default.removeItem(atPath: "\(store.path)/people.sqlite")
        try FileManager.default.removeItem(atPath: "\(store.path)/store.json")
        try store.succeed(["import", "-", "--no-project"], input: "\n")
        try FileManager.default.removeItem(atPath: "\(store.path)/people.sqlite")
        try FileManager.default.removeItem(atPath: "\(store.path)/store.json")
        try Data().write(
            to: URL(fileURLWithPath: "\(store.path)/generations/people-0001.sqlite"))
        let before = try store.files()
        let ill = try store.run("doctor", "--json")
        #expect(ill.status == 1)
        let findings = try #require(try ill.json["findings"] as? [[String: Any]])
        #expect(
            Set(findings.compactMap { $0["code"] as? String })
                == ["LINK_MISSING", "MANIFEST_MISSING", "GENERATION_ABANDONED"])
        #expect(findings.allSatisfy { $0["remedy"] as? String == "annals doctor --heal" })
        #expect(try store.files() == before)
        try store.succeed("doctor", "--heal")
        try store.succeed("doctor")
        try store.succeed("doctor", "--rebuild-indexes", "--full")
    }
}

extension TestStore {
    /// Expects `validate` to end with 1 because of a problem of this code.
    fileprivate func expectProblem(
        _ code: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try run("validate", "--json")
        #expect(run.status == 1, sourceLocation: location)
        let projections = try #require(try run.json["projections"] as? [[String: Any]])
        let problems = try #require(projections.first?["problems"] as? [[String: Any]])
        #expect(
            problems.contains { $0["code"] as? String == code }, "\(problems)",
            sourceLocation: location)
    }
}
