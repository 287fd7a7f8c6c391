public import EventModel
internal import Foundation
internal import LogStorage
public import ProjectionEngine

extension EventStore {
    /// Looks for hazards in the migrations of the store's projections; changes nothing.
    ///
    /// The log is asked which types and fields occur, and for what a migration takes away the rows of
    /// the version before it are counted; for that a replay may be needed. What keeps a projection from
    /// being loaded is a finding, all of it and not only the first.
    /// - Parameter names: the projections; all without one.
    /// - Throws: `PROJECTION_UNKNOWN`, or what keeps the log or the projections folder from being read.
    public func lint(_ names: [String] = []) throws(AnnalsError) -> LintReport {
        if let folderFailure { throw folderFailure }
        let definitions = handles.values.map(\.definition)
        let chosen = names.isEmpty ? projections : names
        var findings: [LintFinding] = []
        var isWhole = true
        for name in chosen {
            if let failure = loadFailures[name] {
                isWhole = false
                findings += try problems(of: name, failure)
                continue
            }
            let definition = try handle(name).definition
            do throws(AnnalsError) {
                try definition.checkConsistency(recorded: try stateOrNew(of: name).recorded)
            } catch {
                findings.append(LintFinding(error, projection: name))
            }
            let linter = try Linter(definition, others: definitions)
            findings += linter.findings(try history(of: name, for: linter))
        }
        return LintReport(
            projections: chosen, findings, skipped: isWhole ? [] : Linter.storeRules.sorted())
    }

    /// Everything that is wrong with the files of a projection that does not load.
    private func problems(
        of projection: String, _ failure: AnnalsError
    ) throws(AnnalsError) -> [LintFinding] {
        var found: [LintFinding] = []
        if let projectionsFolder {
            for folder in try ProjectionFolder.all(in: projectionsFolder) {
                found += try LintReport.problems(in: folder)
            }
        }
        found.removeAll { $0.projection != projection }
        return found.isEmpty ? [LintFinding(failure, projection: projection)] : found
    }

    private func history(
        of projection: String, for linter: Linter
    ) throws(AnnalsError) -> LintHistory {
        var history = LintHistory()
        let state = try stateOrNew(of: projection)
        history.applied = Set(state.applied.map(\.number))
        do {
            history.types = Set(try log.types().map(\.name)).subtracting(try adminTypes())
            for (type, fields) in linter.fieldsRead where history.types.contains(type) {
                history.fields[type] = try fieldsCarried(type, until: fields)
            }
        } catch {
            throw storeError(error)
        }
        for loss in linter.losses where !history.applied.contains(loss.migration) {
            history.lost[loss] = try count(loss, in: projection, state)
        }
        return history
    }

    /// The types of the store's own events.
    private func adminTypes() throws -> Set<String> {
        var found: Set<String> = []
        let query = EventQuery(stream: Self.adminStream)
        let head = try log.head()
        var last = Position.start
        while last < head {
            last = try log.read(query, after: last, through: head) { found.insert($0.type) }
        }
        return found
    }

    /// The fields that events of a type carry; stops when all of the wanted ones were seen.
    private func fieldsCarried(_ type: String, until wanted: Set<String>) throws -> Set<String> {
        var found: Set<String> = []
        let query = EventQuery(types: [type])
        let head = try log.head()
        var last = Position.start
        while last < head, !wanted.isSubset(of: found) {
            last = try log.read(query, after: last, through: head) { view in
                var members = JSONMembers(view.data)
                while let member = members.next() {
                    let name = view.data.extracting(member.nameRange)
                    var bytes: [UInt8] = []
                    unescapeJSON(name, into: &bytes)
                    found.insert(String(decoding: bytes, as: UTF8.self))
                }
            }
        }
        return found
    }

    /// How many rows, or values that are not NULL, the version before a migration shows of what it
    /// takes away; `nil` when the migration's module is not enabled.
    private func count(
        _ loss: LintHistory.Loss, in projection: String, _ state: ProjectionState
    ) throws(AnnalsError) -> Int64? {
        let definition = try handle(projection).definition
        let all = definition.versionSet(enabledModules: Set(state.modules))
        guard all.contains(loss.migration) else { return nil }
        let before = all.filter { $0 < loss.migration }
        let what = loss.column.map(Self.quoted) ?? "*"
        var count: Int64?
        do throws(AnnalsError) {
            try query(
                projection, "SELECT count(\(what)) FROM \(Self.quoted(loss.table))",
                asOf: state.current?.versions == before ? nil : AsOf(version: before.last ?? 0),
                columns: { _ in }
            ) { row in
                if case .integer(let number) = row[0] { count = number }
            }
        } catch {
            // A version that cannot be built shows nothing; why it cannot is for other commands.
            guard error.kind == .invalid else { throw error }
        }
        return count
    }

    private static func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }
}
