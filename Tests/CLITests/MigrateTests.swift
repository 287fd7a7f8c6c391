import Foundation
import Testing

@Suite("annals migrate, rollback and status")
struct MigrateTests {
    private func store() throws -> TestStore {
        let store = try TestStore.people()
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        try store.succeed("append", "person.moved", "person/1", #"{"city":"Rome"}"#)
        return store
    }

    @Test("Back and forth gives the same digest again, and each way back is told")
    func backAndForth() throws {
        let store = try store()
        let before = try store.projection("people")["digest"] as? String
        let rollback = try store.succeed("rollback", "--json").json
        #expect(rollback["schema"] as? String == "annals.rollback/1")
        let gone = try #require(rollback["rolledBack"] as? [[String: Any]])
        #expect(gone.map { $0["number"] as? Int } == [2] && gone[0]["name"] as? String == "city")
        let hidden = try #require(rollback["hidden"] as? [[String: Any]])
        #expect(hidden.count == 1 && hidden[0]["type"] as? String == "person.moved")
        #expect(hidden[0]["count"] as? Int == 1)
        #expect(
            rollback["back"] as? [String] == ["annals migrate --projection people --to 2"])
        #expect(try store.projection("people")["version"] as? Int == 1)
        #expect(try store.status()["next"] as? String == "annals migrate --projection people")
        let migrate = try store.succeed("up", "--json").json
        #expect(migrate["schema"] as? String == "annals.migrate/1")
        let applied = try #require(migrate["applied"] as? [[String: Any]])
        #expect(applied.count == 1 && applied[0]["number"] as? Int == 2)
        #expect(
            applied[0]["projection"] as? String == "people" && applied[0]["durationMs"] is Double)
        #expect(
            migrate["back"] as? [String] == ["annals rollback --projection people --to 1"])
        #expect(try store.projection("people")["digest"] as? String == before)
        let again = try store.succeed("migrate", "--json").json
        #expect((again["applied"] as? [Any])?.isEmpty == true)
        #expect(again["message"] as? String == "nothing to do")
    }

    @Test("A rollback says in words what will be hidden, and how to go back")
    func words() throws {
        let store = try store()
        let run = try store.succeed("down", "--steps", "1")
        #expect(run.error.contains("hidden at version 1: person.moved, 1 event"))
        #expect(run.output.contains("people: 2 → 1"))
        #expect(run.output.contains("back: annals migrate --projection people --to 2"))
    }

    @Test("Targets are numbers or names; the wrong side names the other verb")
    func targets() throws {
        let store = try TestStore.people("--no-migrate")
        try store.succeed("migrate", "--to", "001_people")
        #expect(try store.projection("people")["version"] as? Int == 1)
        try store.succeed("migrate", "--to", "city")
        let below = try store.fail("TARGET_BELOW", ["migrate", "--to", "1"])
        #expect((below["hint"] as? String)?.contains("annals rollback --to 1") == true)
        try store.succeed("rollback", "--to", "people")
        let above = try store.fail("TARGET_ABOVE", ["rollback", "--to", "2"])
        #expect((above["hint"] as? String)?.contains("annals migrate --to 2") == true)
        try store.succeed("migrate", "--to", "7")
        try store.fail("TARGET_UNKNOWN", ["migrate", "--to", "town"])
        try store.fail("PROJECTION_UNKNOWN", ["migrate", "--projection", "none"])
    }

    @Test("Without consent there is no way to version 0 but the plain step")
    func consent() throws {
        let store = try store()
        let before = try store.files()
        let error = try store.fail("CONSENT_NEEDED", status: 64, ["rollback", "--to", "0"])
        #expect(error["next"] as? String == "annals rollback --projection people --to 0 --yes")
        try store.fail("CONSENT_NEEDED", status: 64, ["rollback", "--steps", "2"])
        #expect(try store.files() == before)
        try store.succeed("rollback", "--to", "0", "--yes")
        #expect(try store.projection("people")["version"] as? Int == 0)
        try store.succeed("migrate", "--to", "1")
        try store.succeed("rollback")
        #expect(try store.projection("people")["version"] as? Int == 0)
    }

    @Test("A dry run does it all on the side, tells what came of it, and changes nothing")
    func dryRun() throws {
        let store = try TestStore.people("--no-migrate")
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        let before = try store.files()
        let run = try store.succeed("migrate", "--dry-run", "--json").json
        #expect(run["schema"] as? String == "annals.migrate/1" && run["dryRun"] as? Bool == true)
        #expect((run["pending"] as? [Any])?.count == 2)
        #expect((run["applied"] as? [Any])?.isEmpty == true)
        let rehearsals = try #require(run["rehearsals"] as? [[String: Any]])
        #expect(rehearsals.count == 1)
        let people = rehearsals[0]
        #expect(people["succeeds"] as? Bool == true && people["refusal"] is NSNull)
        #expect(people["to"] as? Int == 2 && people["events"] as? Int == 20)
        let tables = try #require(people["tables"] as? [[String: Any]])
        #expect(
            tables.map { "\($0["name"] ?? "") \($0["rows"] ?? "")" } == ["people 20", "teams 0"])
        let slowest = try #require(people["slowest"] as? [[String: Any]])
        #expect(slowest.count == 1 && slowest[0]["type"] as? String == "person.added")
        #expect(slowest[0]["file"] as? String == "001_people.sql" && slowest[0]["line"] is Int)
        #expect(slowest[0]["calls"] as? Int == 20 && slowest[0]["meanMs"] is Double)
        let text = try store.succeed("migrate", "--dry-run", "--to", "1").output
        #expect(text.contains("people: 0 → 1 would succeed, 20 events in "))
        #expect(text.contains("  would apply 001_people\n") && text.contains("  people: 20 rows"))
        #expect(text.contains("001_people.sql:"))
        #expect(try store.files() == before)
        try store.succeed("migrate")
        let digest = try store.projection("people")["digest"] as? String
        #expect(digest == people["digest"] as? String)
        #expect(try store.succeed("migrate", "--dry-run").output == "nothing to do\n")
    }

    @Test("A dry run that would fail ends with 1 and the first refused event")
    func dryRunRefused() throws {
        let store = try store()
        try store.succeed("rollback")
        let bad = PeopleProjection.city.replacingOccurrences(
            of: "ADD COLUMN city TEXT", with: "ADD COLUMN city TEXT CHECK (city <> 'Rome')")
        try Data(bad.utf8).write(to: store.migration("002_city.sql"))
        let before = try store.files()
        let run = try store.run("migrate", "--dry-run", "--json")
        #expect(run.status == 1)
        let error = try run.errorObject
        #expect(error["code"] as? String == "EVENT_REFUSED")
        #expect(error["type"] as? String == "person.moved" && error["position"] is Int)
        #expect(error["file"] as? String == "002_city.sql" && error["line"] as? Int == 10)
        let rehearsals = try #require(try run.json["rehearsals"] as? [[String: Any]])
        #expect(rehearsals[0]["succeeds"] as? Bool == false)
        #expect(try store.files() == before)
        let words = try store.run("migrate", "--dry-run")
        #expect(words.status == 1 && words.output.contains("WOULD FAIL"))
        #expect(words.error.contains("CHECK constraint failed"))
        #expect(try store.files() == before)
    }

    @Test("Who waits for the lock too long ends with 5 and learns who holds it")
    func locked() throws {
        let store = try store()
        let lock = try FileHandle(forUpdating: URL(fileURLWithPath: "\(store.path)/store.lock"))
        #expect(flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
        try lock.write(contentsOf: Data(#"{"pid":4242,"since":"2026-01-02T03:04:05.000Z"}"#.utf8))
        let status = try store.status()
        #expect((status["lock"] as? [String: Any])?["pid"] as? Int == 4242)
        for verb in ["rollback", "rebuild"] {
            let error = try store.fail("LOCKED", status: 5, [verb, "--lock-timeout", "0.05"])
            let message = try #require(error["message"] as? String)
            #expect(message.contains("4242") && message.contains("2026-01-02T03:04:05"))
        }
        try lock.close()
        try store.succeed("rollback")
        #expect(try store.status()["lock"] is NSNull)
    }

    @Test("The status document has what scripts rely on")
    func statusShape() throws {
        let store = try store()
        let status = try store.status()
        #expect(status["schema"] as? String == "annals.status/1")
        #expect(Set(status.keys) == ["schema", "head", "lock", "next", "projections"])
        let people = try store.projection("people")
        for key in [
            "name", "version", "checkpoint", "lag", "digest", "applied", "pending", "state",
        ] { #expect(people[key] != nil, "\(key)") }
        let applied = try #require(people["applied"] as? [[String: Any]])
        #expect(applied.map { $0["number"] as? Int } == [1, 2])
        #expect(applied.allSatisfy { $0["module"] as? String == "core" && $0["name"] is String })
        #expect((applied[0]["appliedAt"] as? String)?.hasSuffix("Z") == true)
        #expect((people["digest"] as? String)?.count == 64)
        let text = try store.succeed("info").output
        #expect(text.hasPrefix("everything is current"))
    }

    @Test("--check ends with 3 for pending, 4 for drift and for a missing file")
    func check() throws {
        let store = try store()
        #expect(try store.run("status", "--check").status == 0)
        try store.succeed("rollback")
        #expect(try store.run("status", "--check").status == 3)
        try store.succeed("migrate")
        let link = try FileManager.default.destinationOfSymbolicLink(
            atPath: "\(store.path)/people.sqlite")
        try FileManager.default.removeItem(atPath: "\(store.path)/\(link)")
        let missing = try store.run("status", "--check", "--json")
        #expect(missing.status == 4)
        #expect(try missing.json["next"] as? String == "annals rebuild people")
        try store.succeed("rebuild")
        #expect(try store.run("status", "--check").status == 0)
    }

    @Test("An edited, a missing and a renamed migration")
    func drift() throws {
        let store = try store()
        let file = store.migration("002_city.sql")
        let edited = PeopleProjection.city.replacingOccurrences(
            of: "SET city = $city", with: "SET city = upper($city)")
        try Data(edited.utf8).write(to: file)
        #expect(try store.run("status", "--check").status == 4)
        let error = try store.fail("MIGRATION_DRIFT", status: 4, ["migrate"])
        let message = try #require(error["message"] as? String)
        #expect(message.contains("002_city") && message.contains("On person.moved"))
        let validation = try store.run("validate", "--json")
        #expect(validation.status == 4)
        let projections = try #require(try validation.json["projections"] as? [[String: Any]])
        let drift = try #require((projections[0]["drift"] as? [[String: Any]])?.first)
        #expect(drift["kind"] as? String == "edited")
        #expect(drift["part"] as? String == "On person.moved")
        #expect((drift["was"] as? String) != (drift["now"] as? String))

        try Data((PeopleProjection.city + "-- A remark\n").utf8).write(to: file)
        let cosmetic = try store.succeed("validate")
        #expect(cosmetic.output.contains("cosmetic"))

        try Data(PeopleProjection.city.utf8).write(to: file)
        try FileManager.default.removeItem(at: file)
        let missing = try store.fail("MIGRATION_DRIFT", status: 4, ["rollback"])
        #expect((missing["message"] as? String)?.contains("002_city") == true)
    }
}
