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
                rotationID: "x", newProxyID: "p", reason: .ruleTriggered, tabID: "t", turnOf: "de",
                nextIntervalMs: 5, at: at),
            "rotation/x",
            #"{"at":1767225600000,"new_proxy_id":"p","next_interval_ms":5,"reason":"rule_triggered","rotation_id":"x","tab_id":"t","turn_of":"de"}"#
        ),
        (
            ProxyStatusChanged(proxyID: "p", status: .disabled, at: at), "proxy/p",
            #"{"at":1767225600000,"proxy_id":"p","status":"disabled"}"#
        ),
        (
            ProxyStatsUpdated(proxyID: "p", success: true, latency: 7, at: at), "proxy/p",
            #"{"at":1767225600000,"latency":7,"proxy_id":"p","success":true}"#
        ),
        (
            RotationConfigUpdated(configID: "r", changed: ["description": nil], at: at),
            "rotation_config/r",
            #"{"at":1767225600000,"changed":{"description":null},"config_id":"r"}"#
        ),
        (
            RotationConfigActivated(
                configID: "r", targetGroup: "g", deactivatedIDs: ["q"], at: at),
            "rotation_config/r",
            #"{"at":1767225600000,"config_id":"r","deactivated_ids":["q"],"target_group":"g"}"#
        ),
        (
            RotationConfigDeactivated(configID: "r", at: at), "rotation_config/r",
            #"{"at":1767225600000,"config_id":"r"}"#
        ),
        (RotationConfigDeleted(configID: "r"), "rotation_config/r", #"{"config_id":"r"}"#),
        (
            RotationDefaultChanged(strategy: .random, intervalMs: 5, config: [:], at: at),
            "rotation_config/default",
            #"{"at":1767225600000,"config":{},"interval_ms":5,"strategy":"random"}"#
        ),
        (
            RotationRuleCreated(
                ruleID: "u", name: "n", priority: 1, conditions: [["field": "url"]],
                conditionLogic: .or, actions: [], stopOnMatch: true, enabled: false, at: at),
            "rotation_rule/u",
            #"{"actions":[],"at":1767225600000,"condition_logic":"OR","conditions":[{"field":"url"}],"enabled":false,"name":"n","priority":1,"rule_id":"u","stop_on_match":true}"#
        ),
        (
            RotationRuleUpdated(ruleID: "u", changed: ["priority": 2], at: at), "rotation_rule/u",
            #"{"at":1767225600000,"changed":{"priority":2},"rule_id":"u"}"#
        ),
        (
            RotationRuleEnabledChanged(ruleID: "u", enabled: true, at: at), "rotation_rule/u",
            #"{"at":1767225600000,"enabled":true,"rule_id":"u"}"#
        ),
        (
            RotationRulesReordered(priorities: [.init(ruleID: "u", priority: 3)], at: at),
            "rotation_rules/global",
            #"{"at":1767225600000,"priorities":[{"priority":3,"rule_id":"u"}]}"#
        ),
        (RotationRuleDeleted(ruleIDs: ["u"]), "rotation_rule/u", #"{"rule_ids":["u"]}"#),
        (
            StickySessionUsed(mappingID: "m", at: at), "sticky_session/m",
            #"{"at":1767225600000,"mapping_id":"m"}"#
        ),
        (
            StickySessionTTLRefreshed(mappingID: "m", expiresAt: at, at: at), "sticky_session/m",
            #"{"at":1767225600000,"expires_at":1767225600000,"mapping_id":"m"}"#
        ),
        (
            StickySessionProxyReassigned(mappingID: "m", proxyID: "p", at: at), "sticky_session/m",
            #"{"at":1767225600000,"mapping_id":"m","proxy_id":"p"}"#
        ),
        (StickySessionRemoved(mappingIDs: ["m"]), "sticky_session/m", #"{"mapping_ids":["m"]}"#),
        (
            StickySessionExpiredPurged(cutoff: at, mappingIDs: ["m"]), "rotation/maintenance",
            #"{"cutoff":1767225600000,"mapping_ids":["m"]}"#
        ),
        (
            ProxyUsageRecorded(
                proxyID: "p", requests: 1, successful: 0, failed: 1, latencyMs: 1.5, bytesSent: 2,
                bytesReceived: 3, error: UsageError(type: "timeout", message: "m"), domain: "d",
                country: "US", sessionID: "s", at: at),
            "proxy/p",
            #"{"at":1767225600000,"bytes_received":3,"bytes_sent":2,"country":"US","domain":"d","error":{"message":"m","type":"timeout"},"failed":1,"latency_ms":1.5,"proxy_id":"p","requests":1,"session_id":"s","successful":0}"#
        ),
        (
            ProxyUsageRotationCounted(proxyID: "p", reason: .ttlExpired, at: at), "proxy/p",
            #"{"at":1767225600000,"proxy_id":"p","reason":"ttl_expired"}"#
        ),
        (ProxyUsagePurged(cutoff: at), "rotation/maintenance", #"{"cutoff":1767225600000}"#),
        (ProxyRotationPurged(cutoff: at), "rotation/maintenance", #"{"cutoff":1767225600000}"#),
        (
            MaintenanceCompleted(
                statsDeleted: 1, eventsDeleted: 2, mappingsDeleted: 3, vacuumed: false, at: at),
            "rotation/maintenance",
            #"{"at":1767225600000,"events_deleted":2,"mappings_deleted":3,"stats_deleted":1,"vacuumed":false}"#
        ),
    ]

    @Test(
        "E2.1 E2.2 E2.3 E2.4 E2.5 E2.6 E2.7 E2.8 E2.19 E2.24 E2.25 E2.26 E2.27 E2.28 E2.29 E2.30 E2.31 E2.32 E2.33 E2.34 E2.35 E2.36 E2.37 E2.38 E2.39 E2.40 E2.41 E2.42 E2.43 E2.44 E2.45 E3.1 are written so for ever",
        arguments: golden.indices)
    func names(_ index: Int) throws {
        let (event, stream, data) = Self.golden[index]
        let written = try event.event()
        #expect(written.type == type(of: event).type)
        #expect(written.stream == stream)
        #expect(String(decoding: written.data, as: UTF8.self) == data)
        #expect(written.occurred == event.at && written.tags == event.tags)
    }
}
