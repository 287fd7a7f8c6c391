internal import EventModel
internal import RotationProjection

/// Proxies as a table and as documents.
struct ProxyReport {
    private var table = Table([
        .left("ID"), .left("NAME"), .left("ADDRESS"), .left("STATUS"), .left("GROUP"),
        .right("WEIGHT"), .right("RATE"), .right("LATENCY"), .right("REQUESTS"), .left("COUNTRY"),
    ])
    private let proxies: [Proxy]

    init(_ proxies: [Proxy]) {
        self.proxies = proxies
        for proxy in proxies {
            table.add([
                proxy.id, proxy.name, Self.address(proxy), proxy.status.rawValue,
                proxy.rotationGroup ?? "", DisplayText.decimal(proxy.weight),
                proxy.totalRequests == 0 ? "" : DisplayText.decimal(proxy.successRate) + " %",
                proxy.latency.map { "\($0) ms" } ?? "", DisplayText.grouped(proxy.totalRequests),
                proxy.country ?? "",
            ])
        }
    }

    /// Tells the proxies with `schema` as the document's name.
    func tell(_ schema: String, _ members: [JSON.Member] = [], on console: Console) throws {
        let document: JSON = [
            "schema": .string(schema), "proxies": .array(try proxies.map(Self.document)),
        ]
        try console.emit(document.adding(members))
        if proxies.isEmpty { return try console.print("no proxies") }
        try console.print(table)
    }

    /// Where a proxy is reached.
    static func address(_ proxy: Proxy) -> String {
        let host = proxy.host.contains(":") ? "[\(proxy.host)]" : proxy.host
        return "\(proxy.protocol.rawValue)://\(host):\(proxy.port)"
    }

    /// A proxy as a document.
    static func document(_ proxy: Proxy) throws -> JSON {
        [
            "id": .string(proxy.id), "name": .string(proxy.name), "host": .string(proxy.host),
            "port": JSON(proxy.port), "protocol": .string(proxy.protocol.rawValue),
            "status": .string(proxy.status.rawValue), "latencyMs": JSON(proxy.latency),
            "lastChecked": proxy.lastChecked.map { JSON($0) } ?? .null,
            "failureCount": JSON(proxy.failureCount), "totalRequests": JSON(proxy.totalRequests),
            "successRate": JSON(proxy.successRate), "region": JSON(proxy.region),
            "tags": .array(proxy.tags.map { .string($0) }),
            "geolocation": try proxy.geolocation.map { .raw(Array(try $0.text().utf8)) } ?? .null,
            "weight": JSON(proxy.weight), "rotationGroup": JSON(proxy.rotationGroup),
            "hasCredentials": .bool(proxy.hasCredentials), "createdAt": JSON(proxy.createdAt),
            "updatedAt": JSON(proxy.updatedAt),
        ]
    }
}
