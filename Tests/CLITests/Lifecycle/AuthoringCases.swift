/// What authors of migrations call: new files, schema and pages, proofs, adoption.
extension LifecycleCase {
    static let authoring: [LifecycleCase] = [
        .init(
            title: "M0.2 the next number of a module", call: "new add_notes --module core",
            want: [
                "schema": "annals.new/1", "projection": "shop", "migration.number": 4,
                "migration.module": "core", "migration.numbersLeft": 5, "back.#": 1,
                "next": .has("annals lint"),
            ], writes: true),
        .init(
            title: "of several modules one is named", call: "new add_notes", status: 1,
            want: ["error.code": "MODULE_AMBIGUOUS", "error.hint": .has("extras")]),
        .init(
            title: "a module that is not there", call: "new add_notes --module none", status: 1,
            want: ["error.code": "MODULE_UNKNOWN"]),
        .init(
            title: "a name that no file can have", call: "new Add-Notes --module core", status: 1,
            want: ["error.code": "MIGRATION_NAME"]),
        .init(
            title: "a name that is taken", call: "new prices --module core", status: 1,
            want: ["error.code": "MIGRATION_NAME_TAKEN", "error.message": .has("002_prices")]),
        .init(
            title: "a module whose numbers are used up",
            given: [.manifest("range: [1, 9]", "range: [1, 3]")],
            call: "new add_notes --module core", status: 1,
            want: ["error.code": "MODULE_RANGE_FULL"]),
        .init(
            title: "a projection that is not there", call: "new add_notes --projection none",
            status: 1, want: ["error.code": "PROJECTION_UNKNOWN"]),
        .init(
            title: "a migration without a name", call: "new", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "the schema as it is live", call: "schema dump",
            want: [
                "schema": "annals.schema/1", "projection": "shop", "version": 10, "equal": nil,
                "text": .has("totals"),
            ]),
        .init(
            title: "the schema of an earlier version", call: "schema dump --at-version 2",
            want: ["version": 2, "versions.#": 2, "text": .has("price")]),
        .init(
            title: "a schema that differs from the file is 3",
            call: "schema dump --check projections/shop/projection.yaml", status: 3,
            want: ["equal": false]),
        .init(
            title: "a schema's file that is not there", call: "schema dump --check none.sql",
            status: 1, want: ["error.code": "FILE_MISSING"]),
        .init(
            title: "a version that is not there", call: "schema dump --at-version 99", status: 1,
            want: ["error.code": .has("UNKNOWN")]),
        .init(
            title: "a schema is dumped and nothing else", call: "schema load", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "a page about the projection", call: "docs",
            want: [
                "schema": "annals.docs/1", "pages.#": 1, "pages.0.projection": "shop",
                "pages.0.version": 10, "pages.0.text": .has("erDiagram"),
            ]),
        .init(
            title: "pages go into a folder", call: "docs --into pages",
            want: ["pages.0.file": .has("pages/shop.md"), "pages.0.text": nil]),
        .init(
            title: "a page replaces no file of yours", given: [.run("export shop.md")],
            call: "docs --into .", status: 1, want: ["error.code": "FILE_EXISTS"]),
        .init(
            title: "a version without a projection", call: "docs --at-version 2", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "M3.4 every Down is proven on the store's own history", call: "validate --prove",
            want: [
                "schema": "annals.prove/1", "failed": 0, "proven": 3, "migrations.#": 4,
                "migrations.1.down": "proven", "migrations.2.down": "replay",
            ]),
        .init(
            title: "M3.4 a wrong Down is 6, with the table and both values",
            made: "init --no-migrate",
            given: [
                .edit("002_prices", "DROP COLUMN price", "DROP COLUMN price; DELETE FROM items")
            ],
            call: "validate --prove", status: 6,
            want: [
                "failed": 1, "migrations.1.down": "differs",
                "migrations.1.differences.0.table": "items",
            ]),
        .init(
            title: "a proof of a projection that is not there", call: "validate none --prove",
            status: 1, want: ["error.code": "PROJECTION_UNKNOWN"]),
        .init(
            title: "a history that is not there", call: "validate --prove --history none.jsonl",
            status: 1, want: ["error.code": "FILE_MISSING"]),
        .init(
            title: "a history without a proof", call: "validate --history none.jsonl", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "O1.4 a file that is not there", call: "adopt none.db", status: 1,
            want: ["error.code": "FILE_MISSING"]),
        .init(
            title: "a file that is no database", given: [.run("export events.jsonl")],
            call: "adopt events.jsonl", status: 1, want: ["error.code": "ADOPT_NOT_SQLITE"]),
        .init(
            title: "O1.4 rows that the projection has no handlers for",
            given: [.run("replay shop --into own.db")], call: "adopt own.db", status: 1,
            want: ["error.code": "ADOPT_HANDLERS", "error.message": .has("items.adopted")]),
        .init(
            title: "… which --scaffold writes", given: [.run("replay shop --into own.db")],
            call: "adopt own.db --scaffold",
            want: [
                "handlers.0.type": "items.adopted", "handlers.0.present": false,
                "handlers.0.text": .has("INSERT INTO items"),
            ]),
        .init(
            title: "O1.4 a projection that has events already",
            given: [
                .run("replay shop --at-version 1 --to-position 0 --into own.db")
            ], call: "adopt own.db", status: 1, want: ["error.code": "ADOPT_NOT_EMPTY"]),
        .init(
            title: "a schema that is no version", given: [.run("replay shop --into own.db")],
            call: "adopt own.db --projection none", status: 1,
            want: ["error.code": "PROJECTION_UNKNOWN"]),
        .init(
            title: "a folder that the store does not use",
            given: [.run("replay shop --into own.db")],
            call: "adopt own.db --new mine --into elsewhere", status: 1,
            want: ["error.code": "ADOPT_FOLDER"]),
        .init(
            title: "a new projection without its folder", call: "adopt own.db --new mine",
            status: 64, want: ["error.code": "USAGE"]),
        .init(
            title: "an adoption that was not interrupted is not given up",
            call: "adopt --abandon --reason lost --yes", status: 1,
            want: ["error.code": "ADOPTION_NONE"]),
        .init(
            title: "to give an adoption up wants consent", call: "adopt --abandon --reason lost",
            status: 64, want: ["error.code": "CONSENT_NEEDED", "error.next": .has("--yes")]),
        .init(
            title: "… and a reason", call: "adopt --abandon --yes", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "neither a file nor --abandon", call: "adopt", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "validate writes nothing", call: "validate",
            want: ["valid": true, "event": nil]),
        .init(
            title: "E5.6 … unless it is to be recorded", call: "validate --record",
            want: ["valid": true, "event": 13], changes: true, after: ["head": 13]),
        .init(
            title: "a proof is not recorded", call: "validate --prove --record", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "a held lock keeps an adoption out",
            given: [.run("replay shop --into own.db"), .locked],
            call: "adopt own.db --lock-timeout 0.1", status: 5,
            want: ["error.code": "LOCKED", "error.message": .has("4711")]),
    ]
}
