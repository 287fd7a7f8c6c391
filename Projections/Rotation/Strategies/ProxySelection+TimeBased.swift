internal import EventModel

extension ProxySelection {
    /// Another proxy when its time has come, when it is asked for, or when the one in use failed; only
    /// inside the windows of the schedule.
    func timeBased(_ state: inout SelectionState) -> Choice {
        let current = candidates.first { $0.id == state.current }
        guard let current else { return rotate(to: candidates, &state) }
        let isFailure = context.hasFailed && config.rotateOnFailure
        guard context.isForced || isFailure || isDue(state) else {
            return Choice(proxy: current, isKept: true)
        }
        let windows = config.scheduleWindows
        let isOpen =
            windows.isEmpty
            || windows.contains { $0.contains(hour: context.hour, weekday: context.weekday) }
        guard isOpen else { return Choice(proxy: current, isKept: true) }
        let others = candidates.filter { $0.id != current.id }
        return rotate(to: others.isEmpty ? candidates : others, &state)
    }

    private func isDue(_ state: SelectionState) -> Bool {
        guard let last = state.history.last else { return true }
        let elapsed = context.time.milliseconds &- last.at.milliseconds
        return elapsed >= state.nextInterval ?? config.interval
    }

    private func rotate(to proxies: [Proxy], _ state: inout SelectionState) -> Choice {
        guard let proxy = roundRobin(proxies, &state.turns) else { return Choice() }
        state.note(.init(proxyID: proxy.id, at: context.time))
        state.nextInterval = nextInterval()
        return Choice(proxy: proxy)
    }

    /// The interval, longer or shorter by chance, within its bounds.
    private func nextInterval() -> Int64 {
        let base = Double(config.interval)
        let jitter = base * config.jitterPercent / 100 * (random() * 2 - 1)
        let low = Double(config.minInterval ?? 0)
        let high = Double(config.maxInterval ?? .max)
        // A bound that JSON can say fits into a Double's whole numbers; a greater one is no bound.
        return Int64(min(max((base + jitter).rounded(), low), min(high, 9e15)))
    }
}
