internal import ArgumentParser
internal import RotationProjection

/// `annals proxies add`: puts a proxy into the pool.
struct ProxiesAdd: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Put a proxy into the pool.",
        discussion: """
            Its status is 'checking' until a check is recorded.
            """)

    @Argument(help: ArgumentHelp("Where it is reached.", valueName: "protocol://host:port"))
    var address: String

    @Option(help: "Its name; else host and port.")
    var name: String?

    @Option(help: "Its region.")
    var region: String?

    @Option(name: .customLong("tag"), help: "A word to find it by; may be repeated.")
    var tags: [String] = []

    @Option(help: "How often it is drawn beside others: 0 to 100.")
    var weight = 1.0

    @Option(help: "The group that it is rotated in.")
    var group: String?

    @Option(help: "The code of the country that it is in.")
    var country: String?

    @OptionGroup var common: CommonOptions

    func validate() throws { _ = try ProxyAddress(address) }

    func run(in session: Session) async throws -> ExitStatus {
        let address = try ProxyAddress(address)
        let rotation = try session.openRotation()
        let proxy = try await rotation.proxies.add(
            ProxyInput(
                name: name ?? "\(address.host):\(address.port)", host: address.host,
                port: address.port, protocol: address.protocol, region: region, tags: tags,
                weight: weight, rotationGroup: group,
                geolocation: country.map { Geolocation(country: $0) }))
        try session.catchUpAll(rotation.store)
        let back = session.command("proxies", "remove", proxy.id)
        try ProxyReport([proxy]).tell(
            "annals.proxies-change/1", changeMembers("added", back: [back]), on: session.console)
        try session.console.print("back: \(back)")
        return .done
    }
}

/// What every change of the pool tells besides the proxies.
func changeMembers(_ message: String, back: [String]) -> [JSON.Member] {
    [
        .init(name: "message", value: .string(message)),
        .init(name: "back", value: .array(back.map { .string($0) })),
    ]
}
