internal import LogStorage

/// Names that occur in the log, with how many events bear them and the last of these.
struct NameList {
    /// What they are names of, as `--json` says it.
    let kind: String
    /// The title of the column.
    let column: String
    /// The names in the order of their bytes.
    let names: [NameSummary]

    /// Writes those that begin with a prefix.
    func tell(_ prefix: String, on console: Console) throws {
        let names = names.filter { $0.name.utf8.starts(with: prefix.utf8) }
        if console.isJSON {
            return try console.emit([
                "schema": .string("annals.\(kind)/1"),
                kind: .array(
                    names.map {
                        [
                            "name": .string($0.name), "count": JSON($0.count),
                            "lastPosition": JSON($0.lastPosition),
                        ]
                    }),
            ])
        }
        var table = Table([.left(column), .right("EVENTS"), .right("LAST")])
        for name in names {
            table.add([name.name, DisplayText.grouped(name.count), "\(name.lastPosition)"])
        }
        try console.print(table)
    }
}
