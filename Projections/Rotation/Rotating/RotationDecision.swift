internal import EventModel

/// A choice that was made, as events to append.
struct RotationDecision {
    let outcome: RotationOutcome
    let events: [any RotationEvent]
    /// No other choice by the configuration since the snapshot.
    let condition: AppendCondition

    /// Chooses; the same view, request, time and chance give the same choice.
    init(
        _ view: RotationView, _ request: RotationRequest, _ context: SelectionContext,
        _ options: RotationStore.Options
    ) {
        var state = view.state
        let choice = ProxySelection(
            view.config, among: view.candidates, for: context, random: options.random
        ).choose(&state, rules: view.rules)
        let previous = view.state.current
        let ruleIDs = choice.rules.map(\.id)
        var events: [any RotationEvent] = []
        var rotationID: String?
        var reason: RotationReason?
        if let proxy = choice.proxy, !choice.isKept {
            let id = options.makeID()
            let why = request.reason ?? Self.reason(view, request, choice)
            var metadata = request.metadata
            if !ruleIDs.isEmpty { metadata["rules"] = .array(ruleIDs.map(JSONValue.string)) }
            events = [
                ProxyRotationOccurred(
                    rotationID: id, configID: view.configID, previousProxyID: previous,
                    newProxyID: proxy.id, reason: why, domain: context.domain, url: request.url,
                    tabID: request.tabID, sessionID: request.sessionID,
                    metadata: metadata.isEmpty ? nil : metadata,
                    turnOf: Self.turn(from: view.state, to: state),
                    nextIntervalMs: view.config.strategy == .timeBased ? state.nextInterval : nil,
                    at: context.time),
                ProxyUsageRotationCounted(proxyID: proxy.id, reason: why, at: context.time),
            ]
            rotationID = id
            reason = why
        }
        if let proxy = choice.proxy, view.config.strategy == .stickySession {
            events += Self.mapping(view, context, to: proxy, options)
        }
        self.events = events
        outcome = RotationOutcome(
            proxy: choice.proxy, previousProxyID: previous, configID: view.configID,
            rotationID: rotationID, reason: reason, ruleIDs: ruleIDs)
        condition =
            rotationID == nil
            ? .none
            : AppendCondition(
                failIfEventsMatch: EventQuery(
                    types: [ProxyRotationOccurred.type],
                    tags: [ProxyRotationOccurred.tag(configID: view.configID)]),
                after: view.position)
    }

    /// The round whose turn was taken: empty for that of all candidates, else a country's.
    private static func turn(from old: SelectionState, to new: SelectionState) -> String? {
        if new.turns != old.turns { return "" }
        return new.turnsByCountry.first { $0.value != old.turnsByCountry[$0.key] }?.key
    }

    private static func reason(
        _ view: RotationView, _ request: RotationRequest, _ choice: ProxySelection.Choice
    ) -> RotationReason {
        if request.hasFailed { return .failure }
        if request.isForced { return .manual }
        if view.state.current == nil { return .startup }
        if !choice.rules.isEmpty { return .ruleTriggered }
        return switch view.config.strategy {
        case .timeBased: .scheduled
        case .geographic: .geographic
        case .stickySession: view.ownMappingID == nil ? .loadBalance : .ttlExpired
        default: .loadBalance
        }
    }

    /// The use of a mapping, its move to another proxy, or a new one.
    private static func mapping(
        _ view: RotationView, _ context: SelectionContext, to proxy: Proxy,
        _ options: RotationStore.Options
    ) -> [any RotationEvent] {
        guard let domain = context.domain, !domain.isEmpty else { return [] }
        let now = context.time
        if let old = view.mapping {
            let used = StickySessionUsed(mappingID: old.id, at: now)
            guard old.proxyID != proxy.id else { return [used] }
            return [
                StickySessionProxyReassigned(mappingID: old.id, proxyID: proxy.id, at: now), used,
            ]
        }
        let ttl = view.config.stickySessionTTL
        return [
            StickySessionMapped(
                mappingID: view.ownMappingID ?? options.makeID(), domain: domain,
                isWildcard: false, proxyID: proxy.id, configID: view.configID, ttlMs: Int(ttl),
                expiryMode: .sliding, expiresAt: now.advanced(by: ttl), requestCount: 1, at: now)
        ]
    }
}
