internal import ArgumentParser
internal import RotationProjection

/// `annals proxies show`: some proxies, by their ids.
struct ProxiesShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show proxies by their ids.")

    @Argument(help: "The proxies' ids.")
    var ids: [String]

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotationForReading()
        var found: [Proxy] = []
        for id in ids { found.append(try rotation.proxies.named(id)) }
        try ProxyReport(found).tell("annals.proxies/1", on: session.console)
        return .done
    }
}

extension Proxies {
    /// The proxy with an id.
    /// - Throws: `notFound`.
    func named(_ id: String) throws(RotationError) -> Proxy {
        guard let proxy = try find(id: id) else {
            throw RotationError(.notFound(id), "There is no proxy with the id '\(id)'.")
        }
        return proxy
    }
}
