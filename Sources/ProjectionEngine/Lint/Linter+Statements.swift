import SQLite

extension Linter {
    /// What is wrong with one statement of an Up, a Down or a handler.
    func statementFindings(_ statement: TracedStatement) -> [LintFinding] {
        var found = boundaryFindings(statement)
        switch statement.part {
        case .up: found += rowsInUp(statement)
        case .on: found += noWhere(statement) + replaceFindings(statement)
        case .down: return found
        }
        return found + unorderedLimits(statement)
    }

    /// Tables of modules that the statement's own module does not depend on.
    private func boundaryFindings(_ statement: TracedStatement) -> [LintFinding] {
        var found: [LintFinding] = []
        for table in touched(statement) {
            guard let owner = trace.makers[table.asciiLowercased]?.statement.migration.module,
                !isInReach(owner, of: statement.migration.module)
            else { continue }
            let verb = statement.target == table ? "changes" : "uses"
            found.append(
                finding(
                    .moduleBoundary, statement,
                    at: offset(of: table, in: statement),
                    "the module `\(statement.migration.module)` \(verb) the table \(table) of "
                        + "`\(owner)`, which it does not depend on."))
        }
        return found
    }

    /// The tables that the statement itself names: what triggers, views and foreign keys reach is theirs.
    private func touched(_ statement: TracedStatement) -> [String] {
        let target = statement.target
        var found: [String] = []
        for access in statement.accesses where access.inside == nil && !found.contains(access.table)
        {
            let isByForeignKey =
                target != nil && access.table != target
                && (access.action.isWrite || areRelated(access.table, target ?? ""))
            if !isByForeignKey { found.append(access.table) }
        }
        return found
    }

    private func areRelated(_ one: String, _ other: String) -> Bool {
        func refers(_ child: String, _ parent: String) -> Bool {
            trace.schema.table(child)?.foreignKeys.contains {
                $0.parent.asciiLowercased == parent.asciiLowercased
            } ?? false
        }
        return refers(one, other) || refers(other, one)
    }

    func isInReach(_ owner: String, of module: String) -> Bool {
        definition.modulesNeeded(by: [module]).contains(owner)
    }

    /// Rows that an Up makes or changes; copying a table while rebuilding it is none of these.
    private func rowsInUp(_ statement: TracedStatement) -> [LintFinding] {
        let tokens = statement.tokens
        guard let verb = tokens.verb, let target = statement.target,
            ["insert", "replace", "update", "delete"].contains(tokens.words[verb].text),
            !statement.accesses.contains(where: { $0.action == .read && $0.table != target })
        else { return [] }
        return [
            finding(
                .rowsInUp, statement,
                "Up changes rows of \(target): a build runs it before the first event, so the rows "
                    + "come from no event, or there are none to change.")
        ]
    }

    /// UPDATE and DELETE without a condition.
    private func noWhere(_ statement: TracedStatement) -> [LintFinding] {
        guard let verb = unbounded(statement.tokens) else { return [] }
        let word = statement.tokens.words[verb]
        return [
            finding(
                .noWhere, statement, at: word.token.range.lowerBound,
                "\(word.text.uppercased()) without WHERE touches every row of "
                    + "\(statement.target ?? "the table") for each event.")
        ]
    }

    /// The index of the keyword of an UPDATE or DELETE that has no WHERE.
    func unbounded(_ tokens: SQLWords) -> Int? {
        guard let verb = tokens.verb, ["update", "delete"].contains(tokens.words[verb].text),
            tokens.first(of: ["where"], from: verb) == nil
        else { return nil }
        return verb
    }

    /// REPLACE deletes the old row first, and what refers to it with it.
    private func replaceFindings(_ statement: TracedStatement) -> [LintFinding] {
        let words = statement.tokens.words
        guard let verb = statement.tokens.verb, let target = statement.target else { return [] }
        let isReplace =
            words[verb].isWord("replace")
            || (words.count > verb + 2 && words[verb + 1].isWord("or")
                && words[verb + 2].isWord("replace"))
            || replacesOnConflict(target)
        guard isReplace else { return [] }
        let children = trace.schema.tables.filter { table in
            table.foreignKeys.contains {
                $0.parent.asciiLowercased == target.asciiLowercased
                    && ["CASCADE", "SET NULL", "SET DEFAULT"].contains($0.onDelete)
            }
        }.map(\.name)
        guard !children.isEmpty else { return [] }
        return [
            finding(
                .replaceCascades, statement,
                "replacing a row of \(target) deletes it first, and rows of "
                    + "\(children.joined(separator: ", ")) follow it.")
        ]
    }

    private func replacesOnConflict(_ table: String) -> Bool {
        let words = SQLWords(trace.schema.table(table)?.sql ?? "").words
        return words.indices.dropFirst(2).contains {
            words[$0].isWord("replace") && words[$0 - 1].isWord("conflict")
        }
    }

    /// LIMIT without ORDER BY in the same SELECT.
    private func unorderedLimits(_ statement: TracedStatement) -> [LintFinding] {
        let tokens = statement.tokens
        let depths = tokens.depths
        return tokens.words.indices.filter { index in
            guard tokens.words[index].isWord("limit") else { return false }
            let opening = tokens.words.indices.last { $0 < index && depths[$0] < depths[index] }
            let start = opening.map { $0 + 1 } ?? 0
            // Whether there is any row does not depend on their order.
            if let opening, opening > 0, tokens.words[opening - 1].isWord("exists") { return false }
            return !tokens.words[start..<index].indices.contains {
                depths[$0] == depths[index] && tokens.words[$0].isWord("order")
            }
        }.map {
            finding(
                .unorderedLimit, statement, at: tokens.words[$0].token.range.lowerBound,
                "LIMIT without ORDER BY: which rows it takes is up to SQLite's plan.")
        }
    }

    /// Where a table's name stands in a statement; its beginning when it is not written there.
    func offset(of table: String, in statement: TracedStatement) -> Int {
        statement.tokens.words.first { $0.name == table.asciiLowercased }?.token.range.lowerBound
            ?? statement.range.lowerBound
    }

    // MARK: Plans

    /// Tables that a handler in force reads from end to end.
    func planFindings(_ statement: TracedStatement) -> [LintFinding] {
        var scanned: [String] = []
        for line in statement.plan {
            guard let table = scannedTable(line, statement), !scanned.contains(table) else {
                continue
            }
            scanned.append(table)
        }
        if unbounded(statement.tokens) != nil { scanned.removeAll { $0 == statement.target } }
        return scanned.map {
            finding(
                .fullScan, statement, at: offset(of: $0, in: statement),
                "\(handler(statement)) reads all of \($0) for each event.")
        }
    }

    /// The table that a line of a plan walks through; `nil` for constants, subqueries and json_each.
    private func scannedTable(_ line: String, _ statement: TracedStatement) -> String? {
        let words = line.split(separator: " ")
        guard words.count >= 2, words[0] == "SCAN", !line.contains("VIRTUAL TABLE") else {
            return nil
        }
        let name = words[1].split(separator: ".").last.map(String.init) ?? ""
        if let table = trace.schema.table(name) { return table.name }
        // SQLite shows the alias: it stands behind its table, perhaps after AS.
        let tokens = statement.tokens.words
        for index in tokens.indices.dropFirst()
        where tokens[index].name == name.asciiLowercased {
            let before = tokens[index - 1].isWord("as") ? index - 2 : index - 1
            guard before >= 0, let table = tokens[before].name.flatMap(trace.schema.table) else {
                continue
            }
            return table.name
        }
        return nil
    }

    func handler(_ statement: TracedStatement) -> String {
        if case .on(let type) = statement.part { return "the handler of \(type)" }
        return "the statement"
    }
}
