import RotationProjection
import Testing

@Suite("The one configuration of programs that know no others")
struct DefaultConfigTests {
    @Test("O3.9 C1 T3.3 with nothing set it is a round-robin, and asking writes nothing")
    func nothing() async throws {
        let fixture = try RotationFixture()
        #expect(try fixture.rotation.defaultConfig.get() == DefaultSettings())
        #expect(DefaultSettings().strategy == .roundRobin && DefaultSettings().intervalMs == nil)
        #expect(try await fixture.rotation.defaultConfig.update() == DefaultSettings())
        #expect(try fixture.types().isEmpty)
        #expect(try fixture.rows("SELECT * FROM rotation_config").isEmpty)
    }

    @Test("O3.10 O3.11 E3.1 C1 T3.3 the first change makes and activates it, later ones change it")
    func changing() async throws {
        let fixture = try RotationFixture()
        let one = fixture.rotation.defaultConfig
        #expect(try await one.setStrategy(.fastest).strategy == .fastest)
        let changed = try await one.update(
            intervalMs: 5, failureThreshold: 3, config: ["jitterPercent": 10])
        #expect(changed.strategy == .fastest && changed.intervalMs == 5)
        #expect(changed.failureThreshold == 3 && changed.maxRequestsPerProxy == nil)
        #expect(changed.config == ["jitterPercent": 10])
        #expect(try await one.update(maxRequestsPerProxy: 4).intervalMs == 5)
        #expect(
            try fixture.rows(
                """
                SELECT id, strategy, interval_ms, max_requests_per_proxy, failure_threshold,
                    config_json, updated_at
                FROM rotation_config
                """) == [
                    [
                        "1", "fastest", "5", "4", "3", #"{"jitterPercent":10}"#,
                        "2026-01-01 00:00:00",
                    ]
                ])
        let config = try #require(try fixture.rotation.rotationConfigs.findActive())
        #expect(config.id == "default" && config.name == "Default" && config.isActive)
        for (field, change) in [("interval", (-1, nil)), ("maxRequestsPerProxy", (nil, 0))]
            as [(String, (Int?, Int?))]
        {
            await refused(.invalid(field: field)) {
                try await one.update(intervalMs: change.0, maxRequestsPerProxy: change.1)
            }
        }
        await refused(.invalid(field: "weights")) { try await one.update(config: ["weights": 1]) }
        try fixture.expectReplayEqual()
    }

    @Test(
        "O3.10 C1 an active configuration of no group is the one that changes, its other settings stay"
    )
    func other() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let common: [String: JSONValue] = [
            "cooldownPeriod": 9, "interval": 1, "mine": ["deep": [true, "x", nil]],
        ]
        let made = try await configs.create(
            RotationConfigInput(name: "n", strategy: .random, commonConfig: common))
        try await configs.setActive(id: made.id)
        #expect(try await fixture.rotation.defaultConfig.update(intervalMs: 2).strategy == .random)
        let after = try #require(try configs.find(id: made.id))
        var expected = common
        expected["interval"] = 2
        #expect(after.commonConfig == expected)
        #expect(try configs.findAll().count == 1)
        try fixture.expectReplayEqual()
    }

    @Test("C1 the reserved configuration comes back when it was put to rest, and joins no group")
    func reserved() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        try await fixture.rotation.defaultConfig.setStrategy(.weighted)
        try await configs.deactivate(id: "default")
        #expect(try fixture.rotation.defaultConfig.get() == DefaultSettings())
        #expect(
            try await fixture.rotation.defaultConfig.update(intervalMs: 3).strategy == .weighted)
        var move = RotationConfigChange()
        move.targetGroup = "g"
        await refused(.invalid(field: "targetGroup")) { [move] in
            _ = try await configs.update(id: "default", move)
        }
        try fixture.expectReplayEqual()
    }
}
