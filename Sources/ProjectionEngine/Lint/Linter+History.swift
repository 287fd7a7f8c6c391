internal import SQLite

/// What a store's log and live file know, for the rules that ask about history.
package struct LintHistory: Sendable {
    /// A table, or a column of it, that a migration takes away.
    package struct Loss: Sendable, Hashable {
        /// The number of the migration.
        package let migration: Int
        /// The table as it was called before the migration.
        package let table: String
        /// The column; `nil` for the whole table.
        package let column: String?

        init(_ loss: DefinitionTrace.Loss) {
            migration = loss.statement.migration.number
            table = loss.table
            column = loss.column
        }
    }

    /// The event types in the log, without the store's own.
    package var types: Set<String> = []
    /// The top-level fields that events of a type carry, for the types asked for.
    package var fields: [String: Set<String>] = [:]
    /// The numbers of the migrations that are applied.
    package var applied: Set<Int> = []
    /// Rows or values that are not NULL, as the version before the migration shows them.
    package var lost: [Loss: Int64] = [:]

    /// Begins with nothing known.
    package init() {}
}

extension Linter {
    /// The fields that handlers in force read, by event type; types with upcasts are left out, because
    /// their handlers see other data than the log holds.
    package var fieldsRead: [String: Set<String>] {
        let upcast = Set(definition.migrations.flatMap(\.upcasts).map(\.eventType))
        var found: [String: Set<String>] = [:]
        for statement in trace.inForce {
            guard case .on(let type) = statement.part, !upcast.contains(type) else { continue }
            found[type, default: []].formUnion(statement.fields)
        }
        return found
    }

    /// What migrations take away.
    package var losses: [LintHistory.Loss] { trace.losses.map(LintHistory.Loss.init) }

    /// Handlers of types, and fields, that the log does not have.
    func historyFindings(_ history: LintHistory) -> [LintFinding] {
        // In a log that has nothing but seeds nothing has ever occurred.
        let seeds = (others + [definition]).flatMap(\.migrations).flatMap(\.seeds).map(\.type)
        guard !history.types.isSubset(of: seeds) else { return [] }
        let handled = Set(
            trace.inForce.compactMap { statement -> String? in
                if case .on(let type) = statement.part { type } else { nil }
            })
        var seen: Set<String> = []
        return trace.inForce.flatMap { statement -> [LintFinding] in
            guard case .on(let type) = statement.part else { return [] }
            guard history.types.contains(type) else {
                guard seen.insert("\(statement.migration.number) \(type)").inserted else {
                    return []
                }
                return [neverOccurs(type, statement, history.types.subtracting(handled))]
            }
            guard let fields = history.fields[type] else { return [] }
            return statement.fields.filter {
                !fields.contains($0) && seen.insert("\(type) \($0)").inserted
            }.map { neverOccurs(field: $0, of: type, statement, fields) }
        }
    }

    private func neverOccurs(
        _ type: String, _ statement: TracedStatement, _ unhandled: Set<String>
    ) -> LintFinding {
        let near = NearMiss.of(type, among: unhandled)
        let hint = near.map { "; the log has `\($0)`, which nothing handles" } ?? ""
        return finding(
            .typeNeverOccurs, statement.migration, line: statement.section.firstLine - 1,
            "the log has no event of the type `\(type)`\(hint).",
            severity: near == nil ? nil : .warning)
    }

    private func neverOccurs(
        field: String, of type: String, _ statement: TracedStatement, _ fields: Set<String>
    ) -> LintFinding {
        let read = fieldsRead[type] ?? []
        let near = NearMiss.of(field, among: fields.subtracting(read))
        let hint = near.map { "; they carry `\($0)`, which nothing reads" } ?? ""
        let word = statement.tokens.words.first {
            $0.token.kind == .parameter && $0.text == "$\(field)"
        }
        return finding(
            .fieldNeverOccurs, statement, at: word?.token.range.lowerBound,
            "no event of the type `\(type)` carries `\(field)`\(hint).",
            severity: near == nil ? nil : .warning)
    }
}

/// Names that differ so little that one is probably a slip of the other.
enum NearMiss {
    /// Letters to change, at most.
    private static let distanceMax = 2

    /// The nearest of some names, the first of equally near ones; `nil` when none is near.
    static func of(_ name: String, among names: Set<String>) -> String? {
        names.sorted().map { ($0, distance(Array(name.utf8), Array($0.utf8))) }
            .filter { $0.1 <= distanceMax && $0.1 * 3 < min(name.utf8.count, $0.0.utf8.count) }
            .min { $0.1 < $1.1 }?.0
    }

    /// How many bytes must be added, removed or replaced (Levenshtein).
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        if abs(one.count - other.count) > distanceMax { return .max / 8 }
        var row = Array(0...other.count)
        for (index, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let replaced = diagonal + (byte == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
