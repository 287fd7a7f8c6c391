internal import EventModel

extension RotationStore {
    /// Chooses the proxy to use now, and records that and why it was chosen, in one append.
    ///
    /// The configuration is the one that is named, else the active and enabled one of the group; without
    /// any, all active proxies take turns. What a choice depends on (whose turn it is, how often each
    /// was chosen, the proxy in use, sticky mappings) is read from the projection and appended with its
    /// outcome, so that programs that rotate at the same time share it, and a replay never decides
    /// again. A choice that another program overtook is made anew.
    ///
    /// Nothing is appended when the proxy in use stays, apart from the use of a sticky mapping, nor when
    /// there is nothing to choose.
    /// - Throws: `notFound` for a configuration that is named and not there; `invalid`; `store` with a
    ///   conflict when others were faster a hundred times.
    public func rotate(
        _ request: RotationRequest = RotationRequest()
    ) async throws(RotationError) -> RotationOutcome {
        await turnstile.enter()
        do throws(RotationError) {
            let outcome = try await decide(request)
            await turnstile.leave()
            return outcome
        } catch {
            await turnstile.leave()
            throw error
        }
    }

    /// How often a choice is made anew before it is given up.
    private static let triesMax = 100

    private func decide(_ request: RotationRequest) async throws(RotationError) -> RotationOutcome {
        var tries = 1
        while true {
            let context = try request.context(at: now)
            let view = try read { try RotationView($0, request, context) }
            let decision = RotationDecision(view, request, context, options)
            do throws(RotationError) {
                try await append(decision.events, condition: decision.condition)
                return decision.outcome
            } catch {
                guard error.isOvertaken, tries < Self.triesMax else { throw error }
                tries += 1
            }
        }
    }
}

extension RotationError {
    /// Another program changed what the choice was made from; a proxy that is gone is such a change.
    fileprivate var isOvertaken: Bool {
        switch reason {
        case .missingReference: true
        case .store(let error): error.kind == .conflict
        default: false
        }
    }
}

/// Lets one at a time through, in the order in which they came.
actor Turnstile {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
