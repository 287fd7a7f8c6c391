internal import Annals
internal import ArgumentParser
internal import Foundation

/// How rows of a query are written.
enum RowFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Aligned columns for people.
    case table
    /// One document.
    case json
    /// Comma-separated values (RFC 4180) with a title line.
    case csv
}

/// Writes the rows of a query.
///
/// CSV goes out as it comes; a table needs the widths of all rows first,
/// and a document must not break off, so these are collected.
struct RowWriter {
    private let format: RowFormat
    private let projection: String
    private var names: [String] = []
    private var rows: [[QueryValue]] = []

    init(format: RowFormat, projection: String) {
        self.format = format
        self.projection = projection
    }

    /// Takes the names of the columns.
    mutating func begin(_ columns: [String], on console: Console) throws {
        names = columns
        if format == .csv { try console.write(Self.csv(columns)) }
    }

    /// Takes a row.
    mutating func write(_ row: [QueryValue], on console: Console) throws {
        if format == .csv {
            try console.write(Self.csv(row.map { Self.text($0, null: "") }))
        } else {
            rows.append(row)
        }
    }

    /// Writes what was collected.
    func end(on console: Console) throws {
        switch format {
        case .csv: break
        case .table: try console.print(table())
        case .json: try console.emit(document())
        }
    }

    private func table() -> Table {
        let isNumber = names.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { Self.isNumber($0[column]) }
        }
        var table = Table(
            zip(names, isNumber).map { $1 ? .right($0) : .left($0) })
        for row in rows { table.add(row.map { Self.text($0, null: "NULL") }) }
        return table
    }

    private static func isNumber(_ value: QueryValue) -> Bool {
        switch value {
        case .integer, .real, .null: true
        case .text, .blob: false
        }
    }

    private func document() -> JSON {
        let names = Self.distinct(names)
        return [
            "schema": "annals.query/1", "projection": .string(projection),
            "columns": .array(names.map { .string($0) }),
            "rows": .array(
                rows.map { row in
                    .object(zip(names, row).map { .init(name: $0, value: Self.json($1)) })
                }),
        ]
    }

    /// The names with a number behind those that came before, so that an object can have them all.
    static func distinct(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            var candidate = name
            var number = 1
            while !taken.insert(candidate).inserted {
                candidate = "\(name):\(number)"
                number += 1
            }
            return candidate
        }
    }

    private static func json(_ value: QueryValue) -> JSON {
        switch value {
        case .null: .null
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .text(let value): .string(value)
        case .blob(let bytes): .string(Data(bytes).base64EncodedString())
        }
    }

    private static func text(_ value: QueryValue, null: String) -> String {
        switch value {
        case .null: null
        case .integer(let value): String(value)
        case .real(let value): value.description
        case .text(let value): value
        case .blob(let bytes): "x'" + bytes.map { String(format: "%02x", $0) }.joined() + "'"
        }
    }

    /// A line of CSV without its end; cells with separators, quotes or line ends are quoted.
    static func csv(_ cells: [String]) -> [UInt8] {
        let quoted = cells.map { cell in
            let isPlain = cell.utf8.allSatisfy {
                $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\n")
                    && $0 != UInt8(ascii: "\r")
            }
            return isPlain ? cell : "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        }
        return Array(quoted.joined(separator: ",").utf8)
    }
}
