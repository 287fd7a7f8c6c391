import EventModel
import ProjectionEngine
import Testing

@Suite struct MigrationsConsistencyTests {
    private func failure(_ draft: MigrationsDraft) throws -> AnnalsError {
        let error = try #require(throws: AnnalsError.self) { try draft.load() }
        #expect(error.context.projection == "shop")
        return error
    }

    @Test("Migrations are sorted by number, whatever the order of the files")
    func sorted() throws {
        var draft = MigrationsDraft()
        draft.add("010_c", module: "extra", depends: "002, 001")
        draft.add("002_b")
        draft.add("001_a")
        let definition = try draft.load()
        #expect(definition.migrations.map(\.fullName) == ["001_a", "002_b", "010_c"])
        #expect(definition.migrations[2].depends == [1, 2])
    }

    @Test("One number in two files is an error that names both")
    func duplicate() throws {
        var draft = MigrationsDraft()
        draft.add("001_a")
        draft.add("001_b")
        let error = try failure(draft)
        #expect(error.code == "MIGRATION_DUPLICATE")
        #expect(error.message.hasPrefix("001_b.sql:1:1: ") && error.message.contains("001_a.sql"))
    }

    @Test("A number outside its module's range names the module that claims it")
    func range() throws {
        var draft = MigrationsDraft()
        draft.add("010_a", module: "core")
        let error = try failure(draft)
        #expect(error.code == "MIGRATION_RANGE")
        #expect(error.context.line == 3)
        #expect(error.message.contains("`core`") && error.message.contains("`extra` claims 010"))
    }

    @Test("A module that the manifest does not have is an error")
    func unknownModule() throws {
        var draft = MigrationsDraft()
        draft.add("001_a", module: "other")
        let error = try failure(draft)
        #expect(error.code == "MIGRATION_MODULE" && error.context.line == 3)
    }

    @Test("A hole in a module's used range names the missing number; the tail may be unused")
    func gap() throws {
        var draft = MigrationsDraft()
        draft.add("001_a")
        draft.add("010_b", module: "extra")
        _ = try draft.load()
        draft.add("003_c")
        let error = try failure(draft)
        #expect(error.code == "MIGRATION_GAP" && error.message.contains("002 is missing"))
        var late = MigrationsDraft()
        late.add("002_a")
        #expect(try failure(late).message.contains("001 is missing"))
    }

    @Test("A dependency must be there, lower, and in a module that this one depends on")
    func depends() throws {
        var missing = MigrationsDraft()
        missing.add("001_a")
        missing.add("010_b", module: "extra", depends: "005")
        #expect(try failure(missing).message.contains("005, which is not there"))
        #expect(try failure(missing).context.line == 4)

        var later = MigrationsDraft()
        later.add("001_a", depends: "002")
        #expect(throws: AnnalsError(.invalid, "MIGRATION_DEPENDS", "")) { try later.load() }

        var foreign = MigrationsDraft(
            "name: shop\nmodules:\n  - { name: a, range: [1, 1] }\n  - { name: b, range: [2, 2] }\n"
        )
        foreign.add("001_a", module: "a")
        foreign.add("002_b", module: "b", depends: "001")
        #expect(try failure(foreign).message.contains("does not depend on `a`"))
    }

    @Test(
        "Two migrations that make one table are an error that names both",
        arguments: [
            "CREATE TABLE Orders (id INTEGER PRIMARY KEY);",
            "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY);",
            "CREATE TABLE main.\"orders\" (id INTEGER PRIMARY KEY);",
            "CREATE VIEW [orders] AS SELECT 1;",
            "CREATE TABLE x (id INTEGER PRIMARY KEY); ALTER TABLE x RENAME TO y; "
                + "CREATE TABLE `orders` (id INTEGER PRIMARY KEY);",
        ])
    func table(up: String) throws {
        var draft = MigrationsDraft()
        draft.add("001_a", up: "CREATE TABLE orders (id INTEGER PRIMARY KEY);")
        draft.add("002_b", up: up)
        let error = try failure(draft)
        #expect(error.code == "TABLE_DUPLICATE")
        #expect(error.message.contains("002_b.sql:") && error.message.contains("001_a.sql"))
    }

    @Test("A table that was dropped or renamed leaves its name free")
    func freeNames() throws {
        var draft = MigrationsDraft()
        draft.add("001_a", up: "CREATE TABLE orders (id INTEGER PRIMARY KEY);")
        for name in ["002_b", "003_c"] {
            draft.add(
                name,
                up: """
                    CREATE TABLE orders_new (id INTEGER PRIMARY KEY, a TEXT);
                    INSERT INTO orders_new SELECT id, 'CREATE TABLE orders' FROM orders;
                    DROP TABLE IF EXISTS orders;
                    ALTER TABLE orders_new RENAME TO orders;
                    """)
        }
        #expect(try draft.load().migrations.count == 3)
    }

    @Test("Off removes only a handler of its own module that is there")
    func off() throws {
        var draft = MigrationsDraft()
        draft.add("001_a", "-- On x.made\nSELECT 1;")
        draft.add("010_b", module: "extra", "-- Off x.made")
        let error = try failure(draft)
        #expect(error.code == "MIGRATION_OFF" && error.context.line == 7)
        var twice = MigrationsDraft()
        twice.add("001_a", "-- On x.made\nSELECT 1;")
        twice.add("002_b", "-- Off x.made")
        _ = try twice.load()
        twice.add("003_c", "-- Off x.made")
        #expect(try failure(twice).context.file == "003_c.sql")
    }

    @Test("A seed's id is one event, and one module owns an upcast")
    func seedsAndUpcasts() throws {
        var seeds = MigrationsDraft()
        seeds.add("001_a", "-- Seed x.made x/1 first\n{}")
        seeds.add("002_b", "-- Seed x.made x/2 first\n{}")
        #expect(try failure(seeds).message.contains("001_a.sql:7"))
        var reserved = MigrationsDraft()
        reserved.add("001_a", "-- Seed store.restored annals/admin one\n{}")
        let error = try failure(reserved)
        #expect(error.code == "MIGRATION_SEED" && error.message.contains("reserved"))
        var upcasts = MigrationsDraft()
        upcasts.add("001_a", "-- Upcast x.made 1 2\n@data")
        upcasts.add("010_b", module: "extra", "-- Upcast x.made 1 2\n@data")
        #expect(try failure(upcasts).code == "MIGRATION_UPCAST")
    }

    @Test("A version set must hold what its migrations stand on")
    func versionSets() throws {
        var draft = MigrationsDraft()
        draft.add("001_a")
        draft.add("002_b")
        draft.add("010_c", module: "extra", depends: "001")
        let definition = try draft.load()
        for set in [[], [1], [1, 2], [1, 10], [1, 2, 10]] {
            try definition.validate(versionSet: set)
        }
        let cases = [
            ([2], "MIGRATION_ORDER"), ([10], "MIGRATION_DEPENDS"), ([1, 7], "MIGRATION_UNKNOWN"),
        ]
        var modules = MigrationsDraft()
        modules.add("001_a")
        modules.add("010_b", module: "extra")
        #expect(throws: AnnalsError(.invalid, "MODULE_DEPENDS", "")) {
            try modules.load().validate(versionSet: [10])
        }
        for (set, code) in cases {
            #expect(throws: AnnalsError(.invalid, code, "")) {
                try definition.validate(versionSet: set)
            }
        }
    }
}
