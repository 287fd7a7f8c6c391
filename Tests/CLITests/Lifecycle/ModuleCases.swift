/// Modules and repairs.
extension LifecycleCase {
    static let modules: [LifecycleCase] = [
        .init(
            title: "M0.7 the table of who has which numbers", call: "modules",
            want: [
                "schema": "annals.modules/1", "projections.#": 1, "projections.0.name": "shop",
                "projections.0.modules.#": 3, "projections.0.modules.2.name": "extras",
                "projections.0.modules.2.enabled": false,
            ]),
        .init(
            title: "M0.3 an optional module is enabled, and its migrations wait",
            call: "modules enable extras",
            want: [
                "schema": "annals.module-change/1", "act": "enable", "module": "extras",
                "message": "enabled", "pending.#": 1, "pending.0": 20,
                "next": .has("annals migrate"), "back.0": .has("modules disable extras"),
            ], changes: true,
            after: ["projections.0.state": "pending", "projections.0.pending.0.number": 20]),
        .init(
            title: "… is filled from the first event on by migrate",
            given: [.run("modules enable extras")], call: "migrate",
            want: ["applied.#": 1, "applied.0.number": 20], changes: true,
            after: ["projections.0.version": 20, "projections.0.state": "current"]),
        .init(
            title: "enabled once more, nothing is to do",
            given: [.run("modules enable extras")], call: "modules enable extras",
            want: ["message": "nothing to do", "back.#": 0]),
        .init(
            title: "one that is enabled by default", call: "modules enable reports",
            want: ["message": "nothing to do"]),
        .init(
            title: "an unknown module is not enabled", call: "modules enable none", status: 1,
            want: ["error.code": "MODULE_UNKNOWN"]),
        .init(
            title: "a module is not enabled before what it depends on",
            given: [.manifest(extras, needsReports), .run("modules disable reports")],
            call: "modules enable extras", status: 1,
            want: ["error.code": "MODULE_DEPENDS", "error.hint": .has("reports")]),
        .init(
            title: "M0.3 a module is disabled, and its migrations are taken back",
            call: "modules disable reports",
            want: [
                "message": "disabled", "rolledBack.#": 1, "rolledBack.0": 10,
                "back.0": .has("modules enable reports"),
            ], changes: true, after: ["projections.0.version": 3, "projections.0.lag": 0]),
        .init(
            title: "one that is not enabled has nothing to be disabled",
            call: "modules disable extras", want: ["message": "nothing to do"]),
        .init(
            title: "a module that is not optional stays", call: "modules disable core", status: 1,
            want: ["error.code": "MODULE_REQUIRED"]),
        .init(
            title: "a module that another one needs stays",
            given: [.manifest(extras, needsReports), .run("modules enable extras")],
            call: "modules disable reports", status: 1,
            want: ["error.code": "MODULE_NEEDED", "error.message": .has("extras")]),
        .init(
            title: "an unknown module is not disabled", call: "modules disable none", status: 1,
            want: ["error.code": "MODULE_UNKNOWN"]),
        .init(
            title: "an unknown projection has no modules",
            call: "modules enable extras --projection none", status: 1,
            want: ["error.code": "PROJECTION_UNKNOWN"]),
        .init(
            title: "a held lock keeps a module out", given: [.locked],
            call: "modules enable extras --lock-timeout 0.1", status: 5,
            want: ["error.code": "LOCKED", "error.message": .has("4711")]),
        .init(
            title: "a module without a name", call: "modules enable", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "an act that is none", call: "modules remove reports", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "M0.8 an applied migration follows its new number", given: renumbered,
            call: "modules reassign 3 4",
            want: [
                "act": "reassign", "name": "stock", "from": 3, "to": 4, "message": "reassigned",
                "remaining.#": 0, "back.0": .has("modules reassign 4 3"),
            ], changes: true,
            after: [
                "projections.0.state": "current", "projections.0.pending.#": 0,
                "projections.0.applied.2.number": 4,
            ]),
        .init(
            title: "until then it is drift, and both numbers are named", given: renumbered,
            call: "migrate", status: 4,
            want: [
                "error.code": "MIGRATION_DRIFT", "error.message": .has("renumbered to 004"),
                "error.hint": .has("modules reassign 003 004"),
            ]),
        .init(
            title: "what was not applied has no number to lose", call: "modules reassign 7 8",
            status: 1, want: ["error.code": "MIGRATION_NOT_APPLIED"]),
        .init(
            title: "a number without a file", call: "modules reassign 3 5", status: 1,
            want: ["error.code": "MIGRATION_UNKNOWN"]),
        .init(
            title: "a number that is on record", call: "modules reassign 2 3", status: 1,
            want: ["error.code": "MIGRATION_DUPLICATE", "error.message": .has("003_stock")]),
        .init(
            title: "a file that is not what was applied",
            given: renumbered + [.edit("004_stock", "stock + $count", "$count")],
            call: "modules reassign 3 4", status: 1, want: ["error.code": "REASSIGN_DIFFERS"]),
        .init(
            title: "numbers that are none", call: "modules reassign a b", status: 64,
            want: ["error.code": "USAGE"]),
    ]

    private static let extras = "name: extras, range: [20, 29], depends: [core]"
    private static let needsReports = "name: extras, range: [20, 29], depends: [core, reports]"

    private static let renumbered: [Step] = [
        .moved("003_stock", "004_stock"), .edit("004_stock", "003_stock", "004_stock"),
    ]

    static let repair: [LifecycleCase] = [
        .init(
            title: "M1.6 an edit is accepted with a reason, and the projection is built anew",
            given: [.edit("002_prices", "price >= 0", "price >= 1")],
            call: "repair 2 --reason typo --yes",
            want: [
                "schema": "annals.repair/1", "number": 2, "name": "prices", "kind": "edited",
                "rebuilt": true, "remaining.#": 0, "message": "repaired",
            ], changes: true,
            after: ["projections.0.state": "current", "projections.0.drift.#": 0]),
        .init(
            title: "by its name, too", given: [.edit("002_prices", "price >= 0", "price >= 1")],
            call: "repair 002_prices --reason typo --yes", want: ["number": 2], changes: true,
            after: ["projections.0.state": "current"]),
        .init(
            title: "a missing migration is done without", given: [.gone("010_totals")],
            call: "repair 10 --reason unused --yes", want: ["kind": "missing", "rebuilt": true],
            changes: true,
            after: ["projections.0.state": "current", "projections.0.version": 3]),
        .init(
            title: "M1.6 one entry at a time: what is left is told",
            given: [
                .edit("002_prices", "price >= 0", "price >= 1"), .gone("010_totals"),
            ], call: "repair 2 --reason typo --yes",
            want: ["rebuilt": false, "remaining.#": 1, "next": .has("annals validate shop")],
            changes: true, after: ["projections.0.state": "drift"]),
        .init(
            title: "without drift there is nothing to repair", call: "repair 2 --reason x --yes",
            want: ["kind": nil, "message": "nothing to do", "back.#": 0]),
        .init(
            title: "to waive a difference wants consent",
            given: [.edit("002_prices", "price >= 0", "price >= 1")],
            call: "repair 2 --reason typo", status: 64,
            want: ["error.code": "CONSENT_NEEDED", "error.next": .has("--yes")]),
        .init(
            title: "a repair without a reason", call: "repair 2 --yes", status: 64,
            want: ["error.code": "USAGE"]),
        .init(
            title: "a reason of spaces",
            given: [.edit("002_prices", "price >= 0", "price >= 1")],
            arguments: ["repair", "2", "--reason", "  ", "--yes"], status: 1,
            want: ["error.code": "REASON_MISSING"]),
        .init(
            title: "what was not applied cannot be repaired", call: "repair 20 --reason x --yes",
            status: 1, want: ["error.code": "MIGRATION_NOT_APPLIED", "error.hint": .has("001")]),
        .init(
            title: "a name that was not applied", call: "repair colours --reason x --yes",
            status: 1, want: ["error.code": "MIGRATION_NOT_APPLIED"]),
        .init(
            title: "a new number is no repair", given: renumbered,
            call: "repair 3 --reason x --yes", status: 1,
            want: [
                "error.code": "MIGRATION_RENUMBERED",
                "error.hint": .has("modules reassign 003 004"),
            ]),
        .init(
            title: "an edit that an event breaks is not accepted",
            given: [.edit("002_prices", "price >= 0", "price >= 50")],
            call: "repair 2 --reason x --yes", status: 1,
            want: ["error.code": "EVENT_REFUSED", "error.position": .number(8)], changes: true,
            after: ["projections.0.state": "drift", "projections.0.version": 10]),
        .init(
            title: "a held lock keeps a repair out",
            given: [.edit("002_prices", "price >= 0", "price >= 1"), .locked],
            call: "repair 2 --reason x --yes --lock-timeout 0.1", status: 5,
            want: ["error.code": "LOCKED", "error.message": .has("4711")]),
    ]
}
