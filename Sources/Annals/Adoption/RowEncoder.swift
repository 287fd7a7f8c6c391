internal import EventModel
internal import SQLite

/// Writes the rows of one table as events: data, stream and key.
struct RowEncoder {
    private let table: AdoptedTable
    private let file: String
    private let isUTF16: Bool
    /// `"name":` of each column.
    private let names: [[UInt8]]
    /// Whether a handler can read the column as `$name`, and so get any value of it.
    private let isField: [Bool]
    /// Whether the column is told as NULL here, because a second event brings its value.
    private let isDeferred: [Bool]
    private let keyColumns: [Int]
    private let type: String
    private let kind: String
    private var ordinal = 0
    /// Bytes to set aside for the next row's data: somewhat more than the last one had.
    private var dataBytes = 256

    /// Bytes of a stream's name that are left for a key.
    private let keyBytesMax: Int

    /// Prepares to write the rows that `AdoptionOrder.rows` gives.
    ///
    /// - Parameters:
    ///   - word: what the event types of the table begin with.
    ///   - event: what they end with: `adopted`, `linked` or `removed`.
    init(
        _ table: AdoptedTable, word: String, event: String = "adopted", _ source: AdoptionSource
    ) {
        self.table = table
        file = source.path
        isUTF16 = source.isUTF16
        names = table.columns.map { name in
            var bytes: [UInt8] = []
            JSONText.quote(name, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            return bytes
        }
        isField = table.columns.map(HandlerScaffold.isField)
        isDeferred = table.columns.map(table.deferred.contains)
        keyColumns = table.key.compactMap { name in table.columns.firstIndex { $0 == name } }
        type = "\(word).\(event)"
        kind = word
        keyBytesMax = Limits.nameBytesMax - word.utf8.count - 1
    }

    /// The event of the row at which a run stands.
    /// - Throws: `ADOPT_VALUE` or `ADOPT_ROW_TOO_LARGE` with table, key and column.
    mutating func event(
        _ row: borrowing Run, occurred: Timestamp
    ) throws(AnnalsError) -> Event {
        ordinal += 1
        let key = key(of: row)
        var data: [UInt8] = []
        data.reserveCapacity(dataBytes)
        data.append(UInt8(ascii: "{"))
        var largest = (bytes: 0, column: 0)
        for column in names.indices {
            if column > 0 { data.append(UInt8(ascii: ",")) }
            data += names[column]
            let start = data.count
            try append(row, column, key, to: &data)
            if data.count - start > largest.bytes { largest = (data.count - start, column) }
            guard data.count <= Limits.dataBytesMax else {
                throw refusal(
                    "ADOPT_ROW_TOO_LARGE", key, largest.column,
                    "the row is larger than an event's \(Limits.dataBytesMax >> 20) MiB of data",
                    hint: "Keep the content elsewhere and its digest in the row.")
            }
        }
        data.append(UInt8(ascii: "}"))
        dataBytes = data.count + data.count / 4
        return Event(type: type, stream: "\(kind)/\(key)", data: data, occurred: occurred)
    }

    private func append(
        _ row: borrowing Run, _ column: Int, _ key: String, to data: inout [UInt8]
    ) throws(AnnalsError) {
        let start = data.count
        if isDeferred[column] {
            data.append(contentsOf: "null".utf8)
            return
        }
        switch row.type(at: column) {
        case .null: data.append(contentsOf: "null".utf8)
        case .integer: TypedValue.append(row.int64(at: column), to: &data)
        case .real: TypedValue.append(row.double(at: column), to: &data)
        case .text:
            let text = row.utf8(at: column)
            if isUTF16, holdsReplacement(text) {
                throw refusal(
                    "ADOPT_VALUE", key, column,
                    "the text holds U+FFFD, which in UTF-16 may stand for what is no text",
                    hint: "Write the database as UTF-8 first (.dump and read it again).")
            }
            TypedValue.append(text: text, to: &data)
        case .blob: TypedValue.append(blob: row.bytes(at: column), to: &data)
        }
        if !isField[column], data[start] == UInt8(ascii: "{") {
            throw refusal(
                "ADOPT_VALUE", key, column,
                "a value that JSON cannot say stands in a column whose name no parameter can have",
                hint: "Rename the column in a copy of the file to letters, digits and _.")
        }
    }

    private func holdsReplacement(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 3 else { return false }
        for index in 0..<(text.count - 2)
        where text[index] == 0xEF && text[index + 1] == 0xBF && text[index + 2] == 0xBD {
            return true
        }
        return false
    }

    /// The row's key as a part of a stream's name: the values of the primary key with `/` between
    /// them; without a usable one the row's place in the order of the table, from 1.
    private func key(of row: borrowing Run) -> String {
        if keyColumns.isEmpty { return String(ordinal) }
        var parts: [String] = []
        for column in keyColumns { parts.append(keyPart(row, column)) }
        let key = parts.joined(separator: "/")
        return key.isEmpty || key.utf8.count > keyBytesMax ? "row-\(ordinal)" : key
    }

    private func keyPart(_ row: borrowing Run, _ column: Int) -> String {
        switch row.type(at: column) {
        case .null: return ""
        case .integer: return String(row.int64(at: column))
        case .real: return row.double(at: column).description
        case .text:
            let text = row.text(at: column) ?? ""
            // Nearly every key is plain, and asking what each character is takes long.
            let isPlain = text.utf8.allSatisfy {
                $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "%")
                    && ($0 != UInt8(ascii: "/") || keyColumns.count == 1)
            }
            if isPlain { return text }
            return String(
                text.unicodeScalars.map { scalar -> String in
                    scalar.properties.generalCategory == .control || scalar == "%"
                        || (scalar == "/" && keyColumns.count > 1)
                        ? AdoptedTable.percent(scalar) : String(scalar)
                }.joined())
        case .blob:
            let bytes = row.bytes(at: column)
            guard bytes.count <= keyBytesMax else { return String(repeating: "-", count: 256) }
            return bytes.indices.map { index in
                let digits = String(bytes[index], radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }.joined()
        }
    }

    private func refusal(
        _ code: String, _ key: String, _ column: Int, _ reason: String, hint: String
    ) -> AnnalsError {
        AnnalsError(
            .invalid, code,
            "Table \(table.name), row \(key), column \(table.columns[column]): \(reason).",
            hint: hint, context: .init(file: file))
    }
}
