internal import ArgumentParser
internal import RotationProjection

/// `annals proxies groups`: shows the groups, and puts proxies into them.
struct ProxiesGroups: Verb {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Show the groups, and put proxies into them.",
        discussion: "Several changes are made at once, all or none. Without any it only shows.")

    @Argument(help: ArgumentHelp("A proxy's group; an empty one for none.", valueName: "id=group"))
    var groups: [Assignment] = []

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard !groups.isEmpty else { return try list(session) }
        let rotation = try session.openRotation()
        let proxies = rotation.proxies
        let before = try groups.map { try proxies.named($0.name) }
        try await proxies.batchUpdateRotationGroups(
            groups.map { ($0.name, $0.value.isEmpty ? nil : $0.value) })
        try session.catchUpAll(rotation.store)
        let after = try groups.map { try proxies.named($0.name) }
        let words = zip(before, after).filter { $0.rotationGroup != $1.rotationGroup }
            .map { "\($0.0.id)=\($0.0.rotationGroup ?? "")" }
        let back = words.isEmpty ? [] : [session.command(["proxies", "groups"] + words)]
        try ProxyReport(after).tell(
            "annals.proxies-change/1",
            changeMembers(back.isEmpty ? "nothing to do" : "changed", back: back),
            on: session.console)
        for back in back { try session.console.print("back: \(back)") }
        return .done
    }

    private func list(_ session: Session) throws -> ExitStatus {
        let counts = try session.openRotationForReading().proxies.countByRotationGroup()
        var table = Table([.left("GROUP"), .right("ACTIVE")])
        var documents: [JSON] = []
        for (group, count) in counts.sorted(by: { $0.key < $1.key }) {
            let name = group == Proxies.ungrouped ? nil : group
            table.add([name ?? "(none)", DisplayText.grouped(count)])
            documents.append(["group": JSON(name), "active": JSON(count)])
        }
        try session.console.emit([
            "schema": "annals.proxy-groups/1", "groups": .array(documents),
        ])
        try session.console.print(table)
        return .done
    }
}
