import Foundation
import Testing

@Suite("Steps of migrate and rollback")
struct StepTests {
    @Test("M1.10 What was applied before a failure is in the error's document, and said in words")
    func partial() throws {
        for isJSON in [true, false] {
            let store = try TestStore.people("--no-migrate")
            let bad = PeopleProjection.city.replacingOccurrences(
                of: "ADD COLUMN city TEXT", with: "ADD COLUMN city TEXT CHECK (city <> 'Rome')")
            try Data(bad.utf8).write(to: store.migration("002_city.sql"))
            try store.succeed(["import", "-"], input: PeopleProjection.lines(1...3))
            try store.succeed("append", "person.moved", "person/1", #"{"city":"Rome"}"#)
            let grouped = try store.fail("EVENT_REFUSED", ["migrate", "--grouped"])
            #expect(grouped["migration"] as? Int == 2 && grouped["line"] is Int)
            #expect(try store.projection("people")["version"] as? Int == 0)
            let run = try store.run(["migrate"] + (isJSON ? ["--json"] : []))
            #expect(run.status == 1)
            if isJSON {
                let applied = try #require(try run.json["applied"] as? [[String: Any]])
                #expect(applied.map { $0["number"] as? Int } == [1])
            } else {
                #expect(run.output.contains("applied 001_people"))
                #expect(run.output.contains("back: annals rollback --projection people --to 0"))
                #expect(run.error.contains("EVENT_REFUSED"))
            }
            #expect(try store.projection("people")["version"] as? Int == 1)
        }
    }

    @Test("--strict refuses to hide events, lists them and changes nothing")
    func strict() throws {
        let store = try TestStore.people()
        try store.succeed("append", "person.added", "person/1", #"{"name":"A"}"#)
        try store.succeed("append", "person.moved", "person/1", #"{"city":"Rome"}"#)
        let before = try store.files()
        let run = try store.run("rollback", "--strict", "--json")
        #expect(run.status == 1)
        #expect((try run.errorObject)["code"] as? String == "EVENTS_HIDDEN")
        let hidden = try #require(try run.json["hidden"] as? [[String: Any]])
        #expect(hidden.map { $0["type"] as? String } == ["person.moved"])
        #expect(hidden.map { $0["count"] as? Int } == [1])
        let nothing = try store.succeed("rollback", "--to", "2", "--json").json
        #expect(nothing["message"] as? String == "nothing to do")
        try store.fail("MODULE_UNKNOWN", ["rollback", "--module", "none"])
        try store.fail("MODULE_UNKNOWN", ["migrate", "--module", "none"])
        #expect(try store.files() == before)
        let back = try store.succeed("rollback", "--module", "core", "--json").json
        #expect(back["to"] as? Int == 1)
    }
}
