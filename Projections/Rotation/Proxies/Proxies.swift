internal import EventModel
internal import GRDB

/// The pool of proxies.
public struct Proxies: Sendable {
    let base: RotationStore

    /// The proxy with an id, `nil` when there is none.
    public func find(id: String) throws(RotationError) -> Proxy? {
        try select("WHERE id = ?", [id]).first
    }

    /// All proxies, the newest first.
    public func findAll() throws(RotationError) -> [Proxy] {
        try select("ORDER BY created_at DESC, id")
    }

    /// The proxies of one status, by name.
    public func find(status: ProxyStatus) throws(RotationError) -> [Proxy] {
        try select("WHERE status = ? ORDER BY name, id", [status.rawValue])
    }

    /// The proxies of one protocol, by name.
    public func find(protocol: ProxyProtocol) throws(RotationError) -> [Proxy] {
        try select("WHERE protocol = ? ORDER BY name, id", [`protocol`.rawValue])
    }

    /// The proxies of one region, by name.
    public func find(region: String) throws(RotationError) -> [Proxy] {
        try select("WHERE region = ? ORDER BY name, id", [region])
    }

    /// The active proxies that did best: by rate, then latency, then requests.
    /// - Parameter limit: How many at most.
    public func topPerformers(limit: Int) throws(RotationError) -> [Proxy] {
        try select(
            """
            WHERE status = 'active'
            ORDER BY success_rate DESC, latency ASC NULLS LAST, total_requests DESC, id
            LIMIT ?
            """, [max(0, limit)])
    }

    /// The proxies that a clause chooses.
    func select(
        _ clause: String, _ arguments: StatementArguments = []
    ) throws(RotationError) -> [Proxy] {
        try base.read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(Proxy.columns) FROM proxies \(clause)", arguments: arguments
            ).map(Proxy.init(row:))
        }
    }
}

extension RotationStore {
    /// The pool of proxies.
    public var proxies: Proxies { Proxies(base: self) }
}
