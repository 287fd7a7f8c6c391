import EventModel

extension Marker {
    /// One directive: its form for people, and what it makes of the words of a line.
    struct Form {
        let usage: String
        let make: @Sendable ([String]) -> Marker?
    }

    /// The directives by their first word in small letters.
    static let forms: [String: Form] = [
        "up": Form(usage: "-- Up` or `-- Up: none") { words in
            words.count == 1 ? .up : words.dropFirst().elementsEqual(["none"]) ? .upNone : nil
        },
        "down": Form(usage: "-- Down` or `-- Down: replay") { words in
            words.count == 1
                ? .down : words.dropFirst().elementsEqual(["replay"]) ? .downReplay : nil
        },
        "on": Form(usage: "-- On TYPE") { words in
            words.count == 2 && isEventName(words[1]) ? .on(type: words[1]) : nil
        },
        "off": Form(usage: "-- Off TYPE") { words in
            words.count == 2 && isEventName(words[1]) ? .off(type: words[1]) : nil
        },
        "seed": Form(usage: "-- Seed TYPE STREAM ID") { words in
            words.count == 4 && words.dropFirst().allSatisfy(isEventName)
                ? .seed(type: words[1], stream: words[2], id: words[3]) : nil
        },
        "upcast": Form(usage: "-- Upcast TYPE FROM TO") { words in
            guard words.count == 4, isEventName(words[1]), let from = version(words[2]),
                let to = version(words[3]), from < to
            else { return nil }
            return .upcast(type: words[1], from: from, to: to)
        },
    ]

    /// A line of another tool that would be a plain comment here, and its SQL part of Up.
    static func foreign(_ first: String, _ words: [String]) -> Reading? {
        let small = first.lowercased()
        let begins = [
            "+goose", "+migrate", "+micrate", "migrate:", "changeset", "@undo", "//@undo",
        ]
        let alone = ["rollback", "undo", "revert", "!ups", "!downs"]
        guard
            begins.contains(where: { small.hasPrefix($0) })
                || (small == "liquibase" && words.count > 1)
                || (small == "rambler" && words.count > 1)
                || (words.count == 1 && alone.contains(small))
        else { return nil }
        return .nearMiss(
            message: "`\(words.joined(separator: " "))` is a section line of another tool.",
            hint: "Write `-- Up` and `-- Down`.")
    }

    /// `---- Down ----` and the like.
    static func decorated(_ words: [String]) -> Reading? {
        let ornament: Set<Character> = ["-", "=", "*", "#", "~"]
        let bare = words.filter { !$0.allSatisfy(ornament.contains) }
        guard bare.count == 1, let word = bare.first else { return nil }
        let core = word.drop(while: ornament.contains)
        guard words.count > 1 || core.count < word.count,
            ["up", "down"].contains(core.lowercased())
        else { return nil }
        return .nearMiss(
            message: "the section's line is not written as it must be.",
            hint: "Write `-- \(core.prefix(1).uppercased())\(core.dropFirst().lowercased())`.")
    }

    /// Whether an event may have this type, stream or id, and a marker can hold it.
    private static func isEventName(_ word: String) -> Bool {
        guard let last = word.last, ![";", ",", ":"].contains(last) else { return false }
        return word.utf8.count <= Limits.nameBytesMax
            && word.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// A schema version, written without zeros in front.
    private static func version(_ word: String) -> Int? {
        guard let number = Int(word), String(number) == word,
            (1...Limits.schemaVersionMax).contains(number)
        else { return nil }
        return number
    }
}
