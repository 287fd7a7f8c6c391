internal import EventModel

extension ProxySelection {
    /// The proxy that the domain has, unless it was idle too long; else a new one, which it keeps.
    func sticky(_ state: inout SelectionState) -> Choice {
        guard let domain = context.domain, !domain.isEmpty else {
            return Choice(proxy: roundRobin(candidates, &state.turns))
        }
        // The most exact pattern that has an entry speaks for the domain.
        let key = state.sticky[domain] != nil ? domain : pattern(for: domain, in: state) ?? domain
        if let entry = state.sticky[key],
            context.time.milliseconds &- entry.lastUsed.milliseconds <= config.stickySessionTTL
        {
            if let proxy = candidates.first(where: { $0.id == entry.proxyID }) {
                state.sticky[key]?.lastUsed = context.time
                return Choice(proxy: proxy, isKept: true)
            }
            guard config.stickyFallbackOnFailure else { return Choice() }
        }
        guard let proxy = first(for: domain, &state) else { return Choice() }
        state.sticky[key] = .init(proxyID: proxy.id, lastUsed: context.time)
        return Choice(proxy: proxy)
    }

    private func pattern(for domain: String, in state: SelectionState) -> String? {
        state.sticky.keys
            .filter { DomainPattern($0).isWildcard && DomainPattern($0).matches(domain) }
            .max { ($0.utf8.count, $1) < ($1.utf8.count, $0) }
    }

    private func first(for domain: String, _ state: inout SelectionState) -> Proxy? {
        switch config.stickyHashAlgorithm {
        case .consistent: candidates[Int(djb2(domain) % UInt32(candidates.count))]
        case .random: evenly(candidates)
        case .roundRobin: roundRobin(candidates, &state.turns)
        }
    }

    /// Bernstein's hash over the UTF-8 bytes, 32 bits wide.
    private func djb2(_ text: String) -> UInt32 {
        text.utf8.reduce(5_381) { $0 &* 33 &+ UInt32($1) }
    }
}
