internal import EventModel
internal import ProjectionEngine
internal import Synchronization

/// One projection of an open store: its definition, and the writing connection to its current
/// generation, which one thread uses at a time.
final class ProjectionHandle: Sendable {
    /// What the projection is.
    let definition: ProjectionDefinition
    private let open = Mutex<OpenGeneration?>(nil)
    private let known = Mutex<KnownState?>(nil)

    /// The state read last, with the bytes that it came from: equal bytes need not be read again.
    private struct KnownState {
        let bytes: [UInt8]
        let state: ProjectionState
        let drift: [Drift]
        let handledTypes: Set<String>
    }

    /// The connection and the generation that it is open on.
    private struct OpenGeneration {
        let file: String
        let database: ProjectionDatabase
    }

    init(_ definition: ProjectionDefinition) { self.definition = definition }

    var name: String { definition.name }

    /// A state and how its migrations differ from the definition, from the bytes in the log.
    func state(_ bytes: [UInt8]) throws(AnnalsError) -> (state: ProjectionState, drift: [Drift]) {
        if let known = known.withLock({ $0 }), known.bytes == bytes {
            return (known.state, known.drift)
        }
        let state = try ProjectionState.decode(bytes, of: name)
        let drift = definition.drift(from: state.applied)
        let handled = Set(definition.handlers(in: state.versions).map(\.eventType))
        known.withLock {
            $0 = KnownState(bytes: bytes, state: state, drift: drift, handledTypes: handled)
        }
        return (state, drift)
    }

    /// The event types that have a handler in a state.
    func handledTypes(_ state: ProjectionState) -> Set<String> {
        if let known = known.withLock({ $0 }), known.state == state { return known.handledTypes }
        return Set(definition.handlers(in: state.versions).map(\.eventType))
    }

    /// Lends the writing connection to a generation, opening it if another one was open.
    func with<R: Sendable>(
        _ generation: ProjectionState.Generation, in files: StoreFiles, log: String,
        _ body: (ProjectionDatabase) throws -> R
    ) throws -> R {
        try open.withLock { open in
            if open?.file != generation.file {
                open = nil
                open = OpenGeneration(
                    file: generation.file,
                    database: try ProjectionDatabase.open(
                        path: files.generation(generation.file), definition: definition,
                        versions: generation.versions, log: log))
            }
            guard let database = open?.database else {
                throw AnnalsError(
                    .unavailable, "PROJECTION_CLOSED", "The projection '\(name)' is not open.",
                    context: .init(projection: name))
            }
            return try body(database)
        }
    }

    /// Closes the connection, if there is one.
    func close() { open.withLock { $0 = nil } }
}
