import SQLite

/// Which events write a table, as the authorizer saw it.
struct TableWriters {
    private let trace: DefinitionTrace

    init(_ trace: DefinitionTrace) { self.trace = trace }

    /// A line for each event type: what it does and where its handler says so.
    func lines(of table: String) -> [String] {
        var types: [String] = []
        var acts: [String: [String]] = [:]
        for statement in trace.inForce {
            guard case .on(let type) = statement.part,
                let act = act(statement, on: table.asciiLowercased)
            else { continue }
            if acts[type] == nil { types.append(type) }
            acts[type, default: []].append("\(act) (\(ProjectionPage.code(statement.place)))")
        }
        return types.sorted().map {
            "\(ProjectionPage.code($0)): \((acts[$0] ?? []).joined(separator: ", "))"
        }
    }

    /// What a statement does to the table, `nil` for nothing but reading.
    private func act(_ statement: TracedStatement, on table: String) -> String? {
        var words: [String] = []
        var ways: [String] = []
        for access in statement.accesses
        where access.action.isWrite && access.table.asciiLowercased == table {
            let word =
                switch access.action {
                case .insert: "inserts"
                case .update: "updates"
                default: "deletes"
                }
            if !words.contains(word) { words.append(word) }
            let way: String? =
                if let trigger = access.inside {
                    "by the trigger \(ProjectionPage.code(trigger))"
                } else if statement.target?.asciiLowercased != table {
                    "by a foreign key"
                } else { nil }
            if let way, !ways.contains(way) { ways.append(way) }
        }
        guard !words.isEmpty else { return nil }
        return ([words.joined(separator: " or ")] + ways).joined(separator: " ")
    }
}
