/// Chooses a proxy; the same settings, state, candidates, context and chance give the same choice.
public struct ProxySelection {
    let config: RuntimeConfig
    let candidates: [Proxy]
    let context: SelectionContext
    let random: () -> Double

    /// What was chosen, and why.
    public struct Choice {
        /// The proxy; `nil` when there is nothing to choose.
        public var proxy: Proxy?
        /// The proxy in use, or that of the domain, stays: no turn was taken.
        public var isKept = false
        /// The rules that matched, in order.
        public var rules: [RotationRule] = []
    }

    /// Prepares a choice.
    ///
    /// - Parameters:
    ///   - candidates: The proxies to choose among, in a fixed order.
    ///   - random: Chance, from 0 up to but not including 1.
    public init(
        _ config: RuntimeConfig, among candidates: [Proxy], for context: SelectionContext,
        random: @escaping () -> Double
    ) {
        self.config = config
        self.candidates = candidates
        self.context = context
        self.random = random
    }

    /// Chooses, and counts the choice; `nil` when there is nothing to choose.
    ///
    /// - Parameter rules: What `custom` asks; other strategies have none.
    public func choose(_ state: inout SelectionState, rules: [RotationRule] = []) -> Choice {
        guard !candidates.isEmpty else { return Choice() }
        let choice =
            switch config.strategy {
            case .roundRobin: Choice(proxy: roundRobin(candidates, &state.turns))
            case .random: Choice(proxy: evenly(candidates))
            case .leastUsed: Choice(proxy: leastUsed(state))
            case .fastest: Choice(proxy: fastest())
            case .failureAware: Choice(proxy: failureAware())
            case .weighted: Choice(proxy: weighted())
            case .geographic: Choice(proxy: geographic(&state))
            case .stickySession: sticky(&state)
            case .timeBased: timeBased(&state)
            case .custom, .customRules: custom(&state, rules)
            }
        if let chosen = choice.proxy {
            state.uses[chosen.id, default: 0] += 1
            state.current = chosen.id
        }
        return choice
    }

    func roundRobin(_ proxies: [Proxy], _ turns: inout Int) -> Proxy? {
        guard !proxies.isEmpty else { return nil }
        defer { turns &+= 1 }
        return proxies[Int(UInt(bitPattern: turns) % UInt(proxies.count))]
    }

    func evenly(_ proxies: [Proxy]) -> Proxy? {
        guard !proxies.isEmpty else { return nil }
        return proxies[min(proxies.count - 1, Int(random() * Double(proxies.count)))]
    }

    /// The first of those that were chosen least often.
    private func leastUsed(_ state: SelectionState) -> Proxy? {
        candidates.min { state.uses[$0.id, default: 0] < state.uses[$1.id, default: 0] }
    }

    /// A latency that is not known, or 0, counts as endless.
    private func fastest() -> Proxy? {
        func latency(_ proxy: Proxy) -> Int {
            guard let latency = proxy.latency, latency > 0 else { return .max }
            return latency
        }
        return candidates.min { latency($0) < latency($1) }
    }

    /// The first of those with the best rate, each failure costing ten points.
    private func failureAware() -> Proxy? {
        func score(_ proxy: Proxy) -> Double { proxy.successRate - 10 * Double(proxy.failureCount) }
        return candidates.reduce(nil) { best, proxy in
            guard let best, score(best) >= score(proxy) else { return proxy }
            return best
        }
    }

    /// In proportion to weight: the configuration's, else the proxy's own; 0 is never drawn.
    private func weighted() -> Proxy? {
        let weights = candidates.map { max(0, config.weights[$0.id] ?? $0.weight) }
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        var left = random() * total
        for (proxy, weight) in zip(candidates, weights) where weight > 0 {
            left -= weight
            if left < 0 { return proxy }
        }
        // Rounding may leave a last crumb of the sum.
        return zip(candidates, weights).reduce(nil) { $1.1 > 0 ? $1.0 : $0 }
    }

    private func custom(_ state: inout SelectionState, _ rules: [RotationRule]) -> Choice {
        let outcome = RuleOutcome.evaluate(rules, candidates: candidates, in: context)
        if outcome.keepsCurrent, !outcome.rotatesNow,
            let current = candidates.first(where: { $0.id == state.current })
        {
            return Choice(proxy: current, isKept: true, rules: outcome.rules)
        }
        let proxy =
            outcome.matched ? outcome.selectedProxy : roundRobin(candidates, &state.turns)
        return Choice(proxy: proxy, rules: outcome.rules)
    }
}
