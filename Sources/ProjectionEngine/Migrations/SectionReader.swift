import EventModel
internal import SQLite

/// Turns the sections of a file into the parts of a migration.
struct SectionReader {
    let lines: MigrationLines

    /// Checks which sections there are: Up first, Down last, nothing twice.
    func checkOrder(_ sections: [RawSection]) throws(AnnalsError) {
        guard let first = sections.first, let last = sections.last else {
            throw lines.source.error(
                "MIGRATION_MARKER", at: lines.start(of: lines.count), "the file has no `-- Up`.",
                hint: "Write a line `-- Up` before the first statement.")
        }
        if first.marker.partName != "up" {
            throw error(
                first, "`\(first.marker.line)` stands before `-- Up`.",
                "The order is: header, Up, then On, Off, Seed and Upcast, last Down.")
        }
        var seen: [String] = []
        for section in sections {
            let name = section.marker.duplicateKey
            if seen.contains(name) {
                throw error(
                    section, "the file has a second section for `\(name)`.",
                    "Put both together into one section.")
            }
            if seen.contains("Down") {
                throw error(
                    section, "`\(section.marker.line)` stands after Down.",
                    "Make Down the last section.")
            }
            seen.append(name)
        }
        guard last.marker.partName == "down" else {
            throw lines.source.error(
                "MIGRATION_DOWN_MISSING", at: lines.start(of: lines.count),
                "the file has no `-- Down`.",
                hint: "End it with `-- Down` and SQL, or with the line `-- Down: replay`.")
        }
        if first.marker == .upNone, sections.count == 2 {
            throw error(
                first, "the migration does nothing.",
                "Add a handler, a seed or an upcast, or remove it.",
                code: "MIGRATION_EMPTY_UP")
        }
    }

    /// Reads one section into the parts.
    func read(_ section: RawSection, into parts: inout MigrationParts) throws(AnnalsError) {
        switch section.marker {
        case .up:
            parts.up = try statements(
                section, code: "MIGRATION_EMPTY_UP",
                hint: "Write a statement, or `-- Up: none` when only handlers change.")
        case .upNone:
            try requireNothing(section)
            parts.up = SQLSection(
                sql: "", file: lines.source.file, firstLine: section.markerLine + 1)
        case .on(let type):
            parts.handlers.append(
                HandlerDefinition(
                    eventType: type,
                    section: try statements(
                        section, code: "MIGRATION_EMPTY_SECTION",
                        hint: "Write a statement, or `-- Off \(type)` to remove the handler.")))
        case .off(let type):
            try requireNothing(section)
            parts.offs.append(HandlerRemoval(eventType: type, line: section.markerLine + 1))
        case .seed(let type, let stream, let id):
            parts.seeds.append(
                Seed(
                    type: type, stream: stream, id: id, data: try object(section),
                    file: lines.source.file, line: section.markerLine + 1))
        case .upcast(let type, let from, let to):
            parts.upcasts.append(
                Upcast(eventType: type, from: from, to: to, section: try expression(section)))
        case .down:
            parts.down = .sql(
                try statements(
                    section, code: "MIGRATION_EMPTY_SECTION",
                    hint: "Write a statement, or `-- Down: replay` when only a replay leads back."))
        case .downReplay:
            try requireNothing(section)
            parts.down = .replay
            parts.replayReason = ReplayReason(
                text: section.body.map { comment(lines[$0]) }.filter { !$0.isEmpty }
                    .joined(separator: " "),
                line: section.markerLine + 1)
        }
    }

    private func statements(
        _ section: RawSection, code: String, hint: String
    ) throws(AnnalsError) -> SQLSection {
        let sql = sqlSection(section)
        let bytes = Array(sql.sql.utf8)
        let hasStatement = SQLiteText.tokens(of: sql.sql).contains {
            !bytes[$0.range].elementsEqual([UInt8(ascii: ";")])
        }
        guard hasStatement else {
            throw error(
                section, "`\(section.marker.line)` has no statement, only comments.", hint,
                code: code)
        }
        return sql
    }

    private func expression(_ section: RawSection) throws(AnnalsError) -> SQLSection {
        let sql = sqlSection(section)
        let bytes = Array(sql.sql.utf8)
        let tokens = SQLiteText.tokens(of: sql.sql)
        guard !tokens.isEmpty else {
            throw error(
                section, "`\(section.marker.line)` has no expression.",
                "Write one SQL expression over @data, for example json_set(@data, '$.a', 1).",
                code: "MIGRATION_EMPTY_SECTION")
        }
        if let end = tokens.first(where: { bytes[$0.range].elementsEqual([UInt8(ascii: ";")]) }) {
            throw sql.error(
                "MIGRATION_UPCAST", at: end.range.lowerBound, "an upcast is one expression.",
                hint: "Remove the ;.")
        }
        return sql
    }

    private func object(_ section: RawSection) throws(AnnalsError) -> [UInt8] {
        let body = section.body.filter { !isEmptyOrComment(lines[$0]) }
        guard let first = body.first, let last = body.last else {
            throw error(
                section, "`\(section.marker.line)` has no data.", "Write one JSON object below it.",
                code: "MIGRATION_SEED")
        }
        let text = lines.text(first..<(last + 1))
        let bytes = Array(text.utf8)
        do throws(JSONError) {
            try JSONText.validateObject(bytes.span)
        } catch {
            throw lines.source.error(
                "MIGRATION_SEED", at: lines.start(of: first) + error.offset, "\(error.message).",
                hint: "A seed's data is one JSON object.")
        }
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A }
        return Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private func sqlSection(_ section: RawSection) -> SQLSection {
        SQLSection(
            sql: lines.text(section.body), file: lines.source.file,
            firstLine: section.body.lowerBound + 1)
    }

    private func requireNothing(_ section: RawSection) throws(AnnalsError) {
        for index in section.body where !isEmptyOrComment(lines[index]) {
            throw lines.source.error(
                "MIGRATION_MARKER", at: lines.start(of: index),
                "nothing but comments may follow `\(section.marker.line)`.",
                hint: "Remove the text, or choose the section that it belongs to.")
        }
    }

    /// The words of a comment line.
    private func comment(_ line: Substring) -> Substring {
        line.drop { $0 == " " || $0 == "\t" || $0 == "-" }.trimmingEnd()
    }

    private func isEmptyOrComment(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " || $0 == "\t" }
        return text.isEmpty || text.hasPrefix("--")
    }

    private func error(
        _ section: RawSection, _ message: String, _ hint: String, code: String = "MIGRATION_MARKER"
    ) -> AnnalsError {
        lines.source.error(code, at: lines.start(of: section.markerLine), message, hint: hint)
    }
}

extension Marker {
    /// What may stand in a file once: On and Off of one type exclude each other too.
    var duplicateKey: String {
        switch self {
        case .up, .upNone: "Up"
        case .down, .downReplay: "Down"
        case .on(let type), .off(let type): "On \(type)"
        case .seed(_, _, let id): "Seed … \(id)"
        case .upcast(let type, let from, _): "Upcast \(type) \(from)"
        }
    }
}
