internal import EventModel
internal import GRDB

extension Proxies {
    /// Adds a proxy; it is not checked yet, so its status is `checking`.
    ///
    /// A password is kept sealed, and the user name only together with one.
    /// - Throws: `invalid` with the field's name; `duplicate` for an address that is in the pool already;
    ///   `encryption` when there is a password and no master key.
    public func add(_ input: ProxyInput) async throws(RotationError) -> Proxy {
        try await add([input])[0]
    }

    /// Adds several proxies, all or none, in one append.
    /// - Returns: the proxies, in the order of the inputs.
    /// - Throws: as `add` of one.
    public func add(_ inputs: [ProxyInput]) async throws(RotationError) -> [Proxy] {
        let now = base.now
        var ids: [String] = []
        var events: [any RotationEvent] = []
        for input in inputs {
            let id = base.options.makeID()
            ids.append(id)
            events.append(try input.added(id: id, at: now))
            guard let password = input.password else { continue }
            events += try credentialEvents(
                of: id, name: input.name, replacing: nil, username: input.username,
                password: password)
        }
        try await base.append(events)
        return try present(ids)
    }

    /// Changes a proxy; a change of nothing writes nothing.
    ///
    /// A new password replaces the credential or makes one; without a new user name it then has none.
    /// - Returns: the proxy as it is then.
    /// - Throws: `notFound`; otherwise as `add`.
    public func update(id: String, _ change: ProxyChange) async throws(RotationError) -> Proxy {
        try await update([(id, change)])[0]
    }

    /// Changes several proxies, all or none, in one append.
    /// - Returns: the proxies as they are then, in the order of the changes.
    /// - Throws: as `update` of one.
    public func update(
        _ changes: [(id: String, change: ProxyChange)]
    ) async throws(RotationError) -> [Proxy] {
        let now = base.now
        var events: [any RotationEvent] = []
        for (old, change) in zip(try present(changes.map(\.id)), changes.map(\.change)) {
            let changed = try change.changed()
            if !changed.isEmpty {
                events.append(ProxyUpdated(proxyID: old.id, changed: changed, at: now))
            }
            guard let password = change.password else { continue }
            events += try credentialEvents(
                of: old.id, name: change.name ?? old.name, replacing: old.credentialID,
                username: change.username, password: password)
        }
        try await base.append(events)
        return try present(changes.map(\.id))
    }

    /// Removes a proxy with its credentials, statistics and mappings; the audit keeps its rotations.
    /// - Returns: `false` when there is no such proxy.
    @discardableResult
    public func delete(id: String) async throws(RotationError) -> Bool {
        try await delete(ids: [id]) > 0
    }

    /// Removes several proxies, all or none, in one append; unknown ids are passed over.
    /// - Returns: how many were removed.
    @discardableResult
    public func delete(ids: [String]) async throws(RotationError) -> Int {
        let known = Set(try select(ids).map(\.id))
        var seen: Set<String> = []
        let removed = ids.filter { known.contains($0) && seen.insert($0).inserted }
        try await base.append(removed.map(ProxyRemoved.init(proxyID:)))
        return removed.count
    }

    /// The events that keep the password of a proxy sealed.
    ///
    /// - Parameter replacing: The credential that the proxy has, `nil` for none.
    /// - Throws: `encryption`.
    private func credentialEvents(
        of proxyID: String, name: String, replacing: String?, username: String?, password: String
    ) throws(RotationError) -> [any RotationEvent] {
        throw RotationError(.encryption, "Encryption service not initialized")
    }

    /// The proxies with these ids, in this order.
    private func present(_ ids: [String]) throws(RotationError) -> [Proxy] {
        let found = Dictionary(try select(ids).map { ($0.id, $0) }) { first, _ in first }
        var proxies: [Proxy] = []
        for id in ids {
            guard let proxy = found[id] else {
                throw RotationError(.notFound(id), "There is no proxy with the id '\(id)'.")
            }
            proxies.append(proxy)
        }
        return proxies
    }

    private func select(_ ids: [String]) throws(RotationError) -> [Proxy] {
        let list = try RotationError.encoding {
            try JSONValue.array(ids.map(JSONValue.string)).text()
        }
        return try select("WHERE id IN (SELECT value FROM json_each(?))", [list])
    }
}
