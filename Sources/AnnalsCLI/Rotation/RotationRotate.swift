internal import ArgumentParser
internal import EventModel
internal import RotationProjection

/// `annals rotation rotate`: chooses the next proxy and records it.
struct RotationRotate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Choose the next proxy, record it and its reason.",
        discussion: """
            The active configuration chooses, and its rules; without one the default configuration. When \
            the proxy is kept, nothing is recorded.
            """)

    @Option(help: "The configuration with this id.")
    var config: String?

    @Option(help: "The active configuration of this group.")
    var group: String?

    @Option(help: "What is asked for, for rules and sticky sessions.")
    var domain: String?

    @Option(help: "The country that is asked for.")
    var country: String?

    @Flag(help: "Another proxy, whatever the configuration says.")
    var force = false

    @Flag(help: "The present proxy has failed.")
    var failed = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard config == nil || group == nil else {
            throw ValidationError("--config and --group exclude each other.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let rotation = try session.openRotation()
        let outcome = try await rotation.rotate(
            RotationRequest(
                configID: config, targetGroup: group, domain: domain, country: country,
                isForced: force, hasFailed: failed))
        try session.catchUpAll(rotation.store)
        let proxy = try outcome.proxy.map { try ProxyReport.document($0) } ?? .null
        try session.console.emit([
            "schema": "annals.rotation-outcome/1", "proxy": proxy,
            "previous": JSON(outcome.previousProxyID), "config": JSON(outcome.configID),
            "rotation": JSON(outcome.rotationID), "reason": JSON(outcome.reason?.rawValue),
            "rules": .array(outcome.ruleIDs.map { .string($0) }),
        ])
        guard let proxy = outcome.proxy else {
            try session.console.print("no proxy fits")
            return .done
        }
        let why = outcome.reason.map { "rotated: \($0.rawValue)" } ?? "kept"
        try session.console.print(
            "\(DisplayText.escaped(ProxyReport.address(proxy)))  \(DisplayText.escaped(proxy.id))  \(why)"
        )
        return .done
    }
}
