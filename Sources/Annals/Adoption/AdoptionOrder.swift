internal import EventModel
internal import SQLite

/// The order in which tables and rows are adopted: whatever is referred to comes first.
enum AdoptionOrder {
    /// Generations of rows that refer to rows of their own table, at most.
    static let levelsMax = 1_000

    /// The tables, parents first, else in the order given.
    ///
    /// Of tables that refer to each other in a circle one comes first, without the references that close
    /// it: a second event brings them when all rows are there. It is one that `handled` knows such an
    /// event of, or the first that can do without.
    /// - Parameter handled: the event types that the projection has handlers of.
    /// - Throws: `ADOPT_CYCLE` for a circle whose references may not be NULL.
    static func sorted(
        _ tables: [AdoptedTable], handled: Set<String> = []
    ) throws(AnnalsError) -> [AdoptedTable] {
        var waiting = tables
        var placed: [AdoptedTable] = []
        while !waiting.isEmpty {
            let names = Set(waiting.map(\.name.asciiSmall))
            let next = waiting.firstIndex { table in
                table.references.allSatisfy {
                    let parent = $0.parent.asciiSmall
                    return parent == table.name.asciiSmall || !names.contains(parent)
                }
            }
            if let next {
                placed.append(waiting.remove(at: next))
                continue
            }
            let open = waiting.indices.filter { waiting[$0].canDefer(referencesTo: names) }
            let known = open.first { handled.contains("\(waiting[$0].word).linked") }
            guard let first = known ?? open.first else {
                throw AnnalsError(
                    .invalid, "ADOPT_CYCLE",
                    "The tables \(waiting.map(\.name).joined(separator: ", ")) refer to each other "
                        + "in a circle, so that none can come first.",
                    hint:
                        "Break the circle in a copy of the file: drop one of its foreign keys, or "
                        + "let its columns be NULL.")
            }
            var table = waiting.remove(at: first)
            table.deferred = table.closing(names)
            placed.append(table)
        }
        return placed
    }

    /// The statement that gives the rows of a table that have something to be told of in a second event.
    static func linkedRows(of table: AdoptedTable) -> String {
        let isLinked = table.deferred.map { "t.\(quoted($0)) IS NOT NULL" }
        return """
            SELECT \(table.linking.columns.map { "t.\(quoted($0))" }.joined(separator: ", "))
            FROM \(quoted(table.name)) AS t WHERE \(isLinked.joined(separator: " OR "))
            ORDER BY \(table.order.map { "t.\($0)" }.joined(separator: ", "))
            """
    }

    /// The statement that gives a table's rows, each after the rows of the table that it refers to:
    /// the columns that hold what was written.
    /// - Throws: `ADOPT_CYCLE` for rows that no order suits.
    static func rows(
        of table: AdoptedTable, _ source: AdoptionSource
    ) throws(AnnalsError) -> String {
        let own = table.references.filter {
            $0.parent.asciiSmall == table.name.asciiSmall && !$0.columns.isEmpty
        }
        let columns = table.columns.map { "t.\(quoted($0))" }.joined(separator: ", ")
        let order = table.order.map { "t.\($0)" }.joined(separator: ", ")
        let from = "SELECT \(columns) FROM \(quoted(table.name)) AS t"
        var suits = true
        for reference in own where suits {
            suits = try source.reading { () throws(SQLiteError) in
                try isInOrder(table, reference, source.connection)
            }
        }
        if suits { return "\(from) ORDER BY \(order)" }
        let places = "temp.\(quoted("adopt " + table.name))"
        try level(table, own, places, source)
        let identity = table.identity.map { "o.\($0.place) IS t.\($0.column)" }
        return """
            \(from) JOIN \(places) AS o ON \(identity.joined(separator: " AND "))
            ORDER BY o.level, \(order)
            """
    }

    /// Whether no row comes before the one that it refers to.
    private static func isInOrder(
        _ table: AdoptedTable, _ reference: AdoptedTable.Reference, _ connection: Connection
    ) throws(SQLiteError) -> Bool {
        let pairs = reference.columns.map { "p.\(quoted($0.parents)) = t.\(quoted($0.own))" }
        let left = table.order.map { "p.\($0)" }.joined(separator: ", ")
        let right = table.order.map { "t.\($0)" }.joined(separator: ", ")
        return try connection.texts(
            """
            SELECT 1 FROM \(quoted(table.name)) AS t JOIN \(quoted(table.name)) AS p
            ON \(pairs.joined(separator: " AND ")) WHERE (\(left)) > (\(right)) LIMIT 1
            """
        ).isEmpty
    }

    /// Fills a temporary table with the generation of every row.
    private static func level(
        _ table: AdoptedTable, _ own: [AdoptedTable.Reference], _ places: String,
        _ source: AdoptionSource
    ) throws(AnnalsError) {
        let connection = source.connection
        let name = quoted(table.name)
        let identity = table.identity
        let isPlaced = identity.map { "o.\($0.place) IS p.\($0.column)" }.joined(separator: " AND ")
        let isSame = identity.map { "p.\($0.column) IS t.\($0.column)" }.joined(separator: " AND ")
        let isDone = identity.map { "o.\($0.place) IS t.\($0.column)" }.joined(separator: " AND ")
        let conditions = own.map { reference in
            let nulls = reference.columns.map { "t.\(quoted($0.own)) IS NULL" }
            let pairs = reference.columns.map { "p.\(quoted($0.parents)) = t.\(quoted($0.own))" }
            return """
                (\(nulls.joined(separator: " OR ")) OR EXISTS (SELECT 1 FROM \(name) AS p
                WHERE \(pairs.joined(separator: " AND ")) AND (\(isSame) OR EXISTS (
                SELECT 1 FROM \(places) AS o WHERE \(isPlaced) AND o.level < :level))))
                """
        }.joined(separator: " AND ")
        let placed = try source.reading { () throws(SQLiteError) in
            let columns = identity.map(\.place).joined(separator: ", ")
            try connection.execute(
                "CREATE TABLE \(places) (level, \(columns), PRIMARY KEY (\(columns)))")
            var placed = 0
            for level in 0..<levelsMax {
                let before = connection.totalChanges
                try connection.execute(
                    """
                    INSERT INTO \(places) SELECT \(level), \(identity.map { "t.\($0.column)" }
                        .joined(separator: ", ")) FROM \(name) AS t
                    WHERE NOT EXISTS (SELECT 1 FROM \(places) AS o WHERE \(isDone))
                    AND \(conditions.split(separator: ":level", omittingEmptySubsequences: false)
                        .joined(separator: String(level)))
                    """)
                let added = connection.totalChanges - before
                placed += added
                if added == 0 { break }
            }
            return placed
        }
        guard placed == table.count else {
            throw AnnalsError(
                .invalid, "ADOPT_CYCLE",
                "\(table.count - placed) rows of the table \(table.name) refer to rows of it that are "
                    + "not there, to each other in a circle, or over more than \(levelsMax) "
                    + "generations.",
                hint: "Mend the rows in a copy of the file.")
        }
    }
}

extension AdoptedTable {
    /// The columns that refer to other tables of these names.
    fileprivate func closing(_ names: Set<String>) -> [String] {
        let closing = references.filter {
            names.contains($0.parent.asciiSmall) && $0.parent.asciiSmall != name.asciiSmall
        }
        let columns = Set(closing.flatMap { $0.columns.map(\.own) })
        return self.columns.filter(columns.contains)
    }

    /// Whether its rows can be there before those that they refer to, and be found again.
    fileprivate func canDefer(referencesTo names: Set<String>) -> Bool {
        let closing = references.filter {
            names.contains($0.parent.asciiSmall) && $0.parent.asciiSmall != name.asciiSmall
        }
        return !key.isEmpty
            && closing.flatMap(\.columns).allSatisfy {
                columns.contains($0.own) && nullable.contains($0.own)
                    && !declaredKey.contains($0.own)
            }
    }

    /// What tells a row from every other one, as columns of the table and of a table of places.
    fileprivate var identity: [(column: String, place: String)] {
        let columns = rowid.map { [$0] } ?? declaredKey.map(quoted)
        return columns.enumerated().map { ($1, "k\($0)") }
    }
}
