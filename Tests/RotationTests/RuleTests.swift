import EventModel
import RotationProjection
import Testing

@Suite("Rules: conditions, actions, order")
struct RuleTests {
    /// Wednesday, 2025-12-31, 21:30 UTC.
    private let context = SelectionContext(
        url: "https://user@Shop.Example.com:8443/cart/items?q=1#top",
        time: Timestamp(milliseconds: 1_767_216_600_000))

    private let german = Pool.proxy(
        "de", country: "DE", latency: 120, rate: 97.5, tags: ["fast", "Home"])

    @Test("O2.81 all nine fields are read, four of them from the candidate")
    func fields() {
        let expected: [(RuleCondition.Field, JSONValue)] = [
            (.domain, "shop.example.com"), (.path, "/cart/items"), (.timeHour, 21), (.timeDay, 3),
            (.url, "https://user@shop.example.com:8443/cart/items?q=1#top"), (.proxyCountry, "de"),
            (.proxyLatency, 120), (.proxySuccessRate, 97.5), (.customTag, "home"),
        ]
        #expect(Set(expected.map(\.0)) == Set(RuleCondition.Field.allCases))
        for (field, value) in expected {
            #expect(
                RuleCondition(field, .equals, value).holds(in: context, for: german), "\(field)")
            #expect(
                !RuleCondition(field, .notEquals, value).holds(in: context, for: german), "\(field)"
            )
        }
        #expect(
            !RuleCondition(.proxyLatency, .lessThan, 500).holds(in: context, for: Pool.proxy("x")))
    }

    @Test(
        "O2.82 X2.15 operators",
        arguments: [
            (RuleCondition(.domain, .equals, "SHOP.example.COM"), true),
            (RuleCondition(.domain, .equals, "SHOP.example.com", caseSensitive: true), false),
            (RuleCondition(.timeHour, .equals, "21.0"), true),
            (RuleCondition(.timeHour, .equals, 9), false),
            (RuleCondition(.domain, .contains, "EXAMPLE"), true),
            (RuleCondition(.domain, .notContains, "example"), false),
            (RuleCondition(.path, .startsWith, "/cart"), true),
            (RuleCondition(.path, .endsWith, "/cart"), false),
            (RuleCondition(.domain, .matchesRegex, #".*\.example\.com$"#), true),
            (RuleCondition(.domain, .matchesRegex, "(("), false),
            (RuleCondition(.domain, .matchesRegex, 7), false),
            (RuleCondition(.timeHour, .greaterThan, 20), true),
            (RuleCondition(.timeHour, .lessThan, "x"), false),
            (RuleCondition(.timeDay, .inList, [1, 2, 3]), true),
            (RuleCondition(.timeDay, .inList, "3"), false),
            (RuleCondition(.timeDay, .notInList, "3"), true),
            (RuleCondition(.timeDay, .notInList, [3]), false),
            (RuleCondition(.customTag, .notInList, ["slow", "home"]), false),
        ])
    func operators(condition: RuleCondition, expected: Bool) {
        #expect(condition.holds(in: context, for: german) == expected)
    }

    private func rule(
        _ id: String, priority: Int = 0, _ conditions: [RuleCondition] = [],
        _ logic: ConditionLogic = .and, actions: [RuleAction] = [], stops: Bool = true
    ) -> RotationRule {
        RotationRule(
            id: id, name: id, priority: priority, conditions: conditions, conditionLogic: logic,
            actions: actions, stopOnMatch: stops, createdAt: Pool.time, updatedAt: Pool.time)
    }

    @Test("O2.83 AND of nothing holds, OR of nothing does not")
    func empty() {
        #expect(RuleOutcome.evaluate([rule("r")], candidates: Pool.five, in: context).matched)
        #expect(
            !RuleOutcome.evaluate([rule("r", [], .or)], candidates: Pool.five, in: context).matched)
    }

    @Test("O2.84 actions choose, narrow and exclude; a narrowing to nobody does nothing")
    func actions() {
        let pool = [
            Pool.proxy("a", country: "US", group: "dc"),
            Pool.proxy("b", country: "DE", group: "res"),
            Pool.proxy("c", country: "DE", group: "dc"),
        ]
        func left(_ actions: RuleAction...) -> ([String], String?) {
            let outcome = RuleOutcome.evaluate(
                [rule("r", actions: actions)], candidates: pool, in: context)
            return (outcome.candidates.map(\.id), outcome.selectedProxy?.id)
        }
        #expect(left(RuleAction(.useProxy, ["proxyId": "c"])) == (["a", "b", "c"], "c"))
        #expect(left(RuleAction(.useProxy, ["proxyId": "nobody"])) == (["a", "b", "c"], "a"))
        #expect(left(RuleAction(.useProxyGroup, ["group": "res"])) == (["b"], "b"))
        #expect(left(RuleAction(.useProxyGroup, ["groupName": "dc"])) == (["a", "c"], "a"))
        #expect(left(RuleAction(.useCountry, ["country": "de"])) == (["b", "c"], "b"))
        #expect(left(RuleAction(.useCountry, ["country": "FR"])) == (["a", "b", "c"], "a"))
        #expect(left(RuleAction(.excludeProxy, ["proxyId": "a"])) == (["b", "c"], "b"))
        #expect(left(RuleAction(.excludeCountry, ["country": "DE"])) == (["a"], "a"))
        #expect(
            left(
                RuleAction(.useProxy, ["proxyId": "a"]), RuleAction(.excludeProxy, ["proxyId": "a"])
            ) == (["b", "c"], "b"))
        let flags = RuleOutcome.evaluate(
            [rule("r", actions: [RuleAction(.rotateImmediately), RuleAction(.skipRotation)])],
            candidates: pool, in: context)
        #expect(flags.rotatesNow && flags.keepsCurrent)
    }

    @Test("O2.85 C33 the first match ends it, unless it says that others may add to it")
    func order() {
        let first = rule(
            "first", priority: 9, actions: [RuleAction(.excludeProxy, ["proxyId": "a"])],
            stops: false)
        let second = rule(
            "second", priority: 5, actions: [RuleAction(.excludeProxy, ["proxyId": "b"])])
        let third = rule(
            "third", priority: 1, actions: [RuleAction(.excludeProxy, ["proxyId": "c"])])
        var off = rule("off", priority: 99, actions: [RuleAction(.useProxy, ["proxyId": "e"])])
        off.enabled = false
        let outcome = RuleOutcome.evaluate(
            [third, second, off, first], candidates: Pool.five, in: context)
        #expect(outcome.rules.map(\.id) == ["first", "second"])
        #expect(outcome.actions.count == 2)
        #expect(outcome.candidates.map(\.id) == ["c", "d", "e"])
        #expect(outcome.selectedProxy?.id == "c")
    }

    @Test("O2.81 conditions on candidates keep those for which they hold")
    func candidates() {
        let pool = [
            Pool.proxy("slow", latency: 900), Pool.proxy("fast", latency: 30), Pool.proxy("new"),
        ]
        let fast = rule("r", [RuleCondition(.proxyLatency, .lessThan, 100)])
        let outcome = RuleOutcome.evaluate([fast], candidates: pool, in: context)
        #expect(outcome.selectedProxy?.id == "fast")
        let none = rule("r", [RuleCondition(.proxyLatency, .lessThan, 10)])
        let unmatched = RuleOutcome.evaluate([none], candidates: pool, in: context)
        #expect(!unmatched.matched && unmatched.candidates.count == 3)
    }
}
