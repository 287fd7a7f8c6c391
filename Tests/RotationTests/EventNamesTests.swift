import EventModel
import RotationProjection
import Testing

/// What has been written to logs is written for ever: these names may not change.
@Suite("The events' names in the log")
struct EventNamesTests {
    static let at = Timestamp(milliseconds: 1_767_225_600_000)

    /// An event, its stream and its data as the log has it.
    static let golden: [(any RotationEvent, String, String)] = [
        (
            ProxyAdded(
                proxyID: "p", name: "n", host: "h", port: 80, protocol: .socks5, region: "EU",
                tags: ["a"], weight: 1.5, rotationGroup: "g",
                geolocation: ["country": "DE", "countryName": "Germany"], status: .checking, at: at),
            "proxy/p",
            #"{"at":1767225600000,"geolocation":{"country":"DE","countryName":"Germany"},"host":"h","name":"n","port":80,"protocol":"socks5","proxy_id":"p","region":"EU","rotation_group":"g","status":"checking","tags":["a"],"weight":1.5}"#
        ),
        (
            ProxyUpdated(proxyID: "p", changed: ["region": nil, "port": 81], at: at), "proxy/p",
            #"{"at":1767225600000,"changed":{"port":81,"region":null},"proxy_id":"p"}"#
        ),
        (ProxyRemoved(proxyID: "p"), "proxy/p", #"{"proxy_id":"p"}"#),
        (
            ProxyHealthChecked(proxyID: "p", success: false, error: "e", at: at), "proxy/p",
            #"{"at":1767225600000,"error":"e","proxy_id":"p","success":false}"#
        ),
        (
            ProxyWeightsChanged(
                weights: [.init(proxyID: "p", weight: 50)], cause: .equalize, at: at),
            "rotation/weights",
            #"{"at":1767225600000,"cause":"equalize","weights":[{"proxy_id":"p","weight":50}]}"#
        ),
        (
            ProxyRotationGroupsChanged(assignments: [.init(proxyID: "p", group: nil)], at: at),
            "rotation/groups", #"{"assignments":[{"proxy_id":"p"}],"at":1767225600000}"#
        ),
        (
            CredentialDeleted(credentialIDs: ["c", "d"]), "credential/c",
            #"{"credential_ids":["c","d"]}"#
        ),
        (
            RotationConfigCreated(
                configID: "r", name: "n", strategy: .roundRobin,
                commonConfig: ["maxRequestsPerProxy": 3], strategyConfig: [:], priority: 0,
                enabled: true, at: at),
            "rotation_config/r",
            #"{"at":1767225600000,"common_config":{"maxRequestsPerProxy":3},"config_id":"r","enabled":true,"name":"n","priority":0,"strategy":"round-robin","strategy_config":{}}"#
        ),
        (
            StickySessionMapped(
                mappingID: "m", domain: "d", isWildcard: false, proxyID: "p", ttlMs: 5,
                expiryMode: .sliding, expiresAt: at, at: at),
            "sticky_session/m",
            #"{"at":1767225600000,"domain":"d","expires_at":1767225600000,"expiry_mode":"sliding","is_wildcard":false,"mapping_id":"m","proxy_id":"p","ttl_ms":5}"#
        ),
        (
            ProxyRotationOccurred(
                rotationID: "x", newProxyID: "p", reason: .ruleTriggered, tabID: "t", at: at),
            "rotation/x",
            #"{"at":1767225600000,"new_proxy_id":"p","reason":"rule_triggered","rotation_id":"x","tab_id":"t"}"#
        ),
    ]

    @Test(
        "E2.1 E2.2 E2.3 E2.5 E2.7 E2.8 E2.19 E2.24 E2.34 E2.43 are written so for ever",
        arguments: golden.indices)
    func names(_ index: Int) throws {
        let (event, stream, data) = Self.golden[index]
        let written = try event.event()
        #expect(written.type == type(of: event).type)
        #expect(written.stream == stream)
        #expect(String(decoding: written.data, as: UTF8.self) == data)
        #expect(written.occurred == event.at)
    }
}
