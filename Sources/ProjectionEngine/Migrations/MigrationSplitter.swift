import EventModel
internal import SQLite

/// One section of a migration file as it was found.
struct RawSection {
    let marker: Marker
    /// The index of the marker's line.
    let markerLine: Int
    /// The indices of the lines after it, up to the next marker.
    let body: Range<Int>
}

/// Cuts a migration file at its markers.
///
/// A marker counts only where a statement could begin. SQLite itself is asked whether that is so:
/// a line of a string, a comment or a trigger body that looks like a marker is none.
struct MigrationSplitter {
    let lines: MigrationLines

    /// The sections in file order; empty when the file has no marker at all.
    /// - Throws: `invalid` for a line that is nearly a marker and for text that is never closed.
    func sections() throws(AnnalsError) -> [RawSection] {
        var sections: [RawSection] = []
        var next = try firstMarker()
        while let (line, marker) = next {
            next = try end(of: marker, from: line + 1)
            sections.append(
                RawSection(
                    marker: marker, markerLine: line, body: (line + 1)..<(next?.0 ?? lines.count)))
        }
        return sections
    }

    /// The first marker, which ends the header; everything before must be comments.
    private func firstMarker() throws(AnnalsError) -> (Int, Marker)? {
        for index in 0..<lines.count {
            if case .marker(let marker) = Marker.read(lines[index]) { return (index, marker) }
            try refuse(Marker.read(lines[index]), at: index)
            let line = lines[index].trimmingEnd()
            guard line.isEmpty || line.hasPrefix("--") else {
                throw lines.source.error(
                    "MIGRATION_HEADER", at: lines.start(of: index),
                    "the header, which is everything before `-- Up`, holds comment lines only.",
                    hint: "Put SQL below a line `-- Up`; begin every line of a comment with `--`.")
            }
        }
        return nil
    }

    /// The marker that ends a section, `nil` for the end of the file.
    private func end(of marker: Marker, from first: Int) throws(AnnalsError) -> (Int, Marker)? {
        switch marker {
        case .seed, .off, .upNone, .downReplay:
            for index in first..<lines.count {
                let reading = self.reading(at: index)
                if case .marker(let next) = reading { return (index, next) }
                try refuse(reading, at: index)
            }
            return nil
        case .upcast:
            return try endOfSQL(from: first, closing: "\n;")
        case .up, .on, .down:
            return try endOfSQL(from: first, closing: "")
        }
    }

    /// - Parameter closing: what the SQL lacks to be whole statements.
    private func endOfSQL(
        from first: Int, closing: String
    ) throws(AnnalsError) -> (Int, Marker)? {
        var boundary = first
        for index in first..<lines.count {
            let reading = self.reading(at: index)
            if reading == .other { continue }
            let text = ";" + lines.text(boundary..<index) + closing
            if SQLiteText.isComplete(text) {
                if case .marker(let marker) = reading { return (index, marker) }
                try refuse(reading, at: index)
                boundary = index
            } else if case .marker = reading, SQLiteText.isComplete(text + "\n;") {
                throw unfinished(boundary..<index)
            }
        }
        if SQLiteText.isComplete(";" + lines.text(boundary..<lines.count) + closing) { return nil }
        throw unclosed(boundary..<lines.count)
    }

    /// What a line below the first marker is, seen alone.
    private func reading(at index: Int) -> Marker.Reading {
        if MigrationHeader.isDirective(lines[index]) {
            return .nearMiss(
                message: "this line belongs into the header.",
                hint: "Move it to the beginning of the file, before `-- Up`.")
        }
        return Marker.read(lines[index])
    }

    /// Throws for a near miss that stands where a statement could begin.
    private func refuse(_ reading: Marker.Reading, at index: Int) throws(AnnalsError) {
        guard case .nearMiss(let message, let hint) = reading else { return }
        let indent = lines[index].prefix(while: \.isWhitespace).utf8.count
        throw lines.source.error(
            "MIGRATION_MARKER", at: lines.start(of: index) + indent, message, hint: hint)
    }

    private func unfinished(_ range: Range<Int>) -> AnnalsError {
        let end = SQLiteText.tokens(of: lines.text(range)).last?.range.upperBound ?? 0
        return lines.source.error(
            "MIGRATION_SYNTAX", at: lines.start(of: range.lowerBound) + end,
            "the statement is not finished.", hint: "Add ; here.")
    }

    /// Why the text up to the end of the file is no sequence of statements.
    private func unclosed(_ range: Range<Int>) -> AnnalsError {
        let text = lines.text(range)
        let start = lines.start(of: range.lowerBound)
        let tokens = SQLiteText.tokens(of: text)
        if let token = tokens.last, !token.isTerminated {
            return lines.source.error(
                "MIGRATION_SYNTAX", at: start + token.range.lowerBound,
                "the quote that begins here is never closed.",
                hint: "Close it; a quote inside a text in quotes is written twice.")
        }
        let end = tokens.last?.range.upperBound ?? 0
        if let comment = SQLComments.unclosed(in: Array(text.utf8), from: end) {
            return lines.source.error(
                "MIGRATION_SYNTAX", at: start + comment,
                "the comment that begins here is never closed.",
                hint: "Add */ at its end.")
        }
        if SQLiteText.isComplete(";" + text + "\n;") { return unfinished(range) }
        return lines.source.error(
            "MIGRATION_SYNTAX", at: start + (tokens.first?.range.lowerBound ?? 0),
            "the statement that begins here has no end in this file.",
            hint: "Close it with ; (a trigger with END;).")
    }
}

/// The comments between SQL tokens.
enum SQLComments {
    /// Where a block comment begins that is never closed, if there is one after the last token.
    /// - Parameter start: The end of the last token.
    static func unclosed(in text: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 1 < text.count {
            if text[index] == UInt8(ascii: "-"), text[index + 1] == UInt8(ascii: "-") {
                index = text[index...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            } else if text[index] == UInt8(ascii: "/"), text[index + 1] == UInt8(ascii: "*") {
                guard let end = text[(index + 2)...].firstRange(of: Array("*/".utf8)) else {
                    return index
                }
                index = end.upperBound
            } else {
                index += 1
            }
        }
        return nil
    }
}
