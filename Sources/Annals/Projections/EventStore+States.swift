internal import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine
internal import Synchronization

extension EventStore {
    /// The stream of administrative acts; nobody else may append to streams that begin like it.
    static let adminStream = "annals/admin"
    /// Streams that begin so are the store's own.
    public static let reservedPrefix = Event.reservedPrefix

    /// What the store knows about a projection; `nil` before its first migration.
    func state(of projection: String) throws(AnnalsError) -> ProjectionState? {
        guard let bytes = try log.state(ProjectionState.key(projection)) else { return nil }
        guard let handle = handles[projection] else {
            return try ProjectionState.decode(bytes, of: projection)
        }
        return try handle.state(bytes).state
    }

    /// The state, or the one of a projection to which nothing was applied yet.
    func stateOrNew(of projection: String) throws(AnnalsError) -> ProjectionState {
        if let state = try state(of: projection) { return state }
        return ProjectionState(modules: try handle(projection).definition.defaultModules.sorted())
    }

    /// Changes a projection's state in one durable step; returns the new one.
    @discardableResult
    func updateState(
        of projection: String, _ change: @escaping @Sendable (inout ProjectionState) -> Void
    ) throws(AnnalsError) -> ProjectionState {
        let first = try stateOrNew(of: projection)
        let result = Mutex(first)
        try log.updateState(ProjectionState.key(projection)) { bytes in
            var state =
                try bytes.map { try ProjectionState.decode($0, of: projection) } ?? first
            change(&state)
            let changed = state
            result.withLock { $0 = changed }
            return try changed.encoded()
        }
        return result.withLock { $0 }
    }

    /// Appends the administrative events that a projection's state still owes, each exactly once.
    func deliver(_ projection: String) throws(AnnalsError) {
        guard let state = try state(of: projection), !state.outgoing.isEmpty else { return }
        let events = state.outgoing.map {
            Event(type: $0.type, stream: Self.adminStream, data: $0.data, id: $0.id)
        }
        _ = try log.appendAndWait(try PreparedAppend(events))
        let delivered = Set(state.outgoing.map(\.id))
        try updateState(of: projection) { state in
            state.outgoing.removeAll { delivered.contains($0.id) }
        }
    }

    /// Appends an administrative event of an act that belongs to no projection, or that changes
    /// nothing else; returns its place.
    ///
    /// Acts that change a projection are told through `outgoing`.
    @discardableResult
    func appendAdmin(
        _ type: String, _ data: [String: any Sendable]
    ) throws(AnnalsError) -> Position {
        let note = adminEvent(type, nil, data)
        let result = try log.appendAndWait(
            try PreparedAppend([
                Event(type: note.type, stream: Self.adminStream, data: note.data, id: note.id)
            ]))
        return result.places.last?.position ?? .start
    }

    /// An administrative event, to be put into a state's `outgoing`.
    func adminEvent(
        _ type: String, _ projection: String?, _ data: [String: any Sendable]
    ) -> ProjectionState.Outgoing {
        var data = data
        if let projection { data["projection"] = projection }
        data["at"] = options.clock().milliseconds
        let text: String
        do {
            let bytes = try JSONSerialization.data(
                withJSONObject: data, options: [.sortedKeys, .withoutEscapingSlashes])
            text = String(decoding: bytes, as: UTF8.self)
        } catch {
            text = "{}"
        }
        return .init(id: "\(Self.reservedPrefix)\(UUID().uuidString)", type: type, data: text)
    }
}
