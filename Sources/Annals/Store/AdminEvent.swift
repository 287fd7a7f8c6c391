public import EventModel
internal import Foundation
internal import LogStorage

/// One administrative act: a migration, a rollback, a backup and the like, as the store's own stream tells it.
public struct AdminEvent: Sendable, Equatable {
    /// The acts; newer programs may write others.
    public enum Act: String, Sendable, CaseIterable {
        /// A migration was applied.
        case migrationApplied = "migration.applied"
        /// A migration was taken back.
        case migrationRolledBack = "migration.rolled_back"
        /// A migration, rollback or repair failed.
        case migrationFailed = "migration.failed"
        /// Work that had begun was ended.
        case migrationAborted = "migration.aborted"
        /// A late number of a module was allowed.
        case migrationAllowedOutOfOrder = "migration.allowed_out_of_order"
        /// A missing or edited migration was waived.
        case migrationRepaired = "migration.repaired"
        /// A module's migrations were found in an adopted file.
        case migrationAdopted = "migration.adopted"
        /// An adoption was given up.
        case adoptionAbandoned = "adoption.abandoned"
        /// An optional module was enabled.
        case moduleEnabled = "module.enabled"
        /// An optional module was disabled.
        case moduleDisabled = "module.disabled"
        /// An applied migration got a new number.
        case moduleReassigned = "module.reassigned"
        /// A projection was built anew.
        case projectionRebuilt = "projection.rebuilt"
        /// The store was backed up.
        case storeBackedUp = "store.backed_up"
        /// The store was made of a backup.
        case storeRestored = "store.restored"
        /// The store was validated, and that was to be recorded.
        case storeValidated = "store.validated"
    }

    /// What an act tells; what it does not speak of is `nil`.
    public struct Facts: Sendable, Equatable, Decodable {
        /// The projection that it was about.
        public let projection: String?
        /// The module.
        public let module: String?
        /// The number of the migration.
        public let version: Int?
        /// The name of the migration, without the number.
        public let name: String?
        /// The version, or number, before.
        public let from: Int?
        /// The version, or number, afterwards.
        public let to: Int?
        /// The numbers of several migrations.
        public let versions: [Int]?
        /// Why it was done.
        public let reason: String?
        /// The stable name of what failed.
        public let code: String?
        /// What failed, in words.
        public let error: String?
        /// The content digest, or the file's, that it led to.
        public let digest: String?
        /// Rows that were adopted.
        public let rows: Int?
        /// Whether everything was found right.
        public let ok: Bool?
        /// The last position of the log at that moment.
        public let logPosition: UInt64?
        /// How long it took, in milliseconds.
        public let durationMs: Int?
    }

    /// Its place in the log.
    public let position: Position
    /// When it was recorded.
    public let recorded: Timestamp
    /// Its type, such as `migration.applied`.
    public let type: String
    /// What was done; `nil` for a type that this program does not know.
    public let act: Act?
    /// What it tells.
    public let facts: Facts
    /// All of it, a JSON object.
    public let data: String
}

extension EventStore {
    /// The administrative acts of the store in their order: what was applied, rolled back, repaired,
    /// enabled, failed, backed up.
    ///
    /// - Parameters:
    ///   - projection: only acts about this one; of the whole store without it.
    ///   - after: only acts behind this position.
    /// - Throws: that a record cannot be read.
    public func history(
        of projection: String? = nil, after: Position = .start
    ) throws(AnnalsError) -> [AdminEvent] {
        var found: [AdminEvent] = []
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            try log.readStream(Self.adminStream, limit: .max) { event in
                guard event.position > after else { return }
                let copy = event.copy()
                let facts = try decoder.decode(AdminEvent.Facts.self, from: Data(copy.data))
                if let projection, facts.projection != projection { return }
                found.append(
                    AdminEvent(
                        position: event.position, recorded: event.recorded, type: copy.type,
                        act: AdminEvent.Act(rawValue: copy.type), facts: facts,
                        data: String(decoding: copy.data, as: UTF8.self)))
            }
        } catch {
            throw storeError(error)
        }
        return found
    }

    /// Records what was found by `validate`, as an event of the store's own.
    ///
    /// - Returns: its position.
    /// - Throws: `STORE_READ_ONLY`, `WRITER_BUSY`, `DISK_FULL`.
    @discardableResult
    public func record(_ validations: [ProjectionValidation]) throws(AnnalsError) -> Position {
        let problems = validations.flatMap { validation -> [[String: String]] in
            validation.drift.filter(\.isBlocking).map {
                [
                    "projection": validation.projection, "code": "MIGRATION_DRIFT",
                    "message": $0.summary,
                ]
            }
                + validation.problems.map {
                    ["projection": validation.projection, "code": $0.code, "message": $0.message]
                }
        }
        return try appendAdmin(
            AdminEvent.Act.storeValidated.rawValue,
            [
                "ok": problems.isEmpty, "problems": problems,
                "projections": validations.map(\.projection),
            ])
    }
}
