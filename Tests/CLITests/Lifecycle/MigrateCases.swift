/// Versions, targets, modules and what is refused.
extension LifecycleCase {
    static let migrate: [LifecycleCase] = [
        .init(
            title: "M2.2 a new store is current, optional modules as they say", call: "status",
            want: [
                "head": 12, "lock": nil, "next": nil, "projections.0.state": "current",
                "projections.0.version": 10, "projections.0.applied.#": 4,
                "projections.0.pending.#": 0, "projections.0.modules.2.enabled": false,
            ]),
        .init(
            title: "M2.3 nothing to do is no error", call: "migrate",
            want: ["applied.#": 0, "message": "nothing to do", "backupCreated": false]),
        .init(
            title: "M2.2 without migrations all are pending", made: "init --no-migrate",
            call: "status",
            want: [
                "projections.0.version": 0, "projections.0.state": "pending",
                "projections.0.pending.#": 4, "next": .has("annals migrate"),
            ]),
        .init(
            title: "status --check: pending is 3", made: "init --no-migrate",
            call: "status --check", status: 3, want: ["projections.0.state": "pending"]),
        .init(
            title: "M2.3 all of them in the order of their numbers", made: "init --no-migrate",
            call: "migrate",
            want: [
                "applied.#": 4, "applied.0.number": 1, "applied.3.number": 10,
                "applied.3.name": "totals", "back.0": "annals rollback --projection shop --to 0",
            ], changes: true,
            after: ["projections.0.version": 10, "projections.0.lag": 0]),
        .init(
            title: "M2.3 up to a number", made: "init --no-migrate", call: "migrate --to 2",
            want: ["applied.#": 2, "applied.-1.number": 2], changes: true,
            after: ["projections.0.version": 2, "projections.0.pending.#": 2]),
        .init(
            title: "up to a name", made: "init --no-migrate", call: "migrate --to prices",
            want: ["applied.-1.name": "prices"], changes: true,
            after: ["projections.0.version": 2]),
        .init(
            title: "up to a full name", made: "init --no-migrate", call: "up --to 001_items",
            want: ["applied.#": 1], changes: true, after: ["projections.0.version": 1]),
        .init(
            title: "M2.3 beyond the end stands for the end", made: "init --no-migrate",
            call: "migrate --to 999", want: ["applied.#": 4], changes: true,
            after: ["projections.0.version": 10]),
        .init(
            title: "a name that is not there", made: "init --no-migrate",
            call: "migrate --to colours", status: 1, want: ["error.code": "TARGET_UNKNOWN"]),
        .init(
            title: "a target on the wrong side names the other verb", call: "migrate --to 1",
            status: 1,
            want: ["error.code": "TARGET_BELOW", "error.hint": .has("annals rollback --to 1")]),
        .init(
            title: "an unknown projection", call: "migrate --projection none", status: 1,
            want: ["error.code": "PROJECTION_UNKNOWN", "error.hint": .has("shop")]),
        .init(
            title: "one module alone", made: "init --no-migrate", call: "migrate --module core",
            want: ["applied.#": 3], changes: true,
            after: ["projections.0.version": 3, "projections.0.pending.0.number": 10]),
        .init(
            title: "a module before the one it depends on", made: "init --no-migrate",
            call: "migrate --module reports", status: 1,
            want: ["error.code": "MIGRATION_DEPENDS", "error.migration": 10]),
        .init(
            title: "an unknown module", call: "migrate --module none", status: 1,
            want: ["error.code": "MODULE_UNKNOWN"]),
        .init(
            title: "a module that is not enabled", call: "migrate --module extras", status: 1,
            want: ["error.code": "MODULE_DISABLED", "error.hint": .has("enable")]),
        .init(
            title: "C13 a late number in another module is pending like any other",
            given: [.file("004_notes", notes)], call: "migrate",
            want: ["applied.#": 1, "applied.0.number": 4], changes: true,
            after: ["projections.0.version": 10, "projections.0.applied.-1.number": 4]),
        .init(
            title: "C13 a late number in its own module is refused",
            made: "init --no-migrate",
            given: [
                .gone("002_prices"), .gone("003_stock"),
                .file("003_notes", late), .run("migrate --allow-out-of-order --reason first"),
                .file("002_prices", ShopProjection.migrations["002_prices", default: ""]),
            ], call: "migrate", status: 1, want: ["error.code": "MIGRATION_OUT_OF_ORDER"]),
        .init(
            title: "C13 … unless it is allowed, which is recorded",
            made: "init --no-migrate",
            given: [
                .gone("002_prices"), .gone("003_stock"),
                .file("003_notes", late), .run("migrate --allow-out-of-order --reason first"),
                .file("002_prices", ShopProjection.migrations["002_prices", default: ""]),
            ], arguments: ["migrate", "--allow-out-of-order", "--reason", "came late"],
            want: ["applied.#": 1, "applied.0.number": 2], changes: true,
            after: ["projections.0.applied.-1.number": 2, "projections.0.state": "current"]),
        .init(
            title: "M1.10 a migration that an event breaks leaves the healthy prefix",
            made: "init --no-migrate",
            given: [.edit("003_stock", "DEFAULT 0", "DEFAULT 0 CHECK (stock < 5)")],
            call: "migrate --module core", status: 1,
            want: [
                "error.code": "EVENT_REFUSED", "error.migration": 3, "error.line": 10,
                "applied.#": 2,
            ], changes: true, after: ["projections.0.version": 2]),
        .init(
            title: "… and with --grouped nothing", made: "init --no-migrate",
            given: [.edit("003_stock", "DEFAULT 0", "DEFAULT 0 CHECK (stock < 5)")],
            call: "migrate --module core --grouped", status: 1,
            want: ["error.code": "EVENT_REFUSED", "applied.#": 0], changes: true,
            after: ["projections.0.version": 0]),
        .init(
            title: "a mistake in SQL is told with its place", made: "init --no-migrate",
            given: [.edit("002_prices", "ADD COLUMN", "ADD COLUMM")], call: "migrate", status: 1,
            want: [
                "error.code": .has("SQL"), "error.file": .has("002_prices.sql"), "error.line": 7,
            ]),
        .init(
            title: "a dry run changes nothing", made: "init --no-migrate",
            call: "migrate --dry-run",
            want: ["applied.#": 0, "dryRun": true, "pending.#": 4]),
        .init(
            title: "a dry run names what would be applied in spite of a refusal",
            made: "init --no-migrate",
            given: [.edit("003_stock", "DEFAULT 0", "DEFAULT 0 CHECK (stock < 5)")],
            call: "migrate --module core --dry-run", status: 1,
            want: [
                "error.code": "EVENT_REFUSED", "error.migration": 3,
                "rehearsals.0.succeeds": false, "rehearsals.0.healthy.#": 2,
                "rehearsals.0.healthy.1.fullName": "002_prices",
            ]),
        .init(
            title: "C16 numbers and names in every form", made: "init --no-migrate",
            given: [.run("migrate --to 1")], call: "status",
            want: [
                "projections.0.applied.0.padded": "001",
                "projections.0.applied.0.fullName": "001_items",
                "projections.0.applied.0.vName": "V1__items",
                "projections.0.pending.2.vName": "V10__totals",
            ]),
        .init(
            title: "C16 … in a plan, too", made: "init --no-migrate", call: "plan",
            want: ["steps.1.padded": "002", "steps.1.vName": "V2__prices"]),
        .init(
            title: "a plan gives the steps and a reason for each", made: "init --no-migrate",
            call: "plan",
            want: [
                "steps.#": 4, "steps.0.reason": .has("p"), "projections.0.to": 10,
                "events": .number(8),
            ]),
        .init(
            title: "a plan with nothing to do", call: "plan",
            want: ["steps.#": 0, "message": "nothing to do"]),
        .init(
            title: "a held lock is waited for no longer than was said",
            given: [.run("rollback"), .locked], call: "migrate --lock-timeout 0.1", status: 5,
            want: ["error.code": "LOCKED", "error.message": .has("4711")]),
        .init(
            title: "the holder is named by status", given: [.locked], call: "status",
            want: ["lock.pid": 4711, "lock.since": "2026-01-01T00:00:00Z"]),
        .init(
            title: "no store", call: "status --store nowhere", status: 1,
            want: ["error.code": "STORE_MISSING"]),
        .init(
            title: "a number that is none", call: "rollback --steps none", status: 64,
            want: ["error.code": "USAGE"]),
    ]

    static let notes = ShopProjection.migration(
        "004_notes", module: "core", depends: "003",
        up: "CREATE TABLE notes (id TEXT PRIMARY KEY) STRICT;", down: "DROP TABLE notes;")

    static let late = ShopProjection.migration(
        "003_notes", module: "core", depends: "001",
        up: "CREATE TABLE notes (id TEXT PRIMARY KEY) STRICT;", down: "DROP TABLE notes;")
}
