import EventModel

/// The line that begins a section of a migration file.
enum Marker: Equatable {
    case up
    /// `-- Up: none`: the schema stays as it is.
    case upNone
    case on(type: String)
    case off(type: String)
    case seed(type: String, stream: String, id: String)
    case upcast(type: String, from: Int, to: Int)
    case down
    /// `-- Down: replay`.
    case downReplay

    /// The line as it must be written; also the name of the part, after the dashes.
    var line: String { "-- \(title)" }

    /// The line without its dashes.
    var title: String {
        switch self {
        case .up: "Up"
        case .upNone: "Up: none"
        case .on(let type): "On \(type)"
        case .off(let type): "Off \(type)"
        case .seed(let type, let stream, let id): "Seed \(type) \(stream) \(id)"
        case .upcast(let type, let from, let to): "Upcast \(type) \(from) \(to)"
        case .down: "Down"
        case .downReplay: "Down: replay"
        }
    }

    /// The name of the section in checksums: both kinds of Up are `up`, both of Down `down`.
    var partName: String {
        switch self {
        case .up, .upNone: "up"
        case .down, .downReplay: "down"
        default: title
        }
    }

    /// What a line of a migration file is, seen alone.
    enum Reading: Equatable {
        /// A marker.
        case marker(Marker)
        /// Meant as a marker, or easily taken for one, and written in a way that is none.
        case nearMiss(message: String, hint: String)
        /// Anything else.
        case other
    }

    /// Reads a line; whether it counts depends on where it stands.
    static func read(_ line: Substring) -> Reading {
        // Any space of Unicode: a marker with a hard space in it must not pass as a comment.
        let trimmed = line.drop(while: \.isWhitespace)
        guard trimmed.hasPrefix("--") else { return .other }
        let words = trimmed.dropFirst(2).split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first else { return .other }
        if let miss = foreign(first, words) ?? decorated(words) { return miss }
        let keyword = first.hasSuffix(":") ? String(first.dropLast()) : first
        guard let form = forms[keyword.lowercased()] else { return .other }
        guard let marker = form.make([keyword.lowercased()] + words.dropFirst()) else {
            return .nearMiss(
                message: "the line begins like a section and has not its form, `\(form.usage)`.",
                hint: """
                    Write `\(form.usage)` as a line of its own; let a plain comment begin with \
                    another word than \(keyword).
                    """)
        }
        guard line.trimmingEnd() == marker.line else {
            return .nearMiss(
                message: "the section's line is not written as it must be.",
                hint: "Write `\(marker.line)`, at the beginning of the line.")
        }
        return .marker(marker)
    }
}

extension Substring {
    /// Without the spaces and tabs at the end.
    func trimmingEnd() -> Substring {
        var text = self
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
