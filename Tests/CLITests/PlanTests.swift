import Foundation
import Testing

@Suite("annals plan")
struct PlanTests {
    @Test("The document has what scripts rely on, and nothing is changed")
    func document() throws {
        let store = try TestStore.people("--no-migrate")
        try store.succeed(["import", "-"], input: PeopleProjection.lines(1...20))
        try store.succeed("migrate", "--to", "1")
        let before = try store.files()
        let plan = try store.succeed("plan", "--json").json
        #expect(plan["schema"] as? String == "annals.plan/1")
        let steps = try #require(plan["steps"] as? [[String: Any]])
        #expect(steps.count == 1)
        #expect(steps[0]["projection"] as? String == "people")
        #expect(steps[0]["number"] as? Int == 2 && steps[0]["name"] as? String == "city")
        #expect(steps[0]["reason"] as? String == "pending")
        let head = try store.head()
        #expect(plan["events"] as? Int == head)
        #expect(plan["next"] as? String == "annals migrate")
        let projections = try #require(plan["projections"] as? [[String: Any]])
        #expect(projections.count == 1)
        let people = projections[0]
        #expect(people["from"] as? Int == 1 && people["to"] as? Int == 2)
        #expect(people["way"] as? String == "rebuild")
        #expect((people["because"] as? String)?.isEmpty == false)
        #expect(people["estimateMs"] is NSNull)
        let types = try #require(people["types"] as? [[String: Any]])
        #expect(types.count == 1 && types[0]["type"] as? String == "person.added")
        #expect(types[0]["count"] as? Int == 20)
        let disk = try #require(people["disk"] as? [String: Any])
        #expect(disk["fits"] as? Bool == true)
        #expect(try #require(disk["needed"] as? Int) > 0)
        #expect(try store.files() == before)
    }

    @Test("In words: each step with its reason, the way, the time, the space, the next command")
    func words() throws {
        let store = try TestStore.people("--no-migrate")
        let text = try store.succeed("plan", "--to", "city").output
        for line in [
            "people: 0 → 2", "  001_people: dependency (002_city depends on it)",
            "  002_city: pending (enabled and not applied)", "  way: rebuild,", "  time: unknown",
            "  disk: unknown of ", "next: annals migrate --to city",
        ] { #expect(text.contains(line), "\(line) in \(text)") }
        try store.succeed("migrate")
        #expect(try store.succeed("plan").output == "nothing to do\n")
        let nothing = try store.succeed("plan", "--json").json
        #expect((nothing["steps"] as? [Any])?.isEmpty == true && nothing["events"] as? Int == 0)
        #expect(nothing["next"] is NSNull)
    }

    @Test("What migrate would refuse, the plan refuses with the same status")
    func refused() throws {
        let store = try TestStore.people()
        try store.fail("TARGET_BELOW", ["plan", "--to", "1"])
        try store.fail("PROJECTION_UNKNOWN", ["plan", "--projection", "none"])
        try FileManager.default.removeItem(at: store.migration("002_city.sql"))
        try store.fail("MIGRATION_DRIFT", status: 4, ["plan"])
    }
}
