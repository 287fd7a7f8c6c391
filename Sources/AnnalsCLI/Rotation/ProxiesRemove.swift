internal import ArgumentParser
internal import RotationProjection

/// `annals proxies remove`: takes proxies out of the pool.
struct ProxiesRemove: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take proxies out of the pool, with their credentials and statistics.",
        discussion: "All or none. The audit keeps their rotations, and the log keeps everything.")

    @Argument(help: "The proxies' ids.")
    var ids: [String]

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        var removed: [Proxy] = []
        for id in ids { removed.append(try rotation.proxies.named(id)) }
        try await rotation.proxies.delete(ids: ids)
        try session.catchUpAll(rotation.store)
        try ProxyReport(removed).tell(
            "annals.proxies-change/1", changeMembers("removed", back: []), on: session.console)
        try session.console.print(
            "removed \(DisplayText.count(Set(ids).count, "proxy", "proxies"))")
        return .done
    }
}
