internal import Dispatch
public import EventModel
internal import LMDB
internal import Synchronization

/// The append-only log of events in one LMDB environment: the only source of truth of a store.
///
/// Any number of processes read; one at a time writes. Reads are short transactions over one
/// snapshot. All methods may be called from any thread.
public final class EventLog: Sendable {
    /// How a log is opened.
    public enum Access: Sendable {
        /// Appends and reads.
        case readWrite
        /// Only reads; no file is changed (but for LMDB's lock file).
        case readOnly
    }

    /// The version of the log's format that this program writes and reads.
    public static let formatVersion = 1

    let environment: Environment
    let tables: LogTables
    /// The events that the index tables do not cover.
    let tail: Mutex<TailPair>
    /// Appends that wait for the next commit.
    let waiting = Mutex<[WaitingAppend]>([])
    /// Everything that writes runs here, one turn at a time: LMDB binds a transaction to a thread,
    /// and a block of a serial queue stays on one.
    let writer = DispatchQueue(label: "annals.log.writer")
    let watchers = HeadWatchers()
    /// Why the log takes no more writes; set when a commit failed in a way that leaves doubt.
    let poison = Mutex<AnnalsError?>(nil)
    /// Why the last flush of the indexes failed; appends go on, `verify` and `doctor` tell.
    let flushFailure = Mutex<AnnalsError?>(nil)
    /// Taken before LMDB's write lock.
    let writerLock: FileLock
    /// How long a write waits for another process's.
    let writeTimeoutSeconds: Double
    let clock: @Sendable () -> Timestamp
    /// Events that the tail index holds before they are written into the index tables.
    let flushEvents: Int

    /// How the log was opened.
    public let access: Access

    /// The identity of the log: 32 hexadecimal digits, the same for ever.
    public let id: String
    /// Grows by one with each restore from a backup: positions of different epochs do not compare.
    public let epoch: UInt64
    /// Tells apart what was restored twice from one backup: made at random by each restore; empty in
    /// epoch 1.
    public let branch: String

    /// Makes the log in an existing empty folder.
    ///
    /// - Throws: `LOG_EXISTS` if there is one already; kind `unavailable` for what the system refuses.
    public static func create(
        folder: String, id: String, clock: @escaping @Sendable () -> Timestamp
    ) throws(AnnalsError) {
        try logCall("creating \(folder)") {
            let environment = try Environment(path: folder)
            let tables = try LogTables.create(in: environment)
            try environment.write { transaction in
                let exists = try transaction.reading { reading in
                    try reading.value(forKey: StateKey.format, in: tables.state) != nil
                }
                guard !exists else {
                    throw AnnalsError(
                        .invalid, "LOG_EXISTS", "There is a log in \(folder) already.")
                }
                let facts = [
                    (StateKey.format, Array("\(formatVersion)".utf8)),
                    (StateKey.logID, Array(id.utf8)), (StateKey.epoch, Array("1".utf8)),
                    (StateKey.indexedThrough, [UInt8](bigEndian: 0)),
                ]
                for (key, value) in facts {
                    try transaction.put(value.span, forKey: key.span, in: tables.state)
                }
            }
            try Environment.syncFolder(folder)
        }
    }

    /// Opens the log of a folder.
    ///
    /// - Parameter clock: gives the time of recording.
    /// - Throws: `FORMAT_NEWER` for a log of a newer program, `STORE_ALREADY_OPEN`, `LOG_MISSING`, or
    ///   what the system refuses.
    public convenience init(
        folder: String, access: Access, clock: @escaping @Sendable () -> Timestamp
    ) throws(AnnalsError) {
        try self.init(folder: folder, access: access, isStill: false, clock: clock)
    }

    /// Opens the log of a folder, with another number of events between two flushes of the indexes:
    /// a small one lets tests meet many flushes.
    ///
    /// - Parameters:
    ///   - isStill: Nobody writes the log, as in a backup: no lock is taken, no file made.
    ///   - checksPages: Check every page first; without it a damaged one can end the process.
    ///   - writeTimeoutSeconds: how long a write waits for another process's.
    package init(
        folder: String, access: Access, isStill: Bool = false, checksPages: Bool = false,
        flushEvents: Int = 65_536,
        writeTimeoutSeconds: Double = 60, clock: @escaping @Sendable () -> Timestamp
    ) throws(AnnalsError) {
        precondition(!isStill || access == .readOnly, "what is still is only read")
        var options = Environment.Options()
        options.readOnly = access == .readOnly
        options.isStill = isStill
        options.creates = false
        let opened = try logCall("opening \(folder)") {
            let environment = try Environment(path: folder, options: options)
            if checksPages { try environment.checkPages() }
            let tables = try LogTables.open(in: environment)
            if access == .readWrite { _ = try environment.clearDeadReaders() }
            return Opened(environment: environment, tables: tables)
        }
        tables = opened.tables
        let facts = try Self.facts(of: opened.environment, tables)
        environment = opened.takeEnvironment()
        writerLock = FileLock(descriptor: environment.dataDescriptor)
        self.writeTimeoutSeconds = writeTimeoutSeconds
        id = facts.id
        epoch = facts.epoch
        branch = facts.branch
        tail = Mutex(TailPair(TailIndex(floor: 0)))
        self.clock = clock
        self.access = access
        self.flushEvents = flushEvents
        guard access == .readWrite else { return }
        do throws(AnnalsError) {
            try indexBacklog()
        } catch {
            // The log is complete without its indexes: `verify` tells, and a later flush tries again.
            flushFailure.withLock { $0 = error }
        }
    }

    private struct Opened: ~Copyable {
        let environment: Environment
        let tables: LogTables

        consuming func takeEnvironment() -> Environment { environment }
    }

    private static func facts(
        of environment: borrowing Environment, _ tables: LogTables
    ) throws(AnnalsError) -> (id: String, epoch: UInt64, branch: String) {
        let facts = try logCall("reading the log's identity") {
            try environment.read { transaction in
                let names = [StateKey.format, StateKey.logID, StateKey.epoch, StateKey.branch]
                return try names.map { key in
                    try transaction.copy(ofKey: key, in: tables.state)
                        .map { String(decoding: $0, as: UTF8.self) }
                }
            }
        }
        guard let format = facts[0].flatMap({ Int($0) }), let id = facts[1],
            let epoch = facts[2].flatMap({ UInt64($0) })
        else {
            throw AnnalsError(
                .corrupt, "LOG_DAMAGED", "The log does not say its format and identity.",
                hint: "Restore a backup.")
        }
        guard format <= formatVersion else { throw newerFormat(format) }
        return (id, epoch, facts[3] ?? "")
    }

    /// The error for a store that a newer program wrote, the same wherever it is met.
    package static func newerFormat(_ format: Int) -> AnnalsError {
        AnnalsError(
            .invalid, "FORMAT_NEWER",
            "The store has format \(format); this program knows formats up to \(formatVersion).",
            hint: "Use the newer program that wrote it.")
    }

    /// The position of the last event; 0 for an empty log.
    public func head() throws(AnnalsError) -> Position {
        try logCall("reading the head") {
            try environment.read { transaction in Position(try head(in: transaction)) }
        }
    }

    func head(in transaction: borrowing ReadTransaction) throws -> UInt64 {
        var cursor = try transaction.cursor(in: tables.events)
        guard try cursor.last() else { return 0 }
        guard let head = cursor.numericKey else {
            throw AnnalsError(.corrupt, "LOG_DAMAGED", "The last key is not a position.")
        }
        return head
    }
}

extension String {
    /// The bytes of the text.
    var utf8Bytes: [UInt8] { Array(utf8) }
}
