internal import Annals
internal import EventModel
internal import LogStorage
internal import ProjectionEngine

/// A log with the events of a scenario, and the files that are built from it.
struct ScenarioBuild {
    private let definition: ProjectionDefinition
    private let folder: TemporaryFolder
    private let log: EventLog
    private let time: Timestamp

    /// A built file, which lasts as long as its owner.
    struct File {
        let path: String
        let digest: String
        let folder: TemporaryFolder
    }

    init(
        _ definition: ProjectionDefinition, seedsOf versions: [Int], _ events: [Event],
        at time: Timestamp
    ) throws(AnnalsError) {
        self.definition = definition
        self.time = time
        folder = try TemporaryFolder()
        let clock = TestClock(time).reading
        let id = String(repeating: "0", count: 32)
        try EventLog.create(folder: folder.path, id: id, clock: clock)
        log = try EventLog(folder: folder.path, access: .readWrite, clock: clock)
        // In a store a module's seeds come with its migration: before what its events tell.
        let seeds = definition.seeds(in: versions).map { Event($0) }
        var rest = (seeds + events)[...]
        while !rest.isEmpty {
            let part = rest.prefix(Limits.appendEventsMax)
            _ = try log.appendAndWait(try PreparedAppend(Array(part)))
            rest = rest.dropFirst(part.count)
        }
    }

    /// Builds the projection from the whole log, so many events to a transaction.
    func file(versions: [Int], batchEvents: Int) throws(AnnalsError) -> File {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/\(definition.name).sqlite"
        let head = try log.head()
        let database = try ProjectionDatabase.create(
            path: path, definition: definition, versions: versions, appliedAt: time,
            logID: log.id, headAtCreation: head)
        _ = try database.apply(
            from: log, through: head, batchEvents: batchEvents, policy: .stop, progress: { _ in })
        try database.finishCopy()
        return File(path: path, digest: try database.contentDigest(), folder: folder)
    }
}
