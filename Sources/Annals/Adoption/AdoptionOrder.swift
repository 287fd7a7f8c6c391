internal import EventModel
internal import SQLite

/// The order in which tables and rows are adopted: whatever is referred to comes first.
enum AdoptionOrder {
    /// Generations of rows that refer to rows of their own table, at most.
    static let levelsMax = 1_000

    /// The tables, parents first, else in the order given.
    /// - Throws: `ADOPT_CYCLE` for tables that refer to each other in a circle.
    static func sorted(_ tables: [AdoptedTable]) throws(AnnalsError) -> [AdoptedTable] {
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
            guard let next else {
                throw AnnalsError(
                    .invalid, "ADOPT_CYCLE",
                    "The tables \(waiting.map(\.name).joined(separator: ", ")) refer to each other "
                        + "in a circle, so that none can come first.",
                    hint: "Break the circle in a copy of the file: drop one of its foreign keys.")
            }
            placed.append(waiting.remove(at: next))
        }
        return placed
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
    /// What tells a row from every other one, as columns of the table and of a table of places.
    fileprivate var identity: [(column: String, place: String)] {
        let columns = rowid.map { [$0] } ?? declaredKey.map(quoted)
        return columns.enumerated().map { ($1, "k\($0)") }
    }
}
