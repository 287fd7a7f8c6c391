internal import ArgumentParser
internal import RotationProjection

/// `annals proxies list`: the proxies, the newest first.
struct ProxiesList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List proxies, the newest first.")

    @Option(help: "Only those of this status.")
    var status: ProxyStatus?

    @Option(help: "Only those that are spoken to so.")
    var `protocol`: ProxyProtocol?

    @Option(help: "Only those of this region.")
    var region: String?

    @Option(help: "Only those of this group.")
    var group: String?

    @Option(help: "Only those with this tag.")
    var tag: String?

    @Flag(help: "The active ones that did best first.")
    var best = false

    @Option(help: "At most this many.")
    var limit: Int?

    @OptionGroup var watch: WatchOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (limit ?? 1) > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotationForReading()
        return try await watch.run(on: session) {
            let all =
                try best ? rotation.proxies.topPerformers(limit: .max) : rotation.proxies.findAll()
            let shown = all.filter(isMeant).prefix(limit ?? .max)
            try ProxyReport(Array(shown)).tell("annals.proxies/1", on: session.console)
        }
    }

    private func isMeant(_ proxy: Proxy) -> Bool {
        (status ?? proxy.status) == proxy.status
            && (`protocol` ?? proxy.protocol) == proxy.protocol
            && (region == nil || region == proxy.region)
            && (group == nil || group == proxy.rotationGroup)
            && (tag.map(proxy.tags.contains) ?? true)
    }
}
