internal import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine

/// What a store knows about one projection, kept in the log's state: which generation is current,
/// which are retained, which migrations are applied.
///
/// The log outlives the SQLite files, and so does this.
struct ProjectionState: Codable, Equatable {
    /// One built SQLite file.
    struct Generation: Codable, Equatable {
        /// Its name in the folder `generations`.
        var file: String
        /// The numbers of the migrations it was built with, ascending.
        var versions: [Int]
        /// A hash over those migrations' checksums: the same numbers with other text are another thing.
        var fingerprint: String
    }

    /// One applied migration.
    struct Applied: Codable, Equatable {
        var number: Int
        var name: String
        var module: String
        /// Milliseconds since 1970, UTC.
        var appliedAt: Int64
        /// The migration's hashes, rendered.
        var checksums: String
        /// That it is missing from the definition, and may be.
        var waiver: Waiver?
    }

    /// The permission to do without an applied migration.
    struct Waiver: Codable, Equatable {
        /// Who gave it, or why.
        var reason: String
        /// Milliseconds since 1970, UTC.
        var at: Int64
    }

    /// A build that is under way: one that stays behind tells of a process that was ended.
    struct Building: Codable, Equatable {
        /// The version set that it was to reach.
        var versions: [Int]
        /// When it began, in milliseconds since 1970, UTC.
        var since: Int64
    }

    /// An administrative event that is still to be appended; written together with what it tells of,
    /// and appended under its id, so that it is there exactly once whatever happens between.
    struct Outgoing: Codable, Equatable {
        var id: String
        var type: String
        var data: String
    }

    /// Where catch-up stopped at an event that a handler refuses.
    struct Halt: Codable, Equatable {
        var position: UInt64
        var message: String
    }

    /// A build that was long enough to tell how fast the next one will be.
    struct Measured: Codable, Equatable {
        /// Events that it applied.
        var events: Int
        var durationMs: Double

        /// Events that a build must have, or its fixed costs would be taken for its pace.
        static let eventsMin = 1_000

        /// Events per second.
        var rate: Double { Double(events) / max(durationMs, 0.001) * 1000 }
    }

    /// Rows of a file that are being appended: until all of them are, nobody applies any.
    struct Adoption: Codable, Equatable {
        /// Names the rows.
        var digest: String
        /// When it began, in milliseconds since 1970, UTC: the time of its events.
        var startedAt: Int64
        /// The file, as it was named.
        var file: String
    }

    var current: Generation?
    var retained: [Generation] = []
    /// In order of application.
    var applied: [Applied] = []
    /// The enabled modules, sorted.
    var modules: [String]
    /// The optional modules that were disabled, sorted; others follow their default.
    var disabled: [String]? = nil
    /// The number of the next generation.
    var nextGeneration = 1
    /// Smaller numbers that were passed over, because somebody else's files had their names.
    var foreign: [Int]? = nil
    /// Whether refused events are put aside instead of stopping the projection.
    var quarantines = false
    var outgoing: [Outgoing] = []
    var halt: Halt?
    /// Why the current file is not believed until it is rebuilt.
    var distrust: String?
    /// The last build that was measured; `nil` while there was none.
    var measured: Measured?
    var building: Building?
    var adoption: Adoption?

    /// The numbers of the migrations in force, ascending: those applied, without the waived ones.
    var versions: [Int] { applied.filter { $0.waiver == nil }.map(\.number).sorted() }

    /// Whether the store has made a generation of this number.
    func hasGiven(_ number: Int) -> Bool {
        number >= 1 && number < nextGeneration && foreign?.contains(number) != true
    }

    /// Every number on record as applied.
    var recorded: Set<Int> { Set(applied.map(\.number)) }

    /// The greatest number in force, 0 for none.
    var version: Int { versions.last ?? 0 }

    /// The modules that the store has: those enabled, and those a new store would have that were not
    /// disabled and whose modules are there.
    func enabledModules(of definition: ProjectionDefinition) -> Set<String> {
        var enabled = definition.defaultModules.subtracting(disabled ?? []).union(modules)
        // By ascending range, so what a module depends on is decided before it.
        for module in definition.modules
        where module.isOptional && !modules.contains(module.name)
            && !enabled.isSuperset(of: module.depends)
        {
            enabled.remove(module.name)
        }
        return enabled
    }

    /// What waits to be applied, ascending.
    func pending(in definition: ProjectionDefinition) -> [Int] {
        definition.pending(applied: versions, enabledModules: enabledModules(of: definition))
    }

    static func key(_ projection: String) -> String { "projection/\(projection)" }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    static func decode(_ bytes: [UInt8], of projection: String) throws(AnnalsError) -> Self {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw AnnalsError(
                .corrupt, "STATE_DAMAGED",
                "The log's note about the projection '\(projection)' is unreadable: \(error).",
                hint: "Restore a backup.", context: .init(projection: projection))
        }
    }
}
