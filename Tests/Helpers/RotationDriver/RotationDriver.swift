import Annals
import EventModel
import Foundation
import GRDB
import LogStorage
import RotationProjection

/// The verbs of the program.
struct RotationDriver {
    let rotation: RotationStore

    func create(proxies count: Int) async throws {
        let made = try await rotation.proxies.add(
            (0..<count).map {
                ProxyInput(
                    name: "proxy \($0)", host: "10.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255)",
                    port: 8080, protocol: .http)
            })
        var change = ProxyChange()
        change.status = .active
        _ = try await rotation.proxies.update(made.map { ($0.id, change) })
        try await rotation.defaultConfig.setStrategy(.roundRobin)
        say("done \(made.count)")
    }

    func rotate(seconds: Int, batch: Int) async throws {
        say("ready")
        _ = readLine()
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var rotations = 0
        var records = 0
        while clock.now < end {
            guard let proxy = try await rotation.rotate().proxy else { break }
            rotations += 1
            records += try await rotation.proxyUsageStats.recordUsageBatch(
                (0..<batch).map {
                    UsageRecord(
                        proxyID: proxy.id, successful: 1, latencyMs: Double($0), bytesSent: 3,
                        bytesReceived: 5)
                })
        }
        say("done \(rotations) \(records)")
    }

    func usage(records: Int, batch: Int) async throws {
        let proxies = try rotation.proxies.findAll()
        let clock = ContinuousClock()
        let start = clock.now
        var done = 0
        while done < records {
            let size = min(batch, records - done)
            done += try await rotation.proxyUsageStats.recordUsageBatch(
                (0..<size).map { record(done + $0, proxies) })
        }
        let seconds = (clock.now - start) / .seconds(1)
        say(
            "done \(records) \(String(format: "%.2f s, %.0f a second", seconds, Double(records) / seconds))"
        )
    }

    /// The same number gives the same record.
    private func record(_ number: Int, _ proxies: [Proxy]) -> UsageRecord {
        let mixed = Int(truncatingIfNeeded: (UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 33)
        let failed = mixed / 64 % 20 == 0
        let kinds = ["timeout", "blocked", "ssl_error"]
        let latency = mixed / 32 % 10 == 1 ? nil : Double(mixed % 9_000) / 3
        return UsageRecord(
            proxyID: proxies[mixed % proxies.count].id, successful: failed ? 0 : 1,
            failed: failed ? 1 : 0, latencyMs: latency,
            bytesSent: mixed % 1_000, bytesReceived: mixed % 100_000,
            error: failed ? UsageError(type: kinds[mixed / 128 % 3], message: "no") : nil,
            domain: "d\(mixed % 300).example", country: ["US", "DE", "FR", "JP"][mixed % 4],
            sessionID: "s\(number / 50)")
    }

    func totals() throws {
        let log = rotation.store.log
        var events: [String: Int] = [:]
        _ = try log.forEachEvent(after: .start, through: try log.head(), limit: .max) { event in
            events[event.type.description, default: 0] += 1
        }
        say("events.rotations \(events["proxy_rotation.occurred", default: 0])")
        say("events.counted \(events["proxy_usage.rotation_counted", default: 0])")
        say("events.records \(events["proxy_usage.recorded", default: 0])")
        try rotation.store.reader(of: "rotation").read { db in
            for (name, sql) in Self.figures {
                say("\(name) \(try Int.fetchOne(db, sql: sql) ?? 0)")
            }
        }
        say("verified \(try rotation.store.verify("rotation").isEqual ? 1 : 0)")
    }

    private static let figures = [
        ("audit.rotations", "SELECT count(*) FROM rotation_events"),
        ("stats.rotations", "SELECT sum(rotation_count) FROM proxy_usage_stats"),
        ("stats.reasons", "SELECT sum(json_array_length(rotation_reasons)) FROM proxy_usage_stats"),
        ("stats.requests", "SELECT sum(total_requests) FROM proxy_usage_stats"),
        ("stats.samples", "SELECT sum(latency_count) FROM proxy_usage_stats"),
        ("stats.sent", "SELECT sum(bytes_sent) FROM proxy_usage_stats"),
        ("stats.received", "SELECT sum(bytes_received) FROM proxy_usage_stats"),
        ("days.requests", "SELECT sum(request_count) FROM proxy_usage_stats_daily"),
        ("uses.least", "SELECT min(uses) FROM rotation_uses"),
        ("uses.most", "SELECT max(uses) FROM rotation_uses"),
        ("uses.all", "SELECT sum(uses) FROM rotation_uses"),
    ]
}
