internal import EventModel
internal import SQLite

/// Writes the handlers of `TABLE.adopted`, `TABLE.changed` and `TABLE.removed` for a table.
struct HandlerScaffold {
    /// What the event types of the table begin with.
    let word: String
    /// The table.
    let table: String
    /// The columns that events carry, in order.
    let columns: [String]
    /// The columns by which a row is found; empty where `rowColumn` is that column.
    let key: [String]
    /// The column that holds a row's place, for a table without a usable key.
    var rowColumn: String?

    /// Whether a column can be a parameter of a handler, `$name`.
    static func isField(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                    true
                default: false
                }
            }
    }

    /// Whether a column can be read from the data at all: SQLite's paths have no way to write these.
    static func isReadable(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                $0 != "\"" && $0 != "\\" && $0.properties.generalCategory != .control
            }
    }

    /// A name as SQL wants it, in quotes only where it needs them.
    static func name(_ name: String) -> String {
        let isPlain =
            isField(name) && name.utf8.allSatisfy { $0 < 0x80 }
            && name.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && !SQLiteText.isKeyword(name)
        return isPlain ? name : quoted(name)
    }

    /// The expression by which a handler reads a column.
    static func value(_ column: String) -> String {
        isField(column) ? "$\(column)" : "@data ->> \(path(column))"
    }

    private static func path(_ column: String) -> String { text("$.\"\(column)\"") }

    /// The section that takes a row as it stands in a file.
    var adopted: String {
        let names = (rowColumn.map { [$0] } ?? []) + columns
        let values = (rowColumn == nil ? [] : [Self.row]) + columns.map(Self.value)
        return """
            -- On \(word).adopted
            INSERT INTO \(Self.name(table)) (
            \(Self.wrapped(names.map(Self.name)))
            )
            VALUES (
            \(Self.wrapped(values))
            );

            """
    }

    /// The section that changes the columns which an event names; `nil` when all belong to the key.
    var changed: String? {
        let others = columns.filter { !key.contains($0) }
        guard !others.isEmpty else { return nil }
        let sets = others.map { column in
            let name = Self.name(column)
            return """
                    \(name) = iif(
                        json_type(@data, \(Self.path(column))) IS NULL, \(name), \
                \(Self.value(column))
                    )
                """
        }
        return """
            -- On \(word).changed
            -- A column that is absent stays as it is; null clears it.
            UPDATE \(Self.name(table))
            SET
            \(sets.joined(separator: ",\n"))
            WHERE \(condition);

            """
    }

    /// The section that brings references which the row could not have at first.
    func linked(_ references: [String]) -> String {
        let sets = references.map { "\(Self.name($0)) = \(Self.value($0))" }
        return """
            -- On \(word).linked
            -- Tables that refer to each other: these references come when all rows are there.
            UPDATE \(Self.name(table))
            SET \(sets.joined(separator: ",\n    "))
            WHERE \(condition);

            """
    }

    /// The section that removes a row.
    var removed: String {
        """
        -- On \(word).removed
        DELETE FROM \(Self.name(table))
        WHERE \(condition);

        """
    }

    /// The row's place is the key of its stream.
    private static let row = "CAST(@key AS INTEGER)"

    private var condition: String {
        if let rowColumn { return "\(Self.name(rowColumn)) = \(Self.row)" }
        return key.map { "\(Self.name($0)) = \(Self.value($0))" }.joined(separator: "\n    AND ")
    }

    /// Items with commas, in lines of at most a hundred characters.
    static func wrapped(_ items: [String], indent: String = "    ") -> String {
        var lines: [String] = []
        var line = indent
        for (index, item) in items.enumerated() {
            let piece = item + (index + 1 < items.count ? "," : "")
            if line.count > indent.count, line.count + 1 + piece.count > 100 {
                lines.append(line)
                line = indent
            }
            line += (line.count > indent.count ? " " : "") + piece
        }
        lines.append(line)
        return lines.joined(separator: "\n")
    }
}
