public import EventModel
import SQLite

extension ProjectionDefinition {
    /// Runs what SQLite must see to judge it: every version, with and without each optional module.
    ///
    /// In a private database in memory every Up runs; after it every handler and upcast in force is
    /// compiled, every view and trigger too, and the Down runs and is rolled back. No event is
    /// needed and no file is touched.
    /// - Throws: `invalid` with file, line and column: `SQL_ERROR`, `SQL_REFUSED`, `SQL_PARAMETER`,
    ///   `SQL_TIME_ZONE`, `SQL_ROLLBACK`.
    /// - Complexity: all statements of a version are compiled for each version after it.
    public func check() throws(AnnalsError) {
        if let first = try statementProblems().first { throw first }
    }

    /// All that `check` finds, each place once, in the order of versions.
    ///
    /// After an Up that fails nothing can be said of the versions above it.
    /// - Throws: what has nothing to do with the definition: no memory, no disk.
    public func statementProblems() throws(AnnalsError) -> [AnnalsError] {
        let found = ProblemList()
        try checkUpcasts(found)
        var checked: Set<[Int]> = []
        for modules in moduleChoices() {
            let run = try CheckRun(definition: self, found: found)
            var versions: [Int] = []
            for migration in migrations(in: versionSet(enabledModules: modules)) {
                guard try run.up(migration) else { break }
                versions.append(migration.number)
                if checked.insert(versions).inserted { try run.check(versions, last: migration) }
            }
        }
        return found.problems
    }

    /// All optional modules, none, and each one alone and left out, with what that brings along.
    private func moduleChoices() -> [Set<String>] {
        let optional = modules.filter(\.isOptional).map(\.name)
        let all = Set(modules.map(\.name))
        let alone = optional.map { modulesNeeded(by: [$0]) }
        let leftOut = optional.map { name in
            all.filter { !modulesNeeded(by: [$0]).contains(name) }
        }
        return [all, []] + alone + leftOut
    }

    /// An upcast is a function of the older data: it is compiled where there is no table to read.
    private func checkUpcasts(_ found: ProblemList) throws(AnnalsError) {
        let run = try CheckRun(definition: self, found: found)
        for migration in migrations {
            for upcast in migration.upcasts {
                try found.collect { () throws(AnnalsError) in
                    try run.withoutTables(upcast, migration)
                }
            }
        }
    }
}

/// Collects what is wrong with a definition, one error for each place.
private final class ProblemList {
    private(set) var problems: [AnnalsError] = []

    /// Runs a check and takes its error down; what is no fault of the definition is thrown on.
    /// - Returns: whether the check found nothing.
    @discardableResult
    func collect(_ check: () throws(AnnalsError) -> Void) throws(AnnalsError) -> Bool {
        do throws(AnnalsError) {
            try check()
            return true
        } catch {
            guard error.kind == .invalid else { throw error }
            add(error)
            return false
        }
    }

    func add(_ error: AnnalsError) {
        let isKnown = problems.contains {
            $0 == error && $0.context.file == error.context.file
                && $0.context.line == error.context.line
                && $0.context.column == error.context.column
        }
        if !isKnown { problems.append(error) }
    }
}

/// One database in memory on which the migrations of one choice of modules run.
private struct CheckRun {
    let definition: ProjectionDefinition
    let connection: Connection
    let found: ProblemList

    init(definition: ProjectionDefinition, found: ProblemList) throws(AnnalsError) {
        self.definition = definition
        self.found = found
        do throws(SQLiteError) {
            connection = try Connection(path: ":memory:", mode: .create)
            try connection.execute("BEGIN; \(EngineTables.schema)")
        } catch {
            throw .database(error, projection: definition.name)
        }
    }

    /// - Returns: whether it ran.
    func up(_ migration: Migration) throws(AnnalsError) -> Bool {
        try found.collect { () throws(AnnalsError) in try runner(migration.up, migration).run() }
    }

    /// Checks a version set whose Ups have run.
    func check(_ versions: [Int], last: Migration) throws(AnnalsError) {
        let isCompiled = try found.collect { () throws(AnnalsError) in
            do throws(AnnalsError) {
                _ = try HandlerProgram(definition, versions: versions, on: connection)
            } catch {
                throw error.at(last)
            }
        }
        if !isCompiled { try checkEachHandler(versions, last: last) }
        let objects = SchemaObjects(definition: definition, connection: connection)
        for object in try objects.dangling(versions, last: last) { found.add(object.error) }
        if case .sql(let down) = last.down {
            try execute("SAVEPOINT down")
            try found.collect { () throws(AnnalsError) in try runner(down, last).run() }
            try execute("ROLLBACK TO down; RELEASE down")
        }
    }

    /// Compiles every handler by itself: the first that fails has kept the others from being seen.
    private func checkEachHandler(_ versions: [Int], last: Migration) throws(AnnalsError) {
        for handler in definition.handlers(in: versions) {
            guard let migration = definition.migration(handler.number) else { continue }
            try found.collect { () throws(AnnalsError) in
                do throws(AnnalsError) {
                    try runner(handler.section, migration).forEachStatement(
                        .handler(engineTables: EngineTables.names)
                    ) { (_, _) throws(AnnalsError) in }
                } catch {
                    throw error.at(last)
                }
            }
        }
    }

    /// Compiles an upcast; the database has nothing but the engine's tables.
    func withoutTables(_ upcast: Upcast, _ migration: Migration) throws(AnnalsError) {
        let section = upcast.section
        let wrapped = SQLSection(
            sql: "SELECT (\n\(section.sql)\n)", file: section.file,
            firstLine: section.firstLine - 1)
        do throws(AnnalsError) {
            try runner(wrapped, migration).forEachStatement(
                .handler(engineTables: EngineTables.names)
            ) { (_, _) throws(AnnalsError) in }
        } catch {
            // What SQLite says of the whole statement belongs to the expression, not to the line above.
            let first = SQLiteText.tokens(of: section.sql).first?.range.lowerBound ?? 0
            let isAbove = (error.context.line ?? 0) < section.firstLine
            throw isAbove ? error.moved(to: section.location(utf8Offset: first)) : error
        }
    }

    private func runner(_ section: SQLSection, _ migration: Migration) -> SectionRunner {
        SectionRunner(
            section: section, connection: connection, projection: definition.name,
            migration: migration.number)
    }

    private func execute(_ sql: String) throws(AnnalsError) {
        do throws(SQLiteError) {
            try connection.execute(sql)
        } catch {
            throw .database(error, projection: definition.name)
        }
    }
}

extension AnnalsError {
    /// The error at another place of its file.
    func moved(to place: (line: Int, column: Int)) -> AnnalsError {
        let file = context.file ?? ""
        let old = "\(file):\(context.line ?? 0):\(context.column ?? 0): "
        var error = self
        if message.hasPrefix(old) {
            error.message =
                "\(file):\(place.line):\(place.column): \(message.dropFirst(old.count))"
        }
        error.context.line = place.line
        error.context.column = place.column
        return error
    }

    /// The error with the version at which it shows, when another migration than its own causes it.
    func at(_ last: Migration) -> AnnalsError {
        guard context.migration != last.number else { return self }
        var error = self
        error.message += " This is so once \(last.fullName) has run."
        error.hint = "Let \(last.fullName) define it anew, or leave what it needs. \(error.hint)"
        return error
    }
}
