/// Backup and restore.
extension LifecycleCase {
    static let backup: [LifecycleCase] = [
        .init(
            title: "M2.6 a backup, and its note in the log", call: "backup b",
            want: [
                "schema": "annals.backup/1", "head": 12, "epoch": 1, "verified": true,
                "projections.#": 1, "projections.0.checkpoint": 12, "leftOut.#": 0, "files": 3,
                "event": 13, "back.0": .has("annals restore"),
            ], changes: true, after: ["head": 13, "projections.0.lag": 0]),
        .init(
            title: "a backup of the log alone", call: "backup b --log-only",
            want: ["projections.#": 0, "files": 2, "logOnly": true], changes: true),
        .init(
            title: "a folder that is not empty", given: [.run("backup b")], call: "backup b",
            status: 1, want: ["error.code": "FOLDER_NOT_EMPTY"]),
        .init(
            title: "a folder inside the store", call: "backup store/b", status: 1,
            want: ["error.code": "FILE_INSIDE_STORE"]),
        .init(
            title: "a folder in one that is not there", call: "backup none/b", status: 1,
            want: ["error.code": "FILE_FAILED"]),
        .init(title: "no folder", call: "backup", status: 64, want: ["error.code": "USAGE"]),
        .init(
            title: "a backup is read like a store", given: [.run("backup b")],
            call: "status --store b",
            want: ["head": 12, "projections.0.state": "current"]),
        .init(
            title: "a backup is not written", given: [.run("backup b")],
            call: "migrate --store b", status: 1, want: ["error.code": "STORE_IS_BACKUP"]),
        .init(
            title: "M2.6 no backup when nothing is pending", call: "migrate --backup b",
            want: ["backupCreated": false, "backup": nil, "message": "nothing to do"]),
        .init(
            title: "M2.6 a backup before a migration", given: [.run("rollback")],
            call: "migrate --backup b",
            want: ["backupCreated": true, "backup": .has("/b"), "applied.#": 1], changes: true,
            after: ["projections.0.version": 10]),
        .init(
            title: "C30 a backup that fails stops the migration",
            given: [.run("rollback"), .run("export taken")], call: "migrate --backup taken",
            status: 1, want: ["error.code": "FILE_EXISTS"]),
        .init(
            title: "C30 … and so does a target that is refused, before it",
            given: [.run("rollback")],
            call: "migrate --backup b --to 1", status: 1, want: ["error.code": "TARGET_BELOW"]),
        .init(
            title: "a restore begins an epoch", given: [.run("backup b")],
            call: "restore b --to r",
            want: [
                "schema": "annals.restore/1", "fromEpoch": 1, "epoch": 2, "backupHead": 12,
                "head": 13, "projections.0.rebuilt": false, "setAside": nil,
            ]),
        .init(
            title: "a restore of the log alone builds",
            given: [.run("backup b --log-only")], call: "restore b --to r",
            want: ["projections.0.rebuilt": true, "projections.0.problem": nil]),
        .init(
            title: "a restored store verifies",
            given: [.run("backup b"), .run("restore b --to r")],
            call: "verify --store r",
            want: ["log.problemCount": 0, "projections.0.equal": true]),
        .init(
            title: "a store that is there is not replaced unasked", given: [.run("backup b")],
            call: "restore b", status: 1, want: ["error.code": "FOLDER_NOT_EMPTY"]),
        .init(
            title: "… nor without consent", given: [.run("backup b")],
            call: "restore b --replace", status: 64, want: ["error.code": "CONSENT_NEEDED"]),
        .init(
            title: "… but set aside with it", given: [.run("backup b")],
            call: "restore b --replace --yes",
            want: ["epoch": 2, "setAside": .has("store.replaced-"), "back.0": .has("mv ")],
            changes: true, after: ["head": 13, "projections.0.state": "current"]),
        .init(
            title: "a flipped bit in the log is refused, the file named",
            given: [.run("backup b"), .flip("b/log/data.mdb")], call: "restore b --to r",
            status: 6,
            want: ["error.code": "BACKUP_DAMAGED", "error.file": .has("log/data.mdb")]),
        .init(
            title: "a flipped bit in a projection is refused, the file named",
            given: [.run("backup b"), .flip("b/generations/shop-0001.sqlite")],
            call: "restore b --to r", status: 6,
            want: ["error.code": "BACKUP_DAMAGED", "error.file": .has("shop-0001.sqlite")]),
        .init(
            title: "a changed manifest is refused",
            given: [.run("backup b"), .patch("b/manifest.json", "\"head\" : 12", "\"head\" : 11")],
            call: "restore b --to r", status: 6,
            want: ["error.code": "BACKUP_DAMAGED", "error.file": .has("manifest.json")]),
        .init(
            title: "a missing file is refused",
            given: [.run("backup b"), .removed("b/store.json")], call: "restore b --to r",
            status: 6, want: ["error.code": "BACKUP_DAMAGED"]),
        .init(
            title: "a folder that is no backup", call: "restore store --to r", status: 1,
            want: ["error.code": "BACKUP_MISSING"]),
        .init(
            title: "the folder named twice", given: [.run("backup b")],
            call: "restore b --to r --store s", status: 64, want: ["error.code": "USAGE"]),
    ]
}
