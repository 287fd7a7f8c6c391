internal import ArgumentParser
internal import RotationProjection

/// `annals proxies weights`: shows and changes how often proxies are drawn.
struct ProxiesWeights: Verb {
    static let configuration = CommandConfiguration(
        commandName: "weights", abstract: "Show and change how often proxies are drawn.",
        discussion: "Several changes are made at once, all or none. Without any it only shows.")

    @Argument(help: ArgumentHelp("A proxy's weight, 0 to 100.", valueName: "id=weight"))
    var weights: [Assignment] = []

    @Flag(help: "Scale the active ones to a sum of 100.")
    var normalize = false

    @Flag(help: "Give every active one the same, with a sum of 100.")
    var equalize = false

    @Option(help: "Only this group.")
    var group: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let acts = [!weights.isEmpty, normalize, equalize].count { $0 }
        guard acts <= 1 else {
            throw ValidationError("Weights, --normalize and --equalize exclude each other.")
        }
        guard weights.isEmpty || group == nil else {
            throw ValidationError("--group goes with --normalize, --equalize or alone.")
        }
        guard let wrong = weights.first(where: { Double($0.value) == nil }) else { return }
        throw ValidationError("'\(wrong.value)' is no number.")
    }

    func run(in session: Session) async throws -> ExitStatus {
        let isChange = !weights.isEmpty || normalize || equalize
        let rotation =
            try isChange ? session.openRotation() : session.openRotationForReading()
        let proxies = rotation.proxies
        let before = try shown(proxies)
        if normalize { try await proxies.normalizeWeights(group: group) }
        if equalize { try await proxies.equalizeWeights(group: group) }
        if !weights.isEmpty {
            for weight in weights { _ = try proxies.named(weight.name) }
            try await proxies.batchUpdateWeights(
                weights.map { ($0.name, Double($0.value) ?? 0) })
        }
        if isChange { try session.catchUpAll(rotation.store) }
        let after = try shown(proxies)
        let stats = try proxies.weightStats(group: group)
        var members: [JSON.Member] = [
            .init(
                name: "active",
                value: [
                    "count": JSON(stats.count), "total": JSON(stats.total), "min": JSON(stats.min),
                    "max": JSON(stats.max), "avg": JSON(stats.avg),
                ])
        ]
        let back = isChange ? way(from: after, to: before, session) : nil
        if isChange {
            members += changeMembers(
                back == nil ? "nothing to do" : "changed", back: back.map { [$0] } ?? [])
        }
        try ProxyReport(after).tell(
            isChange ? "annals.proxies-change/1" : "annals.proxies/1", members,
            on: session.console)
        try session.console.print(
            "\(DisplayText.count(stats.count, "active proxy", "active proxies")), weights "
                + "\(DisplayText.decimal(stats.min)) to \(DisplayText.decimal(stats.max)), together "
                + DisplayText.decimal(stats.total))
        if let back { try session.console.print("back: \(back)") }
        return .done
    }

    /// What the call is about: the named ones, or those of the group.
    private func shown(_ proxies: Proxies) throws -> [Proxy] {
        if !weights.isEmpty {
            return try weights.map { try proxies.named($0.name) }
        }
        return try group.map { try proxies.find(rotationGroup: $0) }
            ?? proxies.find(status: .active).sorted { $0.weight > $1.weight }
    }

    private func way(
        from after: [Proxy], to before: [Proxy], _ session: Session
    ) -> String? {
        let now = Dictionary(after.map { ($0.id, $0.weight) }) { first, _ in first }
        let words = before.filter { now[$0.id] != $0.weight }.map { "\($0.id)=\($0.weight)" }
        return words.isEmpty ? nil : session.command(["proxies", "weights"] + words)
    }
}
