internal import Crypto
internal import EventModel
internal import Foundation
internal import ProjectionEngine

/// How an applied migration differs from what the definition says now.
public struct Drift: Sendable, Equatable, Codable {
    /// The ways to differ.
    public enum Kind: String, Sendable, Codable {
        /// The definition has no migration of this number.
        case missing
        /// Something with an effect was edited.
        case edited
        /// Only comments or spacing were edited.
        case cosmetic
        /// Another name, the same content.
        case renamed
        /// Another number, the same content.
        case renumbered
    }

    /// How it differs.
    public let kind: Kind
    /// The applied number.
    public let number: Int
    /// The applied name.
    public let name: String
    /// For `edited`: the part (`header`, `up`, `down`, `On TYPE`).
    public let part: String?
    /// The hash of the part as applied.
    public let was: String?
    /// The hash of the part in the definition; `nil` when it is gone.
    public let now: String?

    /// Whether the difference keeps the projection from being built.
    public var isBlocking: Bool { kind != .cosmetic && kind != .renamed }

    /// One line for people.
    public var summary: String {
        let title = Migration.fullName(number, name)
        switch kind {
        case .missing: return "\(title) is applied, but missing from the definition"
        case .edited:
            return "\(title) was edited after it was applied: \(part ?? "?"),"
                + " \(was ?? "none") → \(now ?? "none")"
        case .cosmetic: return "\(title): cosmetic edit (comments or spacing only)"
        case .renamed: return "\(title): renamed, content unchanged"
        case .renumbered: return "\(title): renumbered, content unchanged"
        }
    }
}

extension ProjectionDefinition {
    /// A hash over the checksums of the migrations in a version set.
    func fingerprint(_ versions: [Int]) -> String {
        var hash = SHA256()
        for migration in migrations(in: versions) {
            hash.update(data: Data("\(migration.number) \(migration.checksums.tokens)\n".utf8))
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    /// Compares what was applied with what the definition says.
    func drift(from applied: [ProjectionState.Applied]) -> [Drift] {
        applied.compactMap { entry in
            guard let recorded = Checksums(rendering: entry.checksums) else { return nil }
            func drift(
                _ kind: Drift.Kind, _ difference: Checksums.Difference? = nil
            ) -> Drift {
                Drift(
                    kind: kind, number: entry.number, name: entry.name, part: difference?.part,
                    was: difference?.was, now: difference?.now)
            }
            guard let migration = migration(entry.number) else {
                let isElsewhere = migrations.contains { $0.checksums.tokens == recorded.tokens }
                return drift(isElsewhere ? .renumbered : .missing)
            }
            let differences = migration.checksums.differences(from: recorded)
            if let real = differences.first(where: { !$0.isCosmetic && $0.part != "header" })
                ?? differences.first(where: { !$0.isCosmetic }),
                migration.checksums.tokens != recorded.tokens
            {
                return drift(.edited, real)
            }
            if migration.name != entry.name { return drift(.renamed) }
            return differences.isEmpty ? nil : drift(.cosmetic, differences.first)
        }
    }
}
