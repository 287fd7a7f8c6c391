public import EventModel
internal import Foundation
public import LogStorage
public import Logging
public import ProjectionEngine
internal import Synchronization

/// A store: one log of events, and the projections that are built from it.
///
/// All methods may be called from any thread. Several processes may have a store open at once; one
/// process opens it once.
public final class EventStore: Sendable {
    /// How a store is opened.
    public struct Options: Sendable {
        /// Reading and writing, or only reading.
        public var access: EventLog.Access = .readWrite
        /// The projections that the program brings along; a store with a projections folder of its
        /// own uses that instead.
        public var builtIn: [ProjectionDefinition] = []
        /// Apply pending migrations when opening; `migratedOnOpen` tells which were.
        public var migrates = false
        /// How long an opening that migrates waits for another builder, in seconds.
        public var lockTimeoutSeconds = 60.0
        /// How long an append or another write waits for another process's, in seconds.
        public var writeTimeoutSeconds = 60.0
        /// The clock that gives the times of recording.
        public var clock: @Sendable () -> Timestamp = EventStore.systemClock
        /// Where the store tells what it does.
        public var logger = Logger(label: "annals") { _ in SwiftLogNoOpLogHandler() }
        /// Check every page of the log before it is used: a damaged one is refused (`LOG_DAMAGED`)
        /// instead of ending the process where it is read.
        ///
        /// It reads the log's whole file once.
        public var checksPages = false
        /// How many earlier generations of each projection are kept for a quick rollback.
        public var retainedGenerations = 2

        /// What is free where the store lies, in bytes; the system is asked without it.
        package var freeBytes: (@Sendable () -> Int)?

        /// The defaults.
        public init() {}
    }

    /// The machine's clock, in milliseconds.
    public static let systemClock: @Sendable () -> Timestamp = {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// The log.
    public let log: EventLog
    let files: StoreFiles
    let options: Options
    let handles: [String: ProjectionHandle]
    /// What is wrong with the projections that cannot be used, by name; whoever uses one gets this.
    public let loadFailures: [String: AnnalsError]
    /// Why the projections folder cannot be read; then every projection of the store is a failure.
    public let folderFailure: AnnalsError?
    /// Where the definitions were read from; `nil` for the built-in ones.
    public let projectionsFolder: String?
    let checked = CheckedQueue()
    private let atOpening = Mutex<[MigrateResult]>([])

    /// What the opening itself migrated, in the order of the projections' names.
    ///
    /// Empty without `Options.migrates`, when nothing was pending, and when another process that opened
    /// the store at the same time was first.
    public var migratedOnOpen: [MigrateResult] { atOpening.withLock { $0 } }

    /// The names of the projections, sorted; those that cannot be used included.
    public var projections: [String] { (Array(handles.keys) + loadFailures.keys).sorted() }

    /// Opens a store.
    ///
    /// A writable opening heals what a crash left: it removes half-built generations, mends links,
    /// appends notes that a switch left behind, and catches projections up.
    /// A projection whose files are wrong does not keep the store from being opened: its error is in
    /// `loadFailures`, and thrown where the projection is used.
    /// - Throws: `STORE_MISSING`, `FORMAT_NEWER`, `STORE_ALREADY_OPEN`; with `migrates` what keeps a
    ///   projection from being migrated.
    public init(at path: String, options: Options = Options()) throws(AnnalsError) {
        let files = StoreFiles(root: path)
        guard files.exists else {
            throw AnnalsError(
                .invalid, "STORE_MISSING", "There is no store in \(path).",
                hint: "Make one with 'annals init', or name the right folder with --store.")
        }
        // The manifest is looked at first, so that a newer store is refused before its log is touched.
        let found = try StoreManifest.read(files.manifest)
        guard options.access == .readOnly || !files.isBackup else {
            throw AnnalsError(
                .invalid, "STORE_IS_BACKUP", "\(path) is a backup, which is only read.",
                hint: "Make a store of it with 'annals restore'.")
        }
        log = try EventLog(
            folder: files.log, access: options.access, isStill: files.isBackup,
            checksPages: options.checksPages, writeTimeoutSeconds: options.writeTimeoutSeconds,
            clock: options.clock)
        let manifest: StoreManifest
        if let found { manifest = found } else { manifest = try Self.manifest(from: log) }
        projectionsFolder = manifest.projections
        self.files = files
        self.options = options
        var loaded = LoadedProjections(options.builtIn)
        var failure: AnnalsError?
        if let folder = manifest.projections {
            do throws(AnnalsError) {
                loaded = try LoadedProjections(folder: folder, isChecked: false)
            } catch {
                failure = error
                loaded = LoadedProjections([])
            }
        }
        folderFailure = failure
        var failures = loaded.failures
        if let failure {
            for name in try Self.knownProjections(log) { failures[name] = failure }
        }
        loadFailures = failures
        handles = Dictionary(
            uniqueKeysWithValues: loaded.definitions.map { ($0.name, ProjectionHandle($0)) })
        if options.access == .readWrite { try heal(manifest, isManifestMissing: found == nil) }
        if options.migrates {
            let results = try migratePending()
            atOpening.withLock { $0 = results }
        }
    }

    private static func manifest(from log: EventLog) throws(AnnalsError) -> StoreManifest {
        guard let text = try log.state(StoreManifest.stateKey) else {
            throw AnnalsError(
                .corrupt, "MANIFEST_DAMAGED",
                "store.json is missing, and the log does not repeat it.",
                hint: "Restore a backup.")
        }
        return try StoreManifest.decode(Data(text), from: "the log's copy of store.json")
    }

    func handle(_ projection: String) throws(AnnalsError) -> ProjectionHandle {
        if let handle = handles[projection] { return handle }
        if var failure = loadFailures[projection] ?? folderFailure {
            failure.context.projection = projection
            throw failure
        }
        throw AnnalsError(
            .invalid, "PROJECTION_UNKNOWN", "There is no projection '\(projection)'.",
            hint: handles.isEmpty
                ? "The store has no projections."
                : "The store has: \(projections.joined(separator: ", ")).",
            context: .init(projection: projection))
    }

    /// The definition of a projection.
    /// - Throws: `PROJECTION_UNKNOWN`, or what is wrong with its files.
    public func definition(of projection: String) throws(AnnalsError) -> ProjectionDefinition {
        try handle(projection).definition
    }
}
