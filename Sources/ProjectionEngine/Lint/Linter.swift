package import EventModel
import SQLite

/// Looks for hazards in one projection's migrations; changes nothing.
///
/// Everything is asked of SQLite, in a database in memory where all modules are enabled.
package struct Linter {
    let definition: ProjectionDefinition
    let trace: DefinitionTrace
    /// The store's other projections.
    let others: [ProjectionDefinition]

    /// Runs every migration in a database in memory.
    package init(
        _ definition: ProjectionDefinition, others: [ProjectionDefinition] = []
    ) throws(AnnalsError) {
        self.definition = definition
        self.others = others.filter { $0.name != definition.name }
        trace = try DefinitionTrace(definition, versions: definition.migrations.map(\.number))
    }

    /// What is found, waived findings marked.
    /// - Parameter history: what a store knows; without it some rules are skipped.
    package func findings(_ history: LintHistory? = nil) -> [LintFinding] {
        var found = problems()
        found += trace.statements.flatMap(statementFindings) + trace.inForce.flatMap(planFindings)
        found += schemaFindings() + sectionFindings() + seedFindings() + lossFindings(history)
        if let history { found += historyFindings(history) }
        return waive(found, skipped: history == nil ? Self.storeRules : [])
    }

    /// The codes of the rules that need a store.
    package static var storeRules: Set<String> {
        Set(LintRule.allCases.filter(\.needsStore).map(\.rawValue))
    }

    /// What SQLite refuses, each place once.
    private func problems() -> [LintFinding] {
        var errors = [trace.problem].compactMap(\.self)
        do throws(AnnalsError) { try definition.check() } catch { errors.append(error) }
        // A trigger that cannot fire breaks every handler of its table: told once.
        if !trace.dangling.isEmpty { errors.removeAll { $0.code == "SQL_ERROR" } }
        errors += trace.dangling.map(\.error)
        var found =
            errors.contains { ["SQL_REFUSED", "SQL_TIME_ZONE"].contains($0.code) }
            ? nondeterminismFindings() : []
        for error in errors {
            let isKnown = found.contains {
                $0.file == error.context.file && $0.line == error.context.line
                    && $0.column == error.context.column
            }
            if !isKnown { found.append(problem(error)) }
        }
        return found
    }

    private func problem(_ error: AnnalsError) -> LintFinding {
        if let dangling = trace.dangling.first(where: { $0.error.message == error.message }) {
            return LintFinding(
                dangling.isView ? .danglingView : .danglingTrigger, error, definition.name)
        }
        if error.code == "SQL_ERROR", let found = otherProjection(error) { return found }
        return LintFinding(error, projection: definition.name)
    }

    // MARK: Places

    func finding(
        _ rule: LintRule, _ statement: TracedStatement, at offset: Int? = nil, _ message: String,
        severity: LintFinding.Severity? = nil
    ) -> LintFinding {
        finding(
            rule, statement.migration, statement.section, at: offset ?? statement.range.lowerBound,
            message, severity: severity)
    }

    func finding(
        _ rule: LintRule, _ migration: Migration, _ section: SQLSection, at offset: Int,
        _ message: String, severity: LintFinding.Severity? = nil
    ) -> LintFinding {
        let (line, column) = section.location(utf8Offset: offset)
        return finding(rule, migration, line: line, column: column, message, severity: severity)
    }

    func finding(
        _ rule: LintRule, _ migration: Migration, line: Int, column: Int = 1, _ message: String,
        severity: LintFinding.Severity? = nil
    ) -> LintFinding {
        LintFinding(
            code: rule.rawValue, severity: severity ?? rule.severity, projection: definition.name,
            migration: migration.number, file: migration.file, line: line, column: column,
            message: message, remedy: rule.remedy)
    }
}

extension LintFinding {
    /// An error of loading or checking as a finding of its own code.
    package init(_ error: AnnalsError, projection: String) {
        self.init(code: error.code, error, projection, remedy: error.hint)
    }

    init(_ rule: LintRule, _ error: AnnalsError, _ projection: String) {
        self.init(code: rule.rawValue, error, projection, remedy: rule.remedy)
    }

    private init(code: String, _ error: AnnalsError, _ projection: String, remedy: String) {
        let context = error.context
        let place =
            "\(context.file ?? ""):\(context.line ?? 1):\(context.column ?? 1): "
        self.init(
            code: code, severity: .error, projection: projection, migration: context.migration,
            file: context.file ?? "", line: context.line ?? 1, column: context.column ?? 1,
            message: error.message.hasPrefix(place)
                ? String(error.message.dropFirst(place.count)) : error.message,
            remedy: remedy)
    }
}
