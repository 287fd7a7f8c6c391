public import EventModel
public import ProjectionEngine

/// What a proof says of one way of a migration.
public enum ProofVerdict: String, Sendable, Comparable {
    /// Equal to the replay, on every history that was looked at.
    case proven
    /// Only a replay leads there; there is nothing to prove.
    case replay
    /// Not equal, or refused.
    case differs

    /// Orders by what counts when histories do not agree.
    public static func < (left: ProofVerdict, right: ProofVerdict) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .proven: 0
        case .replay: 1
        case .differs: 2
        }
    }
}

/// Why a way of a migration is not proven.
public struct ProofDifference: Sendable, Equatable {
    /// The ways that are looked at.
    public enum Check: String, Sendable {
        /// Down from the replay at N against the replay at N-1.
        case down
        /// Up and Down from the replay at N-1 against that replay.
        case roundTrip
        /// Up from the replay at N-1 against the replay at N.
        case inPlace
    }

    /// What was looked at.
    public let check: Check
    /// On which history, in words.
    public let history: String
    /// The tables and schema objects that differ; empty when something was refused.
    public let content: [ContentDifference]
    /// The statement or event that was refused, so that there is nothing to compare.
    public let refusal: AnnalsError?

    /// One line for people.
    public var summary: String {
        if let refusal { return refusal.message }
        let first = content.first?.summary ?? ""
        return content.count > 1 ? "\(first), and \(content.count - 1) more" : first
    }
}

/// What was proven of one migration.
public struct MigrationProof: Sendable, Equatable {
    /// Its number.
    public let number: Int
    /// Its name, without the number.
    public let name: String
    /// The module that it belongs to.
    public let module: String
    /// Whether Down from N equals a replay at N-1.
    public internal(set) var down = ProofVerdict.proven
    /// Whether Down after Up is the identity, starting from a replay at N-1.
    public internal(set) var roundTrip = ProofVerdict.proven
    /// Whether Up from N-1 equals a replay at N; that it does not is no failure.
    public internal(set) var inPlace = ProofVerdict.proven
    /// Why something is not proven, one entry for each check.
    public internal(set) var differences: [ProofDifference] = []
    /// Events of the history that have a handler at N.
    public internal(set) var events: UInt64 = 0
    /// Rows of the tables that the migration names.
    public internal(set) var rows = 0
    /// The tables that the migration names and that had no row: of these the proof says little.
    public internal(set) var tablesWithoutRows: [String] = []

    /// Whether its Down is wrong.
    public var isFailed: Bool { down == .differs || roundTrip == .differs }
    /// Whether its Down is right, on the history.
    public var isProven: Bool { down == .proven && roundTrip == .proven }

    /// Takes note of what came of a check.
    mutating func record(
        _ verdict: ProofVerdict, _ difference: ProofDifference?, of way: ProofDifference.Check
    ) {
        switch way {
        case .down: down = max(down, verdict)
        case .roundTrip: roundTrip = max(roundTrip, verdict)
        case .inPlace: inPlace = max(inPlace, verdict)
        }
        if let difference, !differences.contains(where: { $0.check == way }) {
            differences.append(difference)
        }
    }
}

/// What was proven of one projection's migrations; it is only as good as the history.
public struct ProjectionProof: Sendable, Equatable {
    /// The projection.
    public let projection: String
    /// The history, in words.
    public let history: String
    /// The events of the history.
    public let events: UInt64
    /// By ascending number.
    public let migrations: [MigrationProof]

    /// How many migrations have a Down that is right.
    public var proven: Int { migrations.count(where: \.isProven) }
    /// How many migrations have a Down that is wrong.
    public var failed: Int { migrations.count(where: \.isFailed) }
}
