/// What the rules make of a request.
public struct RuleOutcome: Sendable, Equatable {
    /// The rules that matched, in order.
    public var rules: [RotationRule] = []
    /// What they did, in order.
    public var actions: [RuleAction] = []
    /// The candidates that are left.
    public var candidates: [Proxy]
    /// The proxy that a rule named; otherwise the first candidate, if a rule matched.
    public var selectedProxy: Proxy?
    /// A rule asks to rotate now.
    public var rotatesNow = false
    /// A rule asks to keep the proxy in use.
    public var keepsCurrent = false

    /// Whether a rule matched.
    public var matched: Bool { !rules.isEmpty }

    /// Asks the enabled rules, the highest priority first, older ones first among equals.
    ///
    /// The first match ends it, unless it says otherwise; then the next rules see what it left.
    public static func evaluate(
        _ rules: [RotationRule], candidates: [Proxy], in context: SelectionContext
    ) -> RuleOutcome {
        var outcome = RuleOutcome(candidates: candidates)
        let ordered = rules.filter(\.enabled).sorted {
            ($1.priority, $0.createdAt, $0.id) < ($0.priority, $1.createdAt, $1.id)
        }
        var named: Proxy?
        for rule in ordered {
            guard let left = rule.candidates(outcome.candidates, in: context) else { continue }
            outcome.rules.append(rule)
            outcome.candidates = left
            for action in rule.actions { outcome.apply(action, &named) }
            if rule.stopOnMatch { break }
        }
        guard outcome.matched else { return outcome }
        let isLeft = outcome.candidates.contains { $0.id == named?.id }
        outcome.selectedProxy = isLeft ? named : outcome.candidates.first
        return outcome
    }

    private mutating func apply(_ action: RuleAction, _ named: inout Proxy?) {
        actions.append(action)
        switch action.action {
        case .useProxy:
            let id = action.params["proxyId"]?.string
            named = named ?? candidates.first { $0.id == id }
        case .useProxyGroup: narrow { $0.rotationGroup == action.group }
        case .useCountry: narrow { Self.isCountry($0, action) }
        case .excludeProxy:
            let id = action.params["proxyId"]?.string
            candidates.removeAll { $0.id == id }
        case .excludeCountry: candidates.removeAll { Self.isCountry($0, action) }
        case .rotateImmediately: rotatesNow = true
        case .skipRotation: keepsCurrent = true
        }
    }

    /// Keeps those that fit; where none does, all stay.
    private mutating func narrow(_ fits: (Proxy) -> Bool) {
        let kept = candidates.filter(fits)
        if !kept.isEmpty { candidates = kept }
    }

    private static func isCountry(_ proxy: Proxy, _ action: RuleAction) -> Bool {
        guard let country = action.params["country"]?.string else { return false }
        return proxy.country?.lowercased() == country.lowercased()
    }
}
