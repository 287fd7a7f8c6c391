import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("The move away from plaintext passwords, as events")
struct PasswordMoveTests {
    @Test(
        "T2.11 E2.20 E2.21 E2.22 it is one row: begun, on its way, finished; begun anew it is as new"
    )
    func row() throws {
        let fixture = try RotationFixture()
        let columns = """
            id, started_at, completed_at, total_proxies, migrated_count, failed_count,
            last_processed_proxy_id, status, error_message
            """
        func row() throws -> [[String?]] {
            try fixture.rows("SELECT \(columns) FROM password_migration_status")
        }
        let start = fixture.clock.now
        let begun = String(start.milliseconds)
        #expect(try row().isEmpty)
        try fixture.append([PasswordMigrationStarted(total: 3, at: start)])
        #expect(try row() == [["1", begun, nil, "3", "0", "0", nil, "in_progress", nil]])
        try fixture.append([PasswordMigrationProgressed(migrated: 1, failed: 1, lastProxyID: "b")])
        #expect(try row() == [["1", begun, nil, "3", "1", "1", "b", "in_progress", nil]])
        let end = Timestamp(milliseconds: start.milliseconds + 5)
        try fixture.append([PasswordMigrationFinished(status: "failed", error: "one", at: end)])
        #expect(try row() == [["1", begun, nil, "3", "1", "1", "b", "failed", "one"]])
        try fixture.append([
            PasswordMigrationStarted(total: 2, at: start),
            PasswordMigrationFinished(status: "completed", at: end),
        ])
        let over = String(end.milliseconds)
        #expect(try row() == [["1", begun, over, "2", "0", "0", nil, "completed", nil]])
        #expect(throws: AnnalsError.self) {
            try fixture.append([PasswordMigrationFinished(status: "odd", at: end)])
        }
        try fixture.expectReplayEqual()
    }
}
