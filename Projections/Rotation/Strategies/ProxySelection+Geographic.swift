extension ProxySelection {
    /// By place: the wanted country and region, then the country alone, then any that is not excluded,
    /// then any at all; in turn within a country.
    func geographic(_ state: inout SelectionState) -> Proxy? {
        let excluded = Set(config.excludeCountries.map { $0.lowercased() })
        let wanted = (context.country ?? config.geographicPreferences.first)?.lowercased()
        let regions = Set(config.preferredRegions.map { $0.lowercased() })
        func country(_ proxy: Proxy) -> String? { proxy.country?.lowercased() }

        let allowed = candidates.filter { !(country($0).map(excluded.contains) ?? false) }
        let placed = allowed.filter {
            country($0) != nil && (wanted == nil || country($0) == wanted)
        }
        let inRegion = placed.filter {
            regions.isEmpty || regions.contains(region($0)?.lowercased() ?? "")
        }
        let choice = [inRegion, placed, allowed, candidates].first { !$0.isEmpty } ?? []
        return roundRobin(choice, &state.turnsByCountry[wanted ?? "", default: 0])
    }

    private func region(_ proxy: Proxy) -> String? {
        proxy.geolocation?.object?["region"]?.string ?? proxy.region
    }
}
