public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// The moment and version at which a projection is looked at.
public struct AsOf: Sendable, Equatable {
    /// The last event that counts; `nil` for the head.
    public var position: Position?
    /// The last time of recording that counts; `nil` for no limit.
    public var time: Timestamp?
    /// The version; `nil` for the one that is applied.
    public var version: Int?

    /// Makes a moment; with no part given it is the present.
    public init(position: Position? = nil, time: Timestamp? = nil, version: Int? = nil) {
        self.position = position
        self.time = time
        self.version = version
    }
}

/// What a replay made.
public struct ReplayResult: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The numbers of the migrations it was built with.
    public let versions: [Int]
    /// The last event that it shows.
    public let position: Position
    /// Its content digest.
    public let digest: String
}

extension EventStore {
    /// Builds a projection as it was, or as it would have been at another version, into a file of its
    /// own; the store does not change.
    ///
    /// - Throws: `FILE_EXISTS`, `TARGET_UNKNOWN`, `POSITION_UNKNOWN`, `EVENT_REFUSED`.
    public func replay(
        _ projection: String, asOf: AsOf = AsOf(), into path: String,
        progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> ReplayResult {
        try checkOutside(path)
        guard !FileManager.default.fileExists(atPath: path) else {
            throw AnnalsError(
                .invalid, "FILE_EXISTS", "\(path) exists already.", hint: "Name a new file.")
        }
        let versions = try versions(of: projection, asOf)
        let position = try position(asOf)
        do {
            let database = try replayed(
                projection, versions: versions, through: position,
                quarantines: try state(of: projection)?.quarantines ?? false, into: path,
                progress: progress)
            return ReplayResult(
                projection: projection, versions: versions, position: position,
                digest: try database.contentDigest())
        } catch {
            for suffix in ["", "-journal", "-wal", "-shm"] {
                try StoreFiles.removeIfPresent(path + suffix)
            }
            throw storeError(error, projection: projection)
        }
    }

    /// The migrations in force at a version: those that are applied, or would be.
    func versions(of projection: String, _ asOf: AsOf) throws(AnnalsError) -> [Int] {
        let state = try stateOrNew(of: projection)
        guard let version = asOf.version else { return state.versions }
        let definition = try handle(projection).definition
        guard version == 0 || definition.migration(version) != nil else {
            throw AnnalsError(
                .invalid, "TARGET_UNKNOWN",
                "The projection '\(projection)' has no migration \(version).",
                hint: "The newest is \(definition.migrations.last?.number ?? 0).",
                context: .init(projection: projection))
        }
        return definition.versionSet(
            upTo: version, enabledModules: state.enabledModules(of: definition))
    }

    /// The position that a moment means.
    public func position(_ asOf: AsOf) throws(AnnalsError) -> Position {
        let head = try log.head()
        if let position = asOf.position, position > head {
            throw AnnalsError(
                .invalid, "POSITION_UNKNOWN",
                "There is no position \(position); the head is \(head).",
                context: .init(position: position))
        }
        var last = asOf.position ?? head
        if let time = asOf.time { last = min(last, try log.position(recordedThrough: time)) }
        return last
    }
}
