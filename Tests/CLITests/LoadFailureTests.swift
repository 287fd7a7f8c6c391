import Foundation
import Testing

@Suite("A projection's files are wrong")
struct LoadFailureTests {
    @Test("Only commands that use the projection fail; what only reads the log does not")
    func log() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...3))
        try Data("-- Migration: 003_x\n-- Up\n".utf8).write(to: store.migration("003_x.sql"))
        let before = try store.files()
        for arguments in [
            ["log", "--json"], ["export"], ["streams"], ["types"], ["verify", "--log-only"],
            ["query", "SELECT count(*) FROM people"], ["status"],
        ] {
            try store.succeed(arguments)
        }
        for verb in ["migrate", "rollback", "rebuild", "verify"] {
            let error = try store.fail("MIGRATION_HEADER", [verb])
            #expect(error["file"] as? String == "003_x.sql" && error["line"] is Int)
        }
        let status = try store.run("status", "--check", "--json")
        #expect(status.status == 4)
        let people = try store.projection("people")
        #expect(people["state"] as? String == "drift")
        #expect((people["error"] as? [String: Any])?["file"] as? String == "003_x.sql")
        let doctor = try store.run("doctor", "--json")
        #expect(doctor.status == 1)
        let findings = try #require(try doctor.json["findings"] as? [[String: Any]])
        #expect(findings.map { $0["code"] as? String } == ["MIGRATION_HEADER"])
        let validate = try store.run("validate", "--json")
        #expect(validate.status == 1)
        try store.fail("MIGRATION_HEADER", ["append", "person.added", "person/9", "{}"])
        #expect(try store.files() == before)
        let append = ["append", "person.moved", "person/1", #"{"city":"Rome"}"#, "--unchecked"]
        #expect(try store.run(append).status == 0)
    }

    @Test("Without its projections folder a store is read and exported")
    func folder() throws {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...3))
        try FileManager.default.removeItem(at: store.projections)
        #expect(try store.succeed("export").output.split(separator: "\n").count == 3)
        let status = try store.succeed("status", "--json").json
        #expect((status["error"] as? [String: Any])?["code"] as? String == "FILE_UNREADABLE")
        for verb in ["migrate", "rollback", "rebuild"] {
            try store.fail("FILE_UNREADABLE", [verb])
        }
    }

    @Test("M0.8 A renumbered file is drift and blocks")
    func renumbered() throws {
        let store = try TestStore.people()
        try FileManager.default.removeItem(at: store.migration("002_city.sql"))
        let text = PeopleProjection.city.replacingOccurrences(of: "002_city", with: "004_city")
        try Data(text.utf8).write(to: store.migration("004_city.sql"))
        let error = try store.fail("MIGRATION_DRIFT", status: 4, ["migrate"])
        #expect((error["message"] as? String)?.contains("renumbered") == true)
        let validate = try store.run("validate", "--json")
        #expect(validate.status == 4)
        let projections = try #require(try validate.json["projections"] as? [[String: Any]])
        let drift = try #require((projections[0]["drift"] as? [[String: Any]])?.first)
        #expect(drift["kind"] as? String == "renumbered")
        #expect(drift["number"] as? Int == 2 && drift["movedTo"] as? Int == 4)
    }
}
