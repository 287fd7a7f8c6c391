internal import Annals
internal import ArgumentParser
internal import EventModel
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
/// CSV goes out as it comes; a table needs the widths of all rows first, and a document must not break
/// off, so these wait in a spool: the memory does not grow with the answer.
struct RowWriter {
    private let format: RowFormat
    private let projection: String
    private var names: [String] = []
    private var spool = RowSpool()
    /// Of each column the widest cell, and whether all of its cells are numbers.
    private var widths: [Int] = []
    private var areNumbers: [Bool] = []

    /// Stands between the cells of a line that waits; escaped cells hold no control character.
    private static let separator = UInt8(0x1F)

    init(format: RowFormat, projection: String) {
        self.format = format
        self.projection = projection
    }

    /// Takes the names of the columns.
    mutating func begin(_ columns: [String], on console: Console) throws {
        names = format == .json ? Self.distinct(columns) : columns
        widths = columns.map { _ in 0 }
        areNumbers = columns.map { _ in true }
        if format == .csv { try console.write(Self.csv(columns)) }
    }

    /// Takes a row.
    mutating func write(_ row: [QueryValue], on console: Console) throws {
        switch format {
        case .csv: try console.write(Self.csv(row.map { Self.text($0, null: "") }))
        case .table: try spool.add(measured(row))
        case .json:
            var line: [UInt8] = []
            JSON.object(zip(names, row).map { .init(name: $0, value: Self.json($1)) })
                .append(to: &line)
            try spool.add(line)
        }
    }

    /// Writes what waited.
    mutating func end(on console: Console) throws {
        switch format {
        case .csv: break
        case .table: try writeTable(on: console)
        case .json: try writeDocument(on: console)
        }
    }

    /// The cells of a row for the spool, after the columns have been made wide enough.
    private mutating func measured(_ row: [QueryValue]) -> [UInt8] {
        var line: [UInt8] = []
        for (index, value) in row.enumerated() {
            let cell = DisplayText.escaped(Self.text(value, null: "NULL"))
            widths[index] = max(widths[index], DisplayText.width(cell))
            areNumbers[index] = areNumbers[index] && Self.isNumber(value)
            if index > 0 { line.append(Self.separator) }
            line.append(contentsOf: cell.utf8)
        }
        return line
    }

    private mutating func writeTable(on console: Console) throws {
        let isEmpty = spool.count == 0
        var table = Table(
            zip(names, areNumbers).map { $1 && !isEmpty ? .right($0) : .left($0) })
        table.widen(to: widths)
        try console.print(table)
        try spool.drain { line in
            let cells = Array(copying: line)
                .split(separator: Self.separator, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            try console.print(table.line(escaped: cells))
        }
    }

    private mutating func writeDocument(on console: Console) throws {
        let head: JSON = [
            "schema": "annals.query/1", "projection": .string(projection),
            "columns": .array(names.map { .string($0) }), "rows": [],
        ]
        var start: [UInt8] = []
        head.append(to: &start)
        // The rows go where the document's last two brackets are.
        try console.write(part: start.span.extracting(..<(start.count - 2)))
        var isFirst = true
        try spool.drain { line in
            if !isFirst { try console.write(part: [UInt8(ascii: ",")].span) }
            isFirst = false
            try console.write(part: line)
        }
        try console.write(Array("]}".utf8))
    }

    private static func isNumber(_ value: QueryValue) -> Bool {
        switch value {
        case .integer, .real, .null: true
        case .text, .blob: false
        }
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
