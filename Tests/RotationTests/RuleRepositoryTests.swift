import AnnalsTesting
import EventModel
import RotationProjection
import Testing

@Suite("Rules: kept, ordered, copied")
struct RuleRepositoryTests {
    private func config(_ fixture: RotationFixture, _ name: String) async throws -> String {
        try await fixture.rotation.rotationConfigs.create(
            RotationConfigInput(name: name, strategy: .custom)
        ).id
    }

    private let bank = RotationRuleInput(
        name: "bank",
        conditions: [
            RuleCondition(.domain, .endsWith, ".bank", caseSensitive: true),
            RuleCondition(.timeHour, .inList, [1, 2.5, "x"]),
        ],
        actions: [RuleAction(.useProxyGroup, ["group": "home"]), RuleAction(.rotateImmediately)],
        description: "money", priority: 7, conditionLogic: .or, stopOnMatch: false, enabled: false)

    @Test("O2.42 T2.6 E2.29 a rule is kept as it was given; without a configuration it is global")
    func creating() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let id = try await config(fixture, "c")
        let made = try await rules.create(bank, configID: id)
        #expect(made.configID == id && made.name == "bank" && made.conditions == bank.conditions)
        #expect(made.actions == bank.actions && made.description == "money" && made.priority == 7)
        #expect(made.conditionLogic == .or && !made.stopOnMatch && !made.enabled)
        #expect(made.createdAt == fixture.clock.now)
        let least = try await rules.create(
            RotationRuleInput(name: "all", conditions: [], actions: []))
        #expect(least.configID == nil && least.stopOnMatch && least.enabled)
        #expect(least.priority == 0 && least.conditionLogic == .and)
        await refused(.missingReference) { _ = try await rules.create(bank, configID: "nobody") }
        await refused(.invalid(field: "name")) {
            _ = try await rules.create(RotationRuleInput(name: "", conditions: [], actions: []))
        }
        #expect(try fixture.types().count == 3)
        try fixture.expectReplayEqual()
    }

    @Test(
        "C12 T3.6 E3.2 global rules count for each configuration, by priority only, and have a view"
    )
    func global() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let (one, two) = (try await config(fixture, "1"), try await config(fixture, "2"))
        func add(_ name: String, _ priority: Int, _ config: String?) async throws {
            fixture.clock.advance(milliseconds: 1)
            _ = try await rules.create(
                RotationRuleInput(name: name, conditions: [], actions: [], priority: priority),
                configID: config)
        }
        try await add("one low", 1, one)
        try await add("global", 5, nil)
        try await add("one high", 9, one)
        try await add("two", 7, two)
        #expect(
            try rules.runtimeRules(configID: one).map(\.name) == ["one high", "global", "one low"])
        #expect(try rules.runtimeRules(configID: two).map(\.name) == ["two", "global"])
        #expect(try rules.find(configID: nil).map(\.name) == ["global"])
        #expect(
            try fixture.rows(
                "SELECT name, priority, conditions_json, actions_json, enabled FROM rotation_rules")
                == [["global", "5", "[]", "[]", "1"]])
    }

    @Test("O2.43 rules are found by configuration, the highest first, all or the enabled ones")
    func finding() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let id = try await config(fixture, "c")
        let off = try await rules.create(bank, configID: id)
        fixture.clock.advance(milliseconds: 1)
        var on = bank
        on.enabled = true
        on.priority = 9
        let high = try await rules.create(on, configID: id)
        #expect(try rules.find(configID: id).map(\.id) == [high.id, off.id])
        #expect(try rules.find(configID: id, enabledOnly: true).map(\.id) == [high.id])
        #expect(try rules.runtimeRules(configID: id) == [high])
        #expect(try rules.find(id: off.id) == off)
        #expect(try rules.find(id: "nobody") == nil)
        #expect(try rules.count(configID: id) == 2 && rules.count(configID: "nobody") == 0)
    }

    @Test("O2.44 O2.45 E2.30 E2.31 a rule is changed in part, switched, and moved")
    func changing() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let made = try await rules.create(bank)
        #expect(try await rules.update(id: made.id, RotationRuleChange()) == made)
        #expect(try await rules.update(id: "nobody", RotationRuleChange()) == nil)
        fixture.clock.advance(milliseconds: 3)
        var change = RotationRuleChange()
        change.name = "new"
        change.description = .some(nil)
        change.conditions = [RuleCondition(.url, .contains, "a\"b")]
        change.conditionLogic = .and
        change.actions = [RuleAction(.skipRotation)]
        change.stopOnMatch = true
        let after = try #require(try await rules.update(id: made.id, change))
        #expect(after.name == "new" && after.description == nil && after.priority == 7)
        #expect(after.conditions == change.conditions && after.actions == change.actions)
        #expect(after.conditionLogic == .and && after.stopOnMatch && !after.enabled)
        #expect(after.updatedAt == fixture.clock.now && after.createdAt == made.createdAt)
        #expect(try await rules.setEnabled(id: made.id, true))
        #expect(try await rules.setPriority(id: made.id, -4))
        #expect(try await !rules.setEnabled(id: "nobody", true))
        #expect(try await !rules.setPriority(id: "nobody", 1))
        let last = try #require(try rules.find(id: made.id))
        #expect(last.enabled && last.priority == -4)
        var nameless = RotationRuleChange()
        nameless.name = ""
        await refused(.invalid(field: "name")) { [nameless] in
            _ = try await rules.update(id: made.id, nameless)
        }
        try fixture.expectReplayEqual()
    }

    @Test("O2.46 E2.32 an order is one event; rules of other configurations keep their places")
    func reordering() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let (one, two) = (try await config(fixture, "1"), try await config(fixture, "2"))
        var ids: [String] = []
        for owner in [one, one, one, two, nil] {
            ids.append(try await rules.create(bank, configID: owner).id)
        }
        try await rules.reorder(configID: one, ids: [ids[2], ids[3], "nobody", ids[0]])
        #expect(
            try ids.map { try rules.find(id: $0)?.priority } == [1, 7, 4, 7, 7])
        try await rules.reorder(configID: nil, ids: [ids[4]])
        #expect(try rules.find(id: ids[4])?.priority == 1)
        let count = try fixture.types().count
        try await rules.reorder(configID: one, ids: [])
        try await rules.reorder(configID: "nobody", ids: ids)
        #expect(try fixture.types().count == count)
        try fixture.expectReplayEqual()
    }

    @Test(
        "O2.47 O2.48 E2.33 a copy rests, here or elsewhere; rules are deleted one by one or together"
    )
    func copyAndDelete() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let (one, two) = (try await config(fixture, "1"), try await config(fixture, "2"))
        var on = bank
        on.enabled = true
        let made = try await rules.create(on, configID: one)
        let copy = try #require(try await rules.duplicate(id: made.id))
        #expect(copy.name == "bank (Copy)" && !copy.enabled && copy.configID == one)
        #expect(copy.conditions == made.conditions && copy.actions == made.actions)
        #expect(copy.priority == 7 && copy.conditionLogic == .or && !copy.stopOnMatch)
        let there = try await rules.duplicate(id: made.id, targetConfigID: two, newName: "there")
        #expect(there?.configID == two && there?.name == "there")
        #expect(try await rules.duplicate(id: "nobody") == nil)
        await refused(.missingReference) {
            _ = try await rules.duplicate(id: made.id, targetConfigID: "nobody")
        }
        #expect(try await rules.delete(id: copy.id))
        #expect(try await !rules.delete(id: copy.id))
        #expect(try await rules.delete(configID: one) == 1)
        #expect(try await rules.delete(configID: one) == 0)
        #expect(try rules.find(configID: two).count == 1)
        try fixture.expectReplayEqual()
    }

    @Test("O2.49 conditions and acts join at the end and leave by their place")
    func parts() async throws {
        let fixture = try RotationFixture()
        let rules = fixture.rotation.rotationRules
        let id = try await rules.create(bank).id
        let condition = RuleCondition(.customTag, .equals, "fast")
        let action = RuleAction(.excludeCountry, ["country": "CN"])
        #expect(try await rules.addCondition(id: id, condition))
        #expect(try await rules.addAction(id: id, action))
        #expect(try await rules.removeCondition(id: id, at: 0))
        #expect(try await rules.removeAction(id: id, at: 1))
        let rule = try #require(try rules.find(id: id))
        #expect(rule.conditions == [bank.conditions[1], condition])
        #expect(rule.actions == [bank.actions[0], action])
        let count = try fixture.types().count
        for index in [-1, 2, 99] {
            #expect(try await !rules.removeCondition(id: id, at: index))
            #expect(try await !rules.removeAction(id: id, at: index))
        }
        #expect(try await !rules.addCondition(id: "nobody", condition))
        #expect(try await !rules.addAction(id: "nobody", action))
        #expect(try await !rules.removeCondition(id: "nobody", at: 0))
        #expect(try await !rules.removeAction(id: "nobody", at: 0))
        #expect(try fixture.types().count == count)
        try fixture.expectReplayEqual()
    }

    @Test("O2.43 a rule that another program wrote wrongly is named when it is read")
    func unreadable() async throws {
        let fixture = try RotationFixture()
        try fixture.append([
            RotationRuleCreated(
                ruleID: "odd", name: "odd", priority: 0, conditions: [["field": "moon"]],
                conditionLogic: .and, actions: [], stopOnMatch: true, enabled: true,
                at: fixture.clock.now)
        ])
        #expect {
            _ = try fixture.rotation.rotationRules.find(configID: nil)
        } throws: { error in
            let error = error as? RotationError
            return error?.reason == .invalid(field: "conditions")
                && error?.message.contains("'odd'") == true
        }
    }
}
