import EventModel
import ProjectionEngine
import Testing

@Suite struct MigrationsVersionSetTests {
    private func definition() throws -> ProjectionDefinition {
        var draft = MigrationsDraft()
        draft.add(
            "001_a",
            "-- On x.made\nSELECT 'core 1';\n-- On y.made\nSELECT 'core y';\n"
                + "-- Upcast x.made 1 2\n'{\"a\":1}'")
        draft.add(
            "002_b",
            "-- On x.made\nSELECT 'core 2';\n-- Off y.made\n-- Upcast x.made 2 3\n@data\n"
                + "-- Upcast x.made 1 3\n@data\n-- Seed x.made x/1 seed-2\n {\"b\": 2} ")
        draft.add(
            "010_c", module: "extra",
            "-- On x.made\nSELECT 'extra 10';\n-- Seed x.made x/1 seed-10\n{}")
        return try draft.load()
    }

    private func handlers(_ set: [Int]) throws -> [String] {
        try definition().handlers(in: set).map {
            "\($0.eventType) \($0.module) \($0.number) \($0.section.sql.dropFirst(8).prefix(6))"
        }
    }

    @Test("The handlers in force are the latest of each module, in number order of the modules")
    func handlers() throws {
        #expect(try handlers([]) == [])
        #expect(try handlers([1]) == ["x.made core 1 core 1", "y.made core 1 core y"])
        #expect(try handlers([1, 2]) == ["x.made core 2 core 2"])
        #expect(
            try handlers([10, 1]) == [
                "x.made core 1 core 1", "y.made core 1 core y", "x.made extra 10 extra ",
            ])
        #expect(try handlers([1, 2, 10]) == ["x.made core 2 core 2", "x.made extra 10 extra "])
    }

    @Test("A later upcast replaces the one with the same type and version")
    func upcasts() throws {
        let definition = try definition()
        #expect(definition.upcasts(in: [1]).map(\.to) == [2])
        let all = definition.upcasts(in: [1, 2])
        #expect(all.map(\.from) == [1, 2])
        #expect(all.map(\.to) == [3, 3])
    }

    @Test("Seeds come by migration, and their data without the space around it")
    func seeds() throws {
        let definition = try definition()
        #expect(definition.seeds(in: [10, 2, 1]).map(\.id) == ["seed-2", "seed-10"])
        #expect(definition.seeds(in: [1]).isEmpty)
        #expect(definition.seeds(in: [2]).first?.data == Array("{\"b\": 2}".utf8))
    }

    @Test("A version set has the enabled modules' numbers up to a limit")
    func versionSet() throws {
        let definition = try definition()
        #expect(definition.versionSet(enabledModules: []) == [1, 2])
        #expect(definition.versionSet(enabledModules: ["core", "extra"]) == [1, 2, 10])
        #expect(definition.versionSet(upTo: 1, enabledModules: ["extra"]) == [1])
        #expect(definition.versionSet(upTo: 10, enabledModules: ["extra"]) == [1, 2, 10])
        #expect(definition.versionSet(upTo: 0, enabledModules: ["extra"]) == [])
    }

    @Test("Pending is a set difference over enabled modules")
    func pending() throws {
        let definition = try definition()
        #expect(definition.pending(applied: [1, 10], enabledModules: ["extra"]) == [2])
        #expect(definition.pending(applied: [1, 2], enabledModules: []) == [])
        #expect(definition.pending(applied: [], enabledModules: ["extra"]) == [1, 2, 10])
    }

    @Test("A module needs all that it depends on")
    func modulesNeeded() throws {
        #expect(try definition().modulesNeeded(by: ["extra"]) == ["core", "extra"])
        #expect(try definition().modulesNeeded(by: []) == [])
    }
}
