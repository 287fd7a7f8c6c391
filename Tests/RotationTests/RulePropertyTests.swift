import EventModel
import RotationProjection
import Testing

/// What the words of the specification say, as plainly as they can be written.
private struct ReferenceRules {
    var rules: [String] = []
    var candidates: [Proxy]
    var selected: String?
    var rotates = false
    var keeps = false

    init(_ all: [RotationRule], _ pool: [Proxy], _ context: SelectionContext) {
        candidates = pool
        var wanted: String?
        let byPlace = all.filter(\.enabled).sorted { $0.id < $1.id }
        for priority in Set(byPlace.map(\.priority)).sorted(by: >) {
            for rule in byPlace where rule.priority == priority {
                let fitting = candidates.filter { Self.fits(rule, context, $0) }
                let perProxy = rule.conditions.contains {
                    [.proxyCountry, .proxyLatency, .proxySuccessRate, .customTag].contains($0.field)
                }
                // Without candidates a rule about the request alone still matches.
                let matches =
                    perProxy
                    ? !fitting.isEmpty : Self.fits(rule, context, Pool.proxy("anybody"))
                guard matches else { continue }
                rules.append(rule.id)
                if perProxy { candidates = fitting }
                for action in rule.actions { act(action, &wanted) }
                if rule.stopOnMatch {
                    select(wanted)
                    return
                }
            }
        }
        if !rules.isEmpty { select(wanted) }
    }

    private mutating func select(_ wanted: String?) {
        selected = candidates.contains { $0.id == wanted } ? wanted : candidates.first?.id
    }

    private mutating func act(_ action: RuleAction, _ wanted: inout String?) {
        func text(_ name: String) -> String { action.params[name]?.string ?? "" }
        func keepOnly(_ fits: (Proxy) -> Bool) {
            if candidates.contains(where: fits) { candidates = candidates.filter(fits) }
        }
        switch action.action {
        case .useProxy:
            if wanted == nil, candidates.contains(where: { $0.id == text("proxyId") }) {
                wanted = text("proxyId")
            }
        case .useProxyGroup: keepOnly { $0.rotationGroup == text("group") }
        case .useCountry: keepOnly { $0.country == text("country") }
        case .excludeProxy: candidates = candidates.filter { $0.id != text("proxyId") }
        case .excludeCountry: candidates = candidates.filter { $0.country != text("country") }
        case .rotateImmediately: rotates = true
        case .skipRotation: keeps = true
        }
    }

    private static func fits(
        _ rule: RotationRule, _ context: SelectionContext, _ proxy: Proxy
    ) -> Bool {
        let results = rule.conditions.map { holds($0, context, proxy) }
        return rule.conditionLogic == .and ? !results.contains(false) : results.contains(true)
    }

    private static func holds(
        _ condition: RuleCondition, _ context: SelectionContext, _ proxy: Proxy
    ) -> Bool {
        let cased = condition.caseSensitive == true
        func plain(_ text: String) -> String { cased ? text : text.lowercased() }
        func words(_ value: JSONValue) -> String {
            value.string ?? value.integer.map(String.init) ?? ""
        }
        func number(_ value: JSONValue) -> Double? {
            value.double ?? value.string.flatMap(Double.init)
        }
        func same(_ text: String, _ value: JSONValue) -> Bool {
            if let left = Double(text), let right = number(value) { return left == right }
            return plain(text) == plain(words(value))
        }
        let wanted = condition.value
        let told: [String] =
            switch condition.field {
            case .domain: [context.domain ?? ""]
            case .url: [context.url ?? ""]
            case .path: [context.path ?? ""]
            case .timeHour: ["\(context.time.milliseconds / 3_600_000 % 24)"]
            case .timeDay: ["\((context.time.milliseconds / 86_400_000 + 4) % 7)"]
            case .proxyCountry: [proxy.country ?? ""]
            case .proxyLatency: [proxy.latency.map { "\($0)" } ?? ""]
            case .proxySuccessRate: ["\(proxy.successRate)"]
            case .customTag: proxy.tags
            }
        func any(_ test: (String) -> Bool) -> Bool { told.contains(where: test) }
        let part = plain(words(wanted))
        func listed(_ text: String) -> Bool { (wanted.array ?? []).contains { same(text, $0) } }
        switch condition.operator {
        case .equals: return any { same($0, wanted) }
        case .notEquals: return !any { same($0, wanted) }
        case .contains: return any { part.isEmpty || plain($0).firstRange(of: part) != nil }
        case .notContains: return !any { part.isEmpty || plain($0).firstRange(of: part) != nil }
        case .startsWith: return any { plain($0).prefix(part.count) == part }
        case .endsWith: return any { plain($0).suffix(part.count) == part }
        // Only patterns of letters are drawn, and one that is none.
        case .matchesRegex:
            guard case .string(let pattern) = wanted, pattern != "((" else { return false }
            return any { plain($0).firstRange(of: plain(pattern)) != nil || pattern.isEmpty }
        case .greaterThan:
            return any { text in Double(text).map { $0 > number(wanted) ?? .infinity } ?? false }
        case .lessThan:
            return any { text in Double(text).map { $0 < number(wanted) ?? -.infinity } ?? false }
        case .inList: return any(listed)
        case .notInList: return !any(listed)
        }
    }
}

@Suite("Rules against what the specification says")
struct RulePropertyTests {
    private static let words = [
        "", "a", "shop", "SHOP.test", "de", "DE", "fast", "/a", "12", "90", "((",
    ]

    private func condition(_ dice: inout SeededDice) -> RuleCondition {
        func value(_ dice: inout SeededDice) -> JSONValue {
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: .integer(Int64(Int.random(in: 0...24, using: &dice)))
            case 1: .integer(Int64(Int.random(in: 0...3, using: &dice) * 30))
            default: .string(Self.words.randomElement(using: &dice) ?? "")
            }
        }
        let test = RuleCondition.Operator.allCases.randomElement(using: &dice) ?? .equals
        var wanted = value(&dice)
        if [.inList, .notInList].contains(test), Int.random(in: 0..<5, using: &dice) > 0 {
            wanted = .array((0..<Int.random(in: 0...3, using: &dice)).map { _ in value(&dice) })
        }
        return RuleCondition(
            RuleCondition.Field.allCases.randomElement(using: &dice) ?? .url, test, wanted,
            caseSensitive: [nil, true, false].randomElement(using: &dice) ?? nil)
    }

    private func action(_ dice: inout SeededDice) -> RuleAction {
        let ids = ["p0", "p1", "p2", "p3", "gone"]
        let id = JSONValue.string(ids.randomElement(using: &dice) ?? "p0")
        let country = JSONValue.string(["DE", "US", "FR"].randomElement(using: &dice) ?? "DE")
        let group = JSONValue.string(["g", "h", "none"].randomElement(using: &dice) ?? "g")
        return RuleAction(
            RuleAction.Kind.allCases.randomElement(using: &dice) ?? .useProxy,
            ["proxyId": id, "country": country, "group": group])
    }

    private func rule(_ number: Int, _ dice: inout SeededDice) -> RotationRule {
        RotationRule(
            id: "r\(number)", name: "r", priority: Int.random(in: 0...3, using: &dice),
            conditions: (0..<Int.random(in: 0...3, using: &dice)).map { _ in condition(&dice) },
            conditionLogic: Bool.random(using: &dice) ? .and : .or,
            actions: (0..<Int.random(in: 0...3, using: &dice)).map { _ in action(&dice) },
            stopOnMatch: Int.random(in: 0..<3, using: &dice) == 0,
            enabled: Int.random(in: 0..<6, using: &dice) > 0, createdAt: Pool.time,
            updatedAt: Pool.time)
    }

    @Test(
        "O2.81 O2.82 O2.83 O2.84 O2.85 10,000 random sets of rules do what the specification says",
        arguments: [1, 2, 3, 4] as [UInt64])
    func rules(seed: UInt64) {
        var dice = SeededDice(state: seed)
        var (matched, several, narrowed) = (0, 0, 0)
        for round in 0..<2_500 {
            let pool = (0..<Int.random(in: 0...4, using: &dice)).map { number in
                Pool.proxy(
                    "p\(number)", country: [nil, "DE", "US"].randomElement(using: &dice) ?? nil,
                    latency: [nil, 0, 30, 90].randomElement(using: &dice) ?? nil,
                    rate: [100, 90, 12.5].randomElement(using: &dice) ?? 100,
                    group: [nil, "g", "h"].randomElement(using: &dice) ?? nil,
                    tags: [[], ["fast"], ["fast", "DE"]].randomElement(using: &dice) ?? [])
            }
            let context = SelectionContext(
                url: [nil, "http://shop.test/a", "a", "https://de/12"].randomElement(using: &dice)
                    ?? nil,
                time: Timestamp(
                    milliseconds: Pool.time.milliseconds
                        + Int64.random(in: 0..<604_800_000, using: &dice)))
            let rules = (0..<Int.random(in: 0...5, using: &dice)).map { rule($0, &dice) }
            let outcome = RuleOutcome.evaluate(
                rules.shuffled(using: &dice), candidates: pool, in: context)
            let expected = ReferenceRules(rules, pool, context)
            let isEqual =
                outcome.rules.map(\.id) == expected.rules
                && outcome.candidates == expected.candidates
                && outcome.selectedProxy?.id == expected.selected
                && outcome.rotatesNow == expected.rotates
                && outcome.keepsCurrent == expected.keeps
            #expect(isEqual, "seed \(seed), round \(round)")
            matched += outcome.matched ? 1 : 0
            several += outcome.rules.count > 1 ? 1 : 0
            narrowed += outcome.candidates.count < pool.count ? 1 : 0
        }
        // The sets are not all alike.
        #expect(matched > 500 && matched < 2_400 && several > 200 && narrowed > 200)
    }
}
