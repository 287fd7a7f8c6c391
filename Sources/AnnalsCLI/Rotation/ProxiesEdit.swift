internal import ArgumentParser
internal import RotationProjection

/// `annals proxies edit`: changes a proxy.
struct ProxiesEdit: Verb {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change a proxy; what is not named stays.")

    @Argument(help: "The proxy's id.")
    var id: String

    @Option(help: ArgumentHelp("Where it is reached.", valueName: "protocol://host:port"))
    var address: String?

    @Option(help: "Its name.")
    var name: String?

    @Option(help: "How it stands: active, failed, checking or disabled.")
    var status: ProxyStatus?

    @Option(help: "Its region; an empty one for none.")
    var region: String?

    @Option(name: .customLong("tag"), help: "A word to find it by, instead of those it has.")
    var tags: [String] = []

    @Flag(help: "No words to find it by.")
    var noTags = false

    @Option(help: "The code of the country that it is in; an empty one for no place.")
    var country: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let address { _ = try ProxyAddress(address) }
        guard !noTags || tags.isEmpty else {
            throw ValidationError("--tag and --no-tags exclude each other.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        let before = try rotation.proxies.named(id)
        let after = try await rotation.proxies.update(id: id, try change())
        try session.catchUpAll(rotation.store)
        let isChanged = before != after
        let back = isChanged ? Self.way(from: after, to: before, session) : nil
        try ProxyReport([after]).tell(
            "annals.proxies-change/1",
            changeMembers(isChanged ? "changed" : "nothing to do", back: back.map { [$0] } ?? []),
            on: session.console)
        if let back { try session.console.print("back: \(back)") }
        return .done
    }

    private func change() throws -> ProxyChange {
        let address = try address.map { try ProxyAddress($0) }
        var change = ProxyChange()
        change.name = name
        change.host = address?.host
        change.port = address?.port
        change.protocol = address?.protocol
        change.status = status
        change.region = region.map { $0.isEmpty ? nil : $0 }
        change.tags = noTags ? [] : tags.isEmpty ? nil : tags
        change.geolocation = country.map { $0.isEmpty ? nil : Geolocation(country: $0) }
        return change
    }

    /// The command that brings back what a change replaced.
    private static func way(
        from after: Proxy, to before: Proxy, _ session: Session
    ) -> String {
        var words = ["proxies", "edit", after.id]
        if ProxyReport.address(after) != ProxyReport.address(before) {
            words += ["--address", ProxyReport.address(before)]
        }
        if after.name != before.name { words += ["--name", before.name] }
        if after.status != before.status { words += ["--status", before.status.rawValue] }
        if after.region != before.region { words += ["--region", before.region ?? ""] }
        if after.tags != before.tags {
            words += before.tags.isEmpty ? ["--no-tags"] : before.tags.flatMap { ["--tag", $0] }
        }
        if after.geolocation != before.geolocation { words += ["--country", before.country ?? ""] }
        return session.command(words)
    }
}
