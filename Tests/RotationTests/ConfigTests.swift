import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Configurations")
struct ConfigTests {
    private func make(
        _ fixture: RotationFixture, _ name: String, group: String? = nil, priority: Int = 0,
        _ strategy: RotationStrategy = .random
    ) async throws -> String {
        fixture.clock.advance(milliseconds: 1)
        return try await fixture.rotation.rotationConfigs.create(
            RotationConfigInput(
                name: name, strategy: strategy, targetGroup: group, priority: priority)
        ).id
    }

    @Test("O2.1 T2.2 E2.24 a configuration that is made is kept as it was given, and is not active")
    func creating() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let made = try await configs.create(
            RotationConfigInput(
                name: "Night", strategy: .timeBased, description: "when it is dark",
                commonConfig: ["interval": 5, "x": ["free": [true, nil]]],
                strategyConfig: ["jitterPercent": 12.5], targetGroup: "home", priority: 3,
                enabled: false, createdBy: "me"))
        #expect(made.id == "id-1" && made.name == "Night" && made.strategy == .timeBased)
        #expect(made.description == "when it is dark" && !made.isActive && !made.enabled)
        #expect(made.commonConfig == ["interval": 5, "x": ["free": [true, nil]]])
        #expect(made.strategyConfig == ["jitterPercent": 12.5] && made.targetGroup == "home")
        #expect(made.priority == 3 && made.createdBy == "me")
        #expect(made.createdAt == fixture.clock.now && made.updatedAt == made.createdAt)
        let least = try await configs.create(RotationConfigInput(name: "n", strategy: .custom))
        #expect(least.enabled && least.priority == 0 && least.commonConfig.isEmpty)
        try fixture.expectReplayEqual()
    }

    @Test("O2.1 O2.5 settings of a wrong kind are refused by their name, unknown ones are kept")
    func settings() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let common: [(String, JSONValue)] = [
            ("interval", -1), ("interval", "60000"), ("interval", 1.5), ("cooldownPeriod", true),
            ("maxRequestsPerProxy", 0), ("failureThreshold", -3),
        ]
        let strategy: [(String, JSONValue)] = [
            ("geographicPreferences", "DE"), ("excludeCountries", [1]), ("preferredRegions", [:]),
            ("stickyFallbackOnFailure", 1), ("rotateOnFailure", "yes"), ("stickySessionTTL", 0),
            ("stickyHashAlgorithm", "md5"), ("jitterPercent", 101), ("minInterval", -1),
            ("maxInterval", 9_223_372_036_854_775_807), ("scheduleWindows", [["startHour": 1]]),
            ("scheduleWindows", [["startHour": 24, "endHour": 1]]),
            ("scheduleWindows", [["startHour": 1, "endHour": 2, "daysOfWeek": [7]]]),
            ("weights", ["p": -1]), ("weights", ["p": "heavy"]), ("weights", [1]),
        ]
        var input = RotationConfigInput(name: "n", strategy: .random)
        for (name, value) in common {
            input.commonConfig = [name: value]
            await refused(.invalid(field: name)) { [input] in _ = try await configs.create(input) }
        }
        input.commonConfig = [:]
        for (name, value) in strategy {
            input.strategyConfig = [name: value]
            await refused(.invalid(field: name)) { [input] in _ = try await configs.create(input) }
        }
        input.strategyConfig = ["minInterval": 9, "maxInterval": 8]
        await refused(.invalid(field: "maxInterval")) { [input] in
            _ = try await configs.create(input)
        }
        for name in ["", String(repeating: "n", count: 256)] {
            await refused(.invalid(field: "name")) {
                _ = try await configs.create(RotationConfigInput(name: name, strategy: .random))
            }
        }
        #expect(try fixture.types().isEmpty)
        input.strategyConfig = [
            "weights": ["p": 2], "stickyHashAlgorithm": "consistent", "other": ["x"],
            "scheduleWindows": [["startHour": 22, "endHour": 24, "daysOfWeek": [0, 6]]],
            "minInterval": nil,
        ]
        let made = try await configs.create(input)
        #expect(made.strategyConfig == input.strategyConfig)
        var change = RotationConfigChange()
        change.strategyConfig = ["jitterPercent": -1]
        await refused(.invalid(field: "jitterPercent")) { [change] in
            _ = try await configs.update(id: made.id, change)
        }
    }

    @Test("O2.2 a configuration and its rules are made together, or not at all")
    func withRules() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let rules = ["one", "two"].map { RotationRuleInput(name: $0, conditions: [], actions: []) }
        let made = try await configs.create(
            RotationConfigInput(name: "n", strategy: .custom), rules: rules)
        #expect(
            try fixture.rotation.rotationRules.find(configID: made.id).map(\.name) == [
                "one", "two",
            ])
        await refused(.invalid(field: "name")) {
            _ = try await configs.create(
                RotationConfigInput(name: "m", strategy: .custom),
                rules: rules + [RotationRuleInput(name: "", conditions: [], actions: [])])
        }
        #expect(try configs.findAll().count == 1 && fixture.types().count == 3)
        try fixture.expectReplayEqual()
    }

    @Test("O2.3 O2.10 T2.10 configurations are found by priority and age, by group, and summed up")
    func finding() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let low = try await make(fixture, "low", group: "g")
        let old = try await make(fixture, "old", group: "g", priority: 5)
        let new = try await make(fixture, "new", priority: 5, .weighted)
        #expect(try configs.findAll().map(\.id) == [new, old, low])
        var off = RotationConfigChange()
        off.enabled = false
        _ = try await configs.update(id: old, off)
        #expect(try configs.findAll(enabled: true).map(\.id) == [new, low])
        #expect(try configs.findAll(strategy: .random).map(\.id) == [old, low])
        #expect(try configs.findAll(enabled: false, strategy: .weighted).isEmpty)
        #expect(try configs.find(targetGroup: "g").map(\.id) == [old, low])
        #expect(try configs.find(targetGroup: nil).map(\.id) == [new])
        #expect(try configs.find(id: low)?.name == "low")
        #expect(try configs.find(id: "nobody") == nil)
        #expect(try configs.countByStrategy() == [.random: 2, .weighted: 1])
        try fixture.append([
            ProxyAdded(
                proxyID: "p", name: "p", host: "h", port: 1, protocol: .http, weight: 1,
                status: .active, at: fixture.clock.now)
        ])
        for domain in ["a.example", "b.example"] {
            try fixture.append([
                StickySessionMapped(
                    mappingID: domain, domain: domain, isWildcard: false, proxyID: "p",
                    configID: low, expiryMode: .fixed, at: fixture.clock.now)
            ])
        }
        for name in ["x", "y", "z"] {
            _ = try await fixture.rotation.rotationRules.create(
                RotationRuleInput(name: name, conditions: [], actions: []), configID: low)
        }
        let summary = try configs.findAllWithSummary()
        #expect(Set(summary.prefix(2).map(\.id)) == [old, new] && summary[2].id == low)
        #expect(summary[2].ruleCount == 3 && summary[2].stickyMappingCount == 2)
        #expect(summary[2].targetGroup == "g" && !summary[2].isActive && summary[2].enabled)
        #expect(summary[0].ruleCount == 0 && summary[0].stickyMappingCount == 0)
    }

    @Test(
        "O2.4 O2.6 O2.7 X2.1 E2.26 E2.27 one active configuration a group, and no group is one too")
    func activating() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let first = try await make(fixture, "first", group: "g")
        let second = try await make(fixture, "second", group: "g")
        let none = try await make(fixture, "none")
        let none2 = try await make(fixture, "none 2")
        #expect(try configs.findActive(targetGroup: "g") == nil && configs.findActive() == nil)
        #expect(try await configs.setActive(id: first))
        #expect(try configs.findActive() == nil)
        #expect(try await configs.setActive(id: none))
        #expect(try await configs.setActive(id: second))
        #expect(try await configs.setActive(id: none2))
        #expect(try configs.findActive(targetGroup: "g")?.id == second)
        #expect(try configs.findActive()?.id == none2)
        #expect(try configs.findActive(targetGroup: "other") == nil)
        #expect(try configs.findAll().count(where: \.isActive) == 2)
        #expect(try await !configs.setActive(id: "nobody"))
        #expect(try await configs.deactivate(id: second))
        #expect(try await !configs.deactivate(id: "nobody"))
        #expect(try configs.findActive(targetGroup: "g") == nil)
        #expect(try configs.findActive()?.id == none2)
        // A configuration that is not enabled may be the active one.
        var off = RotationConfigChange()
        off.enabled = false
        _ = try await configs.update(id: first, off)
        #expect(try await configs.setActive(id: first))
        #expect(try configs.find(id: first)?.isActive == true)
        // An active one does not push another out of its place by moving there.
        var move = RotationConfigChange()
        move.targetGroup = .some(nil)
        await refused(.duplicate) { [move] in _ = try await configs.update(id: first, move) }
        try fixture.expectReplayEqual()
    }

    @Test("O2.5 E2.25 what is changed changes, what is not stays, active or not is no such thing")
    func updating() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let id = try await make(fixture, "old", group: "g")
        try await configs.setActive(id: id)
        let before = try #require(try configs.find(id: id))
        let count = try fixture.types().count
        #expect(try await configs.update(id: id, RotationConfigChange()) == before)
        #expect(try await configs.update(id: "nobody", RotationConfigChange()) == nil)
        #expect(try fixture.types().count == count)
        fixture.clock.advance(milliseconds: 9)
        var change = RotationConfigChange()
        change.name = "new"
        change.description = "said"
        change.strategy = .customRules
        change.commonConfig = ["failureThreshold": 2]
        change.targetGroup = "other"
        change.priority = 8
        let changed = try #require(try await configs.update(id: id, change))
        #expect(changed.name == "new" && changed.strategy == .customRules && changed.isActive)
        #expect(changed.description == "said" && changed.priority == 8 && changed.enabled)
        #expect(changed.commonConfig == ["failureThreshold": 2] && changed.targetGroup == "other")
        #expect(changed.updatedAt == fixture.clock.now && changed.createdAt == before.createdAt)
        var clear = RotationConfigChange()
        clear.description = .some(nil)
        clear.targetGroup = .some(nil)
        let cleared = try #require(try await configs.update(id: id, clear))
        #expect(cleared.description == nil && cleared.targetGroup == nil)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.8 O2.9 E2.28 a copy has no rules and rests; what is deleted takes rules and mappings along"
    )
    func copyAndDelete() async throws {
        let fixture = try RotationFixture()
        let configs = fixture.rotation.rotationConfigs
        let made = try await configs.create(
            RotationConfigInput(
                name: "n", strategy: .geographic, description: "d", commonConfig: ["interval": 1],
                strategyConfig: ["excludeCountries": ["CN"]], targetGroup: "g", priority: 4,
                createdBy: "me"),
            rules: [RotationRuleInput(name: "r", conditions: [], actions: [])])
        try await configs.setActive(id: made.id)
        let copy = try #require(try await configs.duplicate(id: made.id, newName: "copy"))
        #expect(copy.id != made.id && copy.name == "copy" && !copy.enabled && !copy.isActive)
        #expect(copy.description == "d" && copy.strategy == .geographic && copy.priority == 4)
        #expect(copy.commonConfig == made.commonConfig && copy.targetGroup == "g")
        #expect(copy.strategyConfig == made.strategyConfig)
        #expect(try fixture.rotation.rotationRules.count(configID: copy.id) == 0)
        #expect(try await configs.duplicate(id: "nobody", newName: "x") == nil)
        await refused(.invalid(field: "name")) {
            _ = try await configs.duplicate(id: made.id, newName: "")
        }
        try fixture.append([
            ProxyRotationOccurred(
                rotationID: "r", configID: made.id, reason: .manual, at: fixture.clock.now)
        ])
        #expect(try await configs.delete(id: made.id))
        #expect(try await !configs.delete(id: made.id))
        #expect(try fixture.rotation.rotationRules.count(configID: made.id) == 0)
        #expect(try fixture.rows("SELECT id, config_id FROM rotation_events") == [["r", nil]])
        try fixture.expectReplayEqual()
    }

    @Test("O2.11 the settings of both kinds become one value")
    func runtime() async throws {
        let fixture = try RotationFixture()
        let made = try await fixture.rotation.rotationConfigs.create(
            RotationConfigInput(
                name: "n", strategy: .stickySession,
                commonConfig: ["interval": 7, "failureThreshold": 2],
                strategyConfig: ["stickySessionTTL": 9, "stickyHashAlgorithm": "random"]))
        let runtime = made.runtime
        #expect(runtime.strategy == .stickySession && runtime.interval == 7)
        #expect(runtime.failureThreshold == 2 && runtime.maxRequestsPerProxy == nil)
        #expect(runtime.stickySessionTTL == 9 && runtime.stickyHashAlgorithm == .random)
    }
}
