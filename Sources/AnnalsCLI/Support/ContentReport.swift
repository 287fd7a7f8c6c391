internal import Annals
internal import Foundation
internal import ProjectionEngine

/// What the program says of a table or schema object that is not what it should be.
enum ContentReport {
    /// A difference as `--json` tells it.
    static func document(_ difference: ContentDifference) -> JSON {
        [
            "table": .string(difference.table), "object": JSON(difference.object),
            "rows": JSON(difference.rows), "example": example(difference),
        ]
    }

    /// The example of a difference: key, and what was expected and found by column.
    static func example(_ difference: ContentDifference) -> JSON {
        [
            "key": object(difference.key),
            "expected": difference.expected.isEmpty ? .null : object(difference.expected),
            "found": difference.found.isEmpty ? .null : object(difference.found),
        ]
    }

    private static func object(_ fields: [ContentDifference.Field]) -> JSON {
        .object(fields.map { .init(name: $0.column, value: value($0.value)) })
    }

    /// A value that keeps its storage class: bytes are an object, so that they are no text.
    private static func value(_ value: RowValue) -> JSON {
        switch value {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .string(text)
        case .blob(let bytes): ["base64": .string(Data(bytes).base64EncodedString())]
        }
    }

    /// A difference in lines for people; values are written as SQL writes them.
    static func lines(_ difference: ContentDifference) -> [String] {
        var lines = [difference.summary]
        if difference.object != nil {
            if !difference.expected.isEmpty {
                lines.append("  expected \(list(difference.expected))")
            }
            if !difference.found.isEmpty { lines.append("  found    \(list(difference.found))") }
        } else {
            let key = difference.key.isEmpty ? "a row" : "the row \(list(difference.key))"
            lines.append("  for example \(key):")
            let none = "no such row"
            lines.append(
                "    expected \(difference.expected.isEmpty ? none : list(difference.expected))")
            lines.append("    found    \(difference.found.isEmpty ? none : list(difference.found))")
        }
        return lines.map(DisplayText.escaped)
    }

    private static func list(_ fields: [ContentDifference.Field]) -> String {
        fields.map { field in
            field.column == "sql" && fields.count == 1
                ? plain(field.value) : "\(field.column) \(literal(field.value))"
        }.joined(separator: ", ")
    }

    private static func plain(_ value: RowValue) -> String {
        if case .text(let text) = value { text } else { literal(value) }
    }

    private static func literal(_ value: RowValue) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .real(let number): number.description
        case .text(let text): "'\(text.replacingOccurrences(of: "'", with: "''"))'"
        case .blob(let bytes):
            "x'\(bytes.map { String(format: "%02x", $0) }.joined())'"
        }
    }
}
