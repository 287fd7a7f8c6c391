import Foundation
import Testing

@Suite("annals init")
struct InitTests {
    @Test("It makes a store whose projections are all current")
    func builtIn() throws {
        let store = try TestStore()
        let made = try store.succeed("init", "--json").json
        #expect(made["schema"] as? String == "annals.init/1")
        let projections = try #require(made["projections"] as? [[String: Any]])
        #expect(projections.map { $0["name"] as? String } == ["agents", "rotation", "usage"])
        let status = try store.status()
        for projection in try #require(status["projections"] as? [[String: Any]]) {
            #expect(projection["state"] as? String == "current")
            #expect(projection["lag"] as? Int == 0)
        }
        #expect(status["next"] is NSNull)
    }

    @Test("The links are relative and the files are their owner's alone")
    func files() throws {
        let store = try TestStore.people()
        let link = try FileManager.default.destinationOfSymbolicLink(
            atPath: "\(store.path)/people.sqlite")
        #expect(link.hasPrefix("generations/people-"))
        for name in ["", "/log", "/log/data.mdb", "/store.json", "/generations"] {
            let mode = try FileManager.default.attributesOfItem(atPath: store.path + name)[
                .posixPermissions]
            #expect(try #require(mode as? Int) & 0o077 == 0, "\(name)")
        }
        let manifest = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: "\(store.path)/store.json")))
        #expect((manifest as? [String: Any])?["format"] is Int)
    }

    @Test("With --no-migrate everything stays pending at version 0")
    func unmigrated() throws {
        let store = try TestStore.people("--no-migrate")
        let people = try store.projection("people")
        #expect(people["version"] as? Int == 0)
        #expect(people["state"] as? String == "pending")
        #expect((people["pending"] as? [Any])?.count == 2)
        try store.fail("PROJECTION_NOT_BUILT", ["query", "SELECT 1"])
        #expect(
            try store.succeed("rebuild", "--json").json["message"] as? String == "nothing to do")
    }

    @Test("A second store, a folder with files and two names are refused")
    func refused() throws {
        let store = try TestStore.people()
        let before = try store.files()
        try store.fail("STORE_EXISTS", ["init"])
        #expect(try store.files() == before)
        try store.fail("FOLDER_NOT_EMPTY", ["init", "--store", store.folder.path])
        try store.fail("USAGE", status: 64, ["init", "here", "--store", "there"])
    }

    @Test("A seed that its handler refuses leaves no store behind")
    func failingSeed() throws {
        let store = try TestStore()
        try PeopleProjection.write(to: store.projections)
        let seeded = PeopleProjection.city.replacingOccurrences(
            of: "-- Down", with: "-- Seed person.added person/0 seed-0\n{\"age\":1}\n\n-- Down")
        try Data(seeded.utf8).write(to: store.migration("002_city.sql"))
        try store.fail("CONSTRAINT_NOT_NULL", ["init", "--projections", store.projections.path])
        #expect(!FileManager.default.fileExists(atPath: store.path))
    }

    @Test("A defective migration is told with file, line and column, and nothing is made")
    func defects() throws {
        let store = try TestStore()
        try PeopleProjection.write(to: store.projections)
        let broken = PeopleProjection.city.replacingOccurrences(
            of: "SET city = $city", with: "SET town = $city")
        try Data(broken.utf8).write(to: store.migration("002_city.sql"))
        let error = try store.fail(
            "SQL_ERROR", ["init", "--projections", store.projections.path])
        #expect(error["file"] as? String == "002_city.sql")
        #expect(error["line"] as? Int == 10)
        #expect(error["column"] is Int)
        #expect((error["message"] as? String)?.contains("002_city.sql:10:") == true)
        #expect(!FileManager.default.fileExists(atPath: store.path))
    }
}
