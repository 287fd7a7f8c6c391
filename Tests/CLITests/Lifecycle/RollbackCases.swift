/// Ways back, drift, and files that are not what they should be.
extension LifecycleCase {
    static let rollback: [LifecycleCase] = [
        .init(
            title: "M4 one step back, the last applied", call: "rollback",
            want: [
                "rolledBack.#": 1, "rolledBack.0.number": 10, "to": 3, "hidden.#": 0,
                "back.0": .has("annals migrate --projection shop"),
            ], changes: true,
            after: ["projections.0.version": 3, "projections.0.pending.0.number": 10]),
        .init(
            title: "M4 several steps, newest first, hidden events with counts",
            call: "rollback --steps 3",
            want: [
                "rolledBack.#": 3, "rolledBack.0.number": 10, "rolledBack.2.number": 2,
                "hidden.#": 2, "hidden.0.type": "item.priced", "hidden.0.count": 2,
            ], changes: true, after: ["projections.0.version": 1]),
        .init(
            title: "M4 back to a number", call: "rollback --to 2",
            want: ["to": 2, "rolledBack.#": 2], changes: true,
            after: ["projections.0.version": 2]),
        .init(
            title: "to where it is: nothing to do", call: "rollback --to 10",
            want: ["rolledBack.#": 0, "message": "nothing to do"]),
        .init(
            title: "a target on the wrong side names the other verb",
            given: [.run("rollback --to 1")], call: "rollback --to 3", status: 1,
            want: ["error.code": "TARGET_ABOVE", "error.hint": .has("annals migrate --to 3")]),
        .init(
            title: "a target that is not there", call: "rollback --to colours", status: 1,
            want: ["error.code": "TARGET_UNKNOWN"]),
        .init(
            title: "to nothing without consent", call: "rollback --to 0", status: 64,
            want: ["error.code": "CONSENT_NEEDED", "error.next": .has("--yes")]),
        .init(
            title: "steps that lead to nothing without consent", call: "rollback --steps 4",
            status: 64, want: ["error.code": "CONSENT_NEEDED"]),
        .init(
            title: "M4 to nothing with consent", call: "rollback --to 0 --yes",
            want: ["to": 0, "rolledBack.#": 4], changes: true,
            after: ["projections.0.version": 0, "projections.0.pending.#": 4]),
        .init(
            title: "a target and steps exclude each other", call: "rollback --to 1 --steps 1",
            status: 64, want: ["error.code": "USAGE"]),
        .init(
            title: "no step", call: "rollback --steps 0", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "--strict refuses to hide events", call: "rollback --to 1 --strict", status: 1,
            want: ["error.code": "EVENTS_HIDDEN", "hidden.#": 2]),
        .init(
            title: "--strict lets pass what hides nothing", call: "rollback --strict",
            want: ["rolledBack.#": 1, "hidden.#": 0], changes: true,
            after: ["projections.0.version": 3]),
        .init(
            title: "C17 a module alone", call: "rollback --module reports",
            want: ["rolledBack.0.number": 10], changes: true,
            after: ["projections.0.version": 3]),
        .init(
            title: "C17 a module that others depend on",
            call: "rollback --module core --to 0 --yes",
            status: 1, want: ["error.code": "MODULE_NEEDED", "error.migration": 10]),
        .init(
            title: "C17 … goes with them when that is said",
            call: "rollback --module core --to 0 --cascade --yes",
            want: ["rolledBack.#": 4, "to": 0], changes: true,
            after: ["projections.0.version": 0]),
        .init(
            title: "a held lock", given: [.locked], call: "rollback --lock-timeout 0.1", status: 5,
            want: ["error.code": "LOCKED"]),
        .init(
            title: "back and forth gives the same digest", given: [.run("rollback --to 1")],
            call: "migrate", want: ["applied.#": 3], changes: true,
            after: ["projections.0.version": 10, "projections.0.retained.#": 1]),
    ]

    static let drift: [LifecycleCase] = [
        .init(
            title: "an edited Up blocks, both hashes are named",
            given: [.edit("002_prices", "price >= 0", "price > 0")], call: "migrate", status: 4,
            want: ["error.code": "MIGRATION_DRIFT", "error.message": .has("up,")]),
        .init(
            title: "an edited handler is named as such",
            given: [.edit("002_prices", "SET price = $price", "SET price = 1 + $price")],
            call: "migrate", status: 4, want: ["error.message": .has("On item.priced")]),
        .init(
            title: "an edited Down is named as such",
            given: [.edit("002_prices", "DROP COLUMN price", "DROP COLUMN name")],
            call: "rollback", status: 4, want: ["error.message": .has("down,")]),
        .init(
            title: "status --check: drift is 4",
            given: [.edit("002_prices", "price >= 0", "price > 0")], call: "status --check",
            status: 4,
            want: [
                "projections.0.state": "drift", "projections.0.drift.0.kind": "edited",
                "projections.0.drift.0.part": "up", "projections.0.drift.0.number": 2,
            ]),
        .init(
            title: "a comment is cosmetic",
            given: [.edit("002_prices", "-- Up\n", "-- Up\n-- what it costs\n")],
            call: "status --check",
            want: [
                "projections.0.state": "current", "projections.0.drift.0.kind": "cosmetic",
            ]),
        .init(
            title: "other line ends are no drift at all",
            given: [.edit("002_prices", "\n", "\r\n")], call: "validate",
            want: ["valid": true, "projections.0.drift.#": 0]),
        .init(
            title: "a renamed file does not block",
            given: [
                .moved("002_prices", "002_costs"),
                .edit("002_costs", "002_prices", "002_costs"),
            ], call: "status --check",
            want: ["projections.0.drift.0.kind": "renamed", "projections.0.state": "current"]),
        .init(
            title: "a renumbered file blocks",
            given: [
                .moved("003_stock", "004_stock"),
                .edit("004_stock", "003_stock", "004_stock"),
            ], call: "migrate", status: 4, want: ["error.code": "MIGRATION_DRIFT"]),
        .init(
            title: "a missing file blocks", given: [.gone("010_totals")], call: "migrate",
            status: 4, want: ["error.code": "MIGRATION_DRIFT", "error.message": .has("missing")]),
        .init(
            title: "a missing file is told by status", given: [.gone("010_totals")],
            call: "status",
            want: [
                "projections.0.state": "drift", "projections.0.drift.0.kind": "missing",
                "projections.0.drift.0.number": 10,
            ]),
        .init(
            title: "a row edited by hand is found by verify",
            given: [.sql("UPDATE items SET name = 'x' WHERE id = '1'")], call: "verify",
            status: 6, want: ["projections.0.equal": false]),
        .init(
            title: "… and healed by rebuild",
            given: [.sql("UPDATE items SET name = 'x' WHERE id = '1'"), .run("rebuild")],
            call: "verify", want: ["projections.0.equal": true]),
        .init(
            title: "a table added by hand is found by validate",
            given: [.sql("CREATE TABLE more (id INTEGER PRIMARY KEY)")], call: "validate",
            status: 1, want: ["valid": false, "projections.0.problems.0.code": "SCHEMA_DIFFERS"]),
        .init(
            title: "a missing live file is told, and which command mends it",
            given: [.removed("store/generations/shop-0001.sqlite")], call: "status --check",
            status: 4, want: ["projections.0.state": "missing", "next": "annals rebuild shop"]),
        .init(
            title: "a newer store is refused before anything else",
            given: [.patch("store/store.json", "\"format\" : 1", "\"format\" : 9")],
            call: "migrate", status: 1, want: ["error.code": "FORMAT_NEWER"]),
        .init(
            title: "… by every verb with the same code",
            given: [.patch("store/store.json", "\"format\" : 1", "\"format\" : 9")],
            call: "log", status: 1, want: ["error.code": "FORMAT_NEWER"]),
        .init(
            title: "a number outside its module's range",
            given: [.file("015_more", LifecycleCase.outside)], call: "migrate", status: 1,
            want: ["error.code": .has("MIGRATION"), "error.file": .has("015_more.sql")]),
        .init(
            title: "two files with one number",
            given: [.file("003_again", LifecycleCase.twice)], call: "migrate", status: 1,
            want: ["error.message": .has("003_stock.sql")]),
        .init(
            title: "ranges that overlap name both claimants",
            given: [.manifest("[10, 19]", "[9, 19]")], call: "migrate", status: 1,
            want: ["error.message": .has("core")]),
        .init(
            title: "modules that depend on each other",
            given: [.manifest("range: [1, 9], ", "range: [1, 9], depends: [reports], ")],
            call: "migrate", status: 1, want: ["error.code": "MODULE_DEPENDS", "error.line": 4]),
        .init(
            title: "lint finds what is not deterministic",
            given: [.edit("010_totals", "VALUES (1, 1)", "VALUES (1, abs(random()))")],
            call: "lint", status: 1, want: ["findings.#": 1]),
        .init(
            title: "lint of what is sound", call: "lint",
            want: ["clean": true, "findings.#": 0]),
    ]

    static let outside = ShopProjection.migration(
        "015_more", module: "core", up: "CREATE TABLE more (id TEXT PRIMARY KEY) STRICT;",
        down: "DROP TABLE more;")

    static let twice = ShopProjection.migration(
        "003_again", module: "core", up: "CREATE TABLE again (id TEXT PRIMARY KEY) STRICT;",
        down: "DROP TABLE again;")
}
