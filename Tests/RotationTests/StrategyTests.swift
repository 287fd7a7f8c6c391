import EventModel
import RotationProjection
import Testing

@Suite("Strategies, as pure functions")
struct StrategyTests {
    private func choices(
        _ config: RuntimeConfig, _ pool: [Proxy], _ contexts: [SelectionContext],
        random: @escaping () -> Double = { 0 }
    ) -> [String] {
        var state = SelectionState()
        return contexts.map { context in
            ProxySelection(config, among: pool, for: context, random: random).choose(&state)
                .proxy?.id
                ?? "-"
        }
    }

    private func times(_ count: Int, step: Int64 = 1) -> [SelectionContext] {
        (0..<count).map {
            SelectionContext(
                time: Timestamp(milliseconds: Pool.time.milliseconds + Int64($0) * step))
        }
    }

    @Test(
        "O2.86 nobody to choose is nobody, with every strategy",
        arguments: RotationStrategy.allCases)
    func nobody(strategy: RotationStrategy) {
        #expect(choices(.with(strategy), [], times(1)) == ["-"])
        #expect(choices(.with(strategy), [Pool.proxy("one")], times(3)) == ["one", "one", "one"])
    }

    @Test("O2.86 round-robin, least-used, fastest, failure-aware")
    func simple() {
        #expect(
            choices(.with(.roundRobin), Pool.five, times(7)) == ["a", "b", "c", "d", "e", "a", "b"])
        #expect(
            choices(.with(.leastUsed), Pool.five, times(7)) == ["a", "b", "c", "d", "e", "a", "b"])
        let pool = [
            Pool.proxy("unknown"), Pool.proxy("zero", latency: 0),
            Pool.proxy("quick", latency: 5, failures: 3, rate: 90),
            Pool.proxy("slow", latency: 50, failures: 1, rate: 80),
        ]
        #expect(choices(.with(.fastest), pool, times(1)) == ["quick"])
        #expect(choices(.with(.failureAware), Array(pool.dropFirst(2)), times(1)) == ["slow"])
        #expect(choices(.with(.failureAware), pool, times(1)) == ["unknown"])
    }

    @Test("O2.86 100,000 weighted draws are as weighted, and a weight of 0 is never drawn")
    func weighted() {
        let pool = [
            Pool.proxy("a", weight: 1), Pool.proxy("b", weight: 2), Pool.proxy("c", weight: 0),
            Pool.proxy("d", weight: 5), Pool.proxy("e", weight: 9),
        ]
        var dice = SeededDice(state: 7)
        let drawn = choices(.with(.weighted, ["weights": ["e": 2]]), pool, times(100_000)) {
            Double.random(in: 0..<1, using: &dice)
        }
        let counts = Dictionary(grouping: drawn) { $0 }.mapValues(\.count)
        #expect(counts["c"] == nil)
        // Three degrees of freedom: 16.27 is passed by chance once in a thousand seeds.
        let expected = ["a": 10_000.0, "b": 20_000, "d": 50_000, "e": 20_000]
        let chi = expected.map { id, wanted in
            let difference = Double(counts[id, default: 0]) - wanted
            return difference * difference / wanted
        }.reduce(0, +)
        #expect(chi < 16.27)
        #expect(choices(.with(.weighted), [Pool.proxy("x", weight: 0)], times(1)) == ["-"])
    }

    @Test(
        "O2.86 100,000 geographic choices for countries drawn at random are even among all their proxies"
    )
    func geographicEven() {
        let sizes = ["US": 2, "DE": 3, "FR": 5]
        let pool = sizes.keys.sorted().flatMap { country in
            (0..<(sizes[country] ?? 0)).map { Pool.proxy("\(country)\($0)", country: country) }
        }
        var dice = SeededDice(state: 11)
        let contexts = (0..<100_000).map { _ in
            SelectionContext(
                country: sizes.keys.sorted().randomElement(using: &dice), time: Pool.time)
        }
        let drawn = choices(.with(.geographic), pool, contexts)
        let counts = Dictionary(grouping: drawn) { $0 }.mapValues(\.count)
        let chi = pool.map { proxy in
            let wanted = 100_000 / 3 / Double(sizes[proxy.country ?? ""] ?? 1)
            let difference = Double(counts[proxy.id, default: 0]) - wanted
            return difference * difference / wanted
        }.reduce(0, +)
        // Nine degrees of freedom: 27.88 is passed by chance once in a thousand seeds.
        #expect(chi < 27.88 && chi > 0)
        #expect(counts.values.reduce(0, +) == 100_000)
    }

    @Test("O2.86 geographic: country, then region, then any that is allowed, then any")
    func geographic() {
        let pool = [
            Pool.proxy("us1", country: "US"), Pool.proxy("de1", country: "DE", region: "Hesse"),
            Pool.proxy("de2", country: "DE", region: "Berlin"), Pool.proxy("cn", country: "CN"),
            Pool.proxy("none"),
        ]
        let config = RuntimeConfig.with(
            .geographic, ["geographicPreferences": ["DE"], "excludeCountries": ["CN"]])
        #expect(choices(config, pool, times(3)) == ["de1", "de2", "de1"])
        func one(_ settings: [String: JSONValue], _ country: String? = nil, _ pool: [Proxy])
            -> [String]
        {
            let context = SelectionContext(country: country, time: Pool.time)
            return choices(.with(.geographic, settings), pool, [context])
        }
        #expect(one(["geographicPreferences": ["DE"]], "US", pool) == ["us1"])
        #expect(
            one(["geographicPreferences": ["DE"], "preferredRegions": ["berlin"]], nil, pool) == [
                "de2"
            ])
        #expect(
            one(["geographicPreferences": ["DE"], "preferredRegions": ["Bavaria"]], nil, pool) == [
                "de1"
            ])
        #expect(
            one(
                ["geographicPreferences": ["FR"], "excludeCountries": ["US", "DE", "CN"]], nil, pool
            ) == ["none"])
        #expect(one(["excludeCountries": ["CN"]], nil, [pool[3]]) == ["cn"])
    }

    @Test("O2.86 a sticky domain keeps its proxy until it was idle too long")
    func sticky() {
        let config = RuntimeConfig.with(
            .stickySession, ["stickySessionTTL": 100, "stickyHashAlgorithm": "round-robin"])
        func at(_ time: Int64, _ url: String?) -> SelectionContext {
            SelectionContext(url: url, time: Timestamp(milliseconds: time))
        }
        let visits = [
            at(0, "https://Shop.example/a"), at(90, "http://shop.example:81/b"),
            at(180, "shop.example"),
            at(190, "other.example"), at(281, "shop.example"), at(282, nil),
        ]
        #expect(choices(config, Pool.five, visits) == ["a", "a", "a", "b", "c", "d"])
        let hashed = RuntimeConfig.with(.stickySession)
        let twice = choices(
            hashed, Pool.five, [at(0, "x.example"), at(1, "y.example"), at(9_999_999, "x.example")])
        #expect(twice[0] == twice[2])
    }

    @Test(
        "O2.86 a sticky proxy that is gone is replaced only where that is allowed; *.x speaks for x"
    )
    func stickyGone() {
        let context = SelectionContext(domain: "mail.example", time: Pool.time)
        for (allowed, expected) in [(false, nil), (true, "a")] {
            var state = SelectionState()
            state.sticky["*.example"] = .init(proxyID: "gone", lastUsed: Pool.time)
            let config = RuntimeConfig.with(
                .stickySession,
                ["stickyFallbackOnFailure": .bool(allowed), "stickyHashAlgorithm": "round-robin"])
            let chosen = ProxySelection(config, among: Pool.five, for: context) { 0 }.choose(&state)
            #expect(chosen.proxy?.id == expected)
            #expect(state.sticky["*.example"]?.proxyID == expected ?? "gone")
        }
    }

    @Test(
        "O2.86 time-based: due, forced or failed; another proxy; inside its windows; history is cut"
    )
    func timeBased() {
        let config = RuntimeConfig.with(.timeBased, common: ["interval": 1000])
        #expect(choices(config, Pool.five, times(6, step: 400)) == ["a", "a", "a", "c", "c", "c"])
        var state = SelectionState()
        func choose(_ config: RuntimeConfig, _ context: SelectionContext) -> String? {
            ProxySelection(config, among: Pool.five, for: context) { 0.5 }.choose(&state).proxy?.id
        }
        let now = Pool.time
        let first = choose(config, SelectionContext(time: now))
        #expect(choose(config, SelectionContext(time: now, hasFailed: true)) == first)
        let onFailure = RuntimeConfig.with(
            .timeBased, common: ["interval": 1000], ["rotateOnFailure": true])
        let second = choose(onFailure, SelectionContext(time: now, hasFailed: true))
        #expect(second != first)
        #expect(choose(config, SelectionContext(time: now, isForced: true)) != second)
        // Midnight UTC of a Thursday: the night from Wednesday on is open, the one from Thursday not yet.
        for (days, isOpen) in [([3], true), ([4], false)] as [([JSONValue], Bool)] {
            let windows: JSONValue = [["startHour": 22, "endHour": 6, "daysOfWeek": .array(days)]]
            let night = RuntimeConfig.with(.timeBased, ["scheduleWindows": windows])
            let before = state.current
            let after = choose(night, SelectionContext(time: now, isForced: true))
            #expect((after != before) == isOpen)
        }
        _ = choices(config, Pool.five, times(5))
        for step in 0..<1_200 {
            let time = Timestamp(milliseconds: now.milliseconds + Int64(step) * 10_000)
            _ = choose(config, SelectionContext(time: time))
        }
        #expect(state.history.count <= 1_000 && state.history.count >= 500)
    }

    @Test("O2.86 an interval varies by its jitter, within its bounds")
    func jitter() {
        let config = RuntimeConfig.with(
            .timeBased, common: ["interval": 1000],
            ["jitterPercent": 50, "minInterval": 800, "maxInterval": 1200])
        for (chance, expected) in [(0.0, 800), (0.5, 1000), (0.55, 1050), (0.999, 1200)]
            as [(Double, Int64)]
        {
            var state = SelectionState()
            _ = ProxySelection(config, among: Pool.five, for: SelectionContext(time: Pool.time)) {
                chance
            }.choose(&state)
            #expect(state.nextInterval == expected)
        }
    }

    @Test(
        "O2.85 O2.86 custom asks the rules and falls back to taking turns",
        arguments: [RotationStrategy.custom, .customRules])
    func custom(strategy: RotationStrategy) {
        let rule = RotationRule(
            id: "r", name: "r", conditions: [RuleCondition(.domain, .equals, "bank.example")],
            actions: [RuleAction(.useProxy, ["proxyId": "d"])], createdAt: Pool.time,
            updatedAt: Pool.time)
        var state = SelectionState()
        let chosen = ["x.example", "bank.example", "y.example"].map { domain in
            ProxySelection(
                .with(strategy), among: Pool.five,
                for: SelectionContext(domain: domain, time: Pool.time)
            ) { 0 }
            .choose(&state, rules: [rule]).proxy?.id
        }
        #expect(chosen == ["a", "d", "b"])
        #expect(state.uses == ["a": 1, "d": 1, "b": 1])
    }
}
