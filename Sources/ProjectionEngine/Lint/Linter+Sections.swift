import EventModel
import SQLite

extension Linter {
    /// Tables that one migration may make or change before it is a large one.
    static let tablesMax = 8

    /// What the words of a migration's sections tell.
    func sectionFindings() -> [LintFinding] {
        definition.migrations.flatMap { migration -> [LintFinding] in
            var found = upFindings(migration)
            if let reason = migration.replayReason, reason.text.isEmpty {
                found.append(
                    finding(
                        .downWithoutReason, migration, line: reason.line,
                        "`-- Down: replay` does not say why only a replay leads back."))
            }
            let tables = Set(
                trace.statements.filter {
                    $0.migration.number == migration.number && $0.part == .up
                }
                .flatMap(\.accesses).filter { $0.action != .read && $0.inside == nil }
                .map(\.table.asciiLowercased))
            if tables.count > Self.tablesMax {
                found.append(
                    finding(
                        .largeMigration, migration, migration.up, at: 0,
                        "it makes or changes \(tables.count) tables."))
            }
            return found
        }
    }

    private func upFindings(_ migration: Migration) -> [LintFinding] {
        let words = SQLWords(migration.up.sql).words
        var found: [LintFinding] = []
        for (index, word) in words.enumerated() {
            if word.isWord("autoincrement") {
                found.append(
                    finding(
                        .autoincrement, migration, migration.up, at: word.token.range.lowerBound,
                        "AUTOINCREMENT numbers rows by SQLite's memory of the file, not by events.")
                )
            }
            if word.isWord("default"), Self.isTime(words[(index + 1)...]) {
                found.append(
                    finding(
                        .defaultTime, migration, migration.up, at: word.token.range.lowerBound,
                        "this default is the time of the event, not the machine's."))
            }
        }
        return found
    }

    /// Whether the value of a default is "now".
    private static func isTime(_ words: ArraySlice<SQLWords.Word>) -> Bool {
        let clocks: Set<String> = ["current_timestamp", "current_time", "current_date"]
        guard let first = words.first else { return false }
        guard first.isWord("(") else { return clocks.contains(first.text.asciiLowercased) }
        var depth = 0
        for (word, next) in zip(words, words.dropFirst() + [first]) {
            if word.isWord("(") { depth += 1 }
            if word.isWord(")") { depth -= 1 }
            if depth == 0 { return false }
            let isNow =
                clocks.contains(word.text) || word.text.asciiLowercased == "'now'"
                || (word.isWord("unixepoch") || word.isWord("julianday")) && next.isWord("(")
            if isNow { return true }
        }
        return false
    }

    /// Functions and modifiers that make replays differ, all of them: SQLite stops at the first.
    func nondeterminismFindings() -> [LintFinding] {
        definition.migrations.flatMap { migration -> [LintFinding] in
            migration.sections.flatMap { section -> [LintFinding] in
                SQLiteText.nondeterministicCalls(in: section.sql).map {
                    finding(
                        .nondeterministicFunction, migration, section, at: $0.offset,
                        "\($0.function)() is refused: its answer is not a function of the log.")
                }
                    + SQLiteText.timeZoneModifiers(in: section.sql).map {
                        finding(
                            .nondeterministicModifier, migration, section, at: $0,
                            "the time modifier depends on the machine's time zone.")
                    }
                    + SQLiteText.openTimeModifiers(in: section.sql).map {
                        finding(
                            .nondeterministicModifier, migration, section, at: $0,
                            "the time modifier is not known from the text and could name a zone.")
                    }
            }
        }
    }

    /// A statement that SQLite does not understand because its table is another projection's.
    func otherProjection(_ error: AnnalsError) -> LintFinding? {
        guard let migration = error.context.migration.flatMap(definition.migration),
            let line = error.context.line,
            let section = migration.sections.filter({ $0.firstLine <= line })
                .max(by: { $0.firstLine < $1.firstLine })
        else { return nil }
        let words = SQLWords(section.sql).words.filter { word in
            section.location(utf8Offset: word.token.range.lowerBound).line >= line
        }
        for other in others {
            let tables = Self.tables(of: other)
            let word = words.first { word in
                word.name.map { tables.contains($0) && trace.makers[$0] == nil } ?? false
            }
            guard let word else { continue }
            return finding(
                .otherProjection, migration, section, at: word.token.range.lowerBound,
                "\(word.text) is a table of the projection \(other.name), which is another file.")
        }
        return nil
    }

    private static func tables(of other: ProjectionDefinition) -> Set<String> {
        do throws(AnnalsError) {
            let trace = try DefinitionTrace(other, versions: other.migrations.map(\.number))
            return Set(trace.makers.keys)
        } catch {
            // What is wrong with the other projection is found when it is looked at itself.
            return []
        }
    }

    // MARK: Seeds

    /// Seeds whose rows differ from store to store, or whose ids are taken.
    func seedFindings() -> [LintFinding] {
        let taken = Dictionary(
            others.flatMap { other in
                other.migrations.flatMap(\.seeds).map { ($0.id, (other.name, $0)) }
            }, uniquingKeysWith: { first, _ in first })
        return definition.migrations.flatMap { migration in
            migration.seeds.flatMap { seed -> [LintFinding] in
                var found = unstable(seed, migration)
                if let (name, other) = taken[seed.id] {
                    found.append(
                        finding(
                            .seedClash, migration, line: seed.line,
                            "the id `\(seed.id)` is also the seed's at \(other.file):\(other.line) "
                                + "of the projection \(name)."))
                }
                return found
            }
        }
    }

    private func unstable(_ seed: Seed, _ migration: Migration) -> [LintFinding] {
        let handlers = trace.inForce.filter { $0.part == .on(type: seed.type) }
        if handlers.isEmpty, trace.problem == nil {
            return [
                finding(
                    .unstableSeed, migration, line: seed.line,
                    "nothing handles the seed's type `\(seed.type)`, so it makes no row.")
            ]
        }
        let places = Set(handlers.flatMap(\.envelope)).intersection(["@position", "@recorded"])
        return places.sorted().map {
            finding(
                .unstableSeed, migration, line: seed.line,
                "the handler of `\(seed.type)` reads \($0), which differs for this seed from store "
                    + "to store.")
        }
    }
}

extension Migration {
    /// Everything in it that is SQL.
    var sections: [SQLSection] {
        var found = [up] + handlers.map(\.section) + upcasts.map(\.section)
        if case .sql(let section) = down { found.append(section) }
        return found
    }
}
