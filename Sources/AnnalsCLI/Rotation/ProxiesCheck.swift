internal import ArgumentParser
internal import RotationProjection

/// `annals proxies check`: records what a check of a proxy found.
struct ProxiesCheck: Verb {
    /// What a check found.
    enum Outcome: String, ExpressibleByArgument, CaseIterable {
        case works, fails
    }

    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Record what a check of a proxy found.",
        discussion:
            "A proxy that works becomes active, one that fails failed; a disabled one stays so.")

    @Argument(help: "The proxy's id.")
    var id: String

    @Argument(help: "works or fails.")
    var outcome: Outcome

    @Option(help: "How long it took, in milliseconds.")
    var latency: Int?

    @Option(help: "What was said; no secrets.")
    var error: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (latency ?? 0) >= 0 else { throw ValidationError("--latency is at least 0.") }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        _ = try rotation.proxies.named(id)
        try await rotation.proxies.recordCheck(
            id: id, success: outcome == .works, latency: latency, error: error)
        try session.catchUpAll(rotation.store)
        try ProxyReport([try rotation.proxies.named(id)]).tell(
            "annals.proxies-change/1", changeMembers("recorded", back: []), on: session.console)
        return .done
    }
}
