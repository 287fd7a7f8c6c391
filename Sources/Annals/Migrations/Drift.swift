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
    /// For `renumbered`: the number that the definition has; for others `nil`.
    public let movedTo: Int?

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
        case .renumbered:
            let number = movedTo.map(Migration.padded) ?? "?"
            return "\(title): renumbered to \(number), content unchanged"
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

    /// Compares what was applied with what the definition says, in the order of application; an edited
    /// migration gives one difference for each part.
    func drift(from applied: [ProjectionState.Applied]) -> [Drift] {
        let recorded = Dictionary(
            applied.map { ($0.number, Checksums(rendering: $0.checksums)) }
        ) { first, _ in first }
        return applied.flatMap { entry -> [Drift] in
            guard entry.waiver == nil else { return [] }
            // Hashes of an algorithm that this program does not know say nothing.
            guard let was = recorded[entry.number].flatMap({ $0 }) else { return [] }
            let here = migration(entry.number)
            let hasContent = here?.checksums.hasContent(of: was) == true
            // Under another name the content here may be a copy of what has moved with its name.
            if !hasContent || here?.name != entry.name,
                let moved = moved(
                    entry, was, recorded.compactMapValues { $0 }, underItsName: hasContent)
            {
                return [Drift(.renumbered, entry, movedTo: moved)]
            }
            guard let here else { return [Drift(.missing, entry)] }
            return Drift.between(entry, was, here)
        }
    }

    /// The number that an applied migration has now: its content under its name, else its content
    /// alone, where no other applied migration is known by it.
    ///
    /// The header is no part of that: it names other migrations by numbers that may have changed too.
    private func moved(
        _ entry: ProjectionState.Applied, _ was: Checksums, _ recorded: [Int: Checksums],
        underItsName: Bool
    ) -> Int? {
        let same = migrations.filter { migration in
            migration.module == entry.module && migration.number != entry.number
                && migration.checksums.hasContent(of: was)
                && recorded[migration.number].map(migration.checksums.hasContent) != true
        }
        let named = same.first { $0.name == entry.name }
        if underItsName { return named?.number }
        return (named ?? same.first { $0.checksums.tokens == was.tokens })?.number
    }
}

extension Checksums {
    /// Whether every section but the header means the same.
    func hasContent(of other: Checksums) -> Bool {
        func sections(_ checksums: Checksums) -> [String: String] {
            Dictionary(
                checksums.parts.filter { $0.name != "header" }.map { ($0.name, $0.part.tokens) }
            ) { first, _ in first }
        }
        return sections(self) == sections(other)
    }
}

extension Drift {
    fileprivate init(
        _ kind: Kind, _ entry: ProjectionState.Applied, _ difference: Checksums.Difference? = nil,
        movedTo: Int? = nil
    ) {
        self.init(
            kind: kind, number: entry.number, name: entry.name, part: difference?.part,
            was: difference?.was, now: difference?.now, movedTo: movedTo)
    }

    /// What an edit changed; nothing when the text is as it was.
    fileprivate static func between(
        _ entry: ProjectionState.Applied, _ was: Checksums, _ migration: Migration
    ) -> [Drift] {
        let differences = migration.checksums.differences(from: was)
        let real = differences.filter { !$0.isCosmetic }
        if !real.isEmpty { return real.map { Drift(.edited, entry, $0) } }
        // The header has the name: a new name alone is no edit besides.
        if migration.name != entry.name { return [Drift(.renamed, entry)] }
        return differences.first.map { [Drift(.cosmetic, entry, $0)] } ?? []
    }

    /// How the definition of a migration that nobody knows differs: not at all there.
    static func missing(_ entry: ProjectionState.Applied) -> Drift { Drift(.missing, entry) }
}
