import EventModel

/// The lines before the first section: what the migration is.
struct MigrationHeader {
    let description: String
    let module: String
    let depends: [Int]
    let waivers: [LintWaiver]
    let moduleLine: Int
    let dependsLine: Int

    /// Reads the header's lines.
    /// - Parameters:
    ///   - end: The index of the line after the header.
    ///   - name: What the file's name says.
    /// - Throws: `invalid`, `MIGRATION_HEADER`, for a part that is missing, given twice, unknown or
    ///   wrong.
    init(_ lines: MigrationLines, end: Int, name: MigrationFileName) throws(AnnalsError) {
        var found: [(Directive, value: String, at: Int)] = []
        for index in 0..<end {
            guard let (word, value) = Self.directive(lines[index]) else { continue }
            let at = lines.start(of: index)
            guard let known = Directive(rawValue: word.lowercased()) else {
                throw Self.error(
                    lines, at, "`\(word):` is no part of a header.",
                    """
                    The parts are Migration, Description, Module, Depends, Dialect and Lint; write \
                    another comment without a colon after its first word.
                    """)
            }
            guard lines[index].trimmingEnd() == "-- \(known.title): \(value)", !value.isEmpty else {
                throw Self.error(
                    lines, at, "this part of the header is not written as it must be.",
                    "Write `\(known.usage)`.")
            }
            guard known == .lint || !found.contains(where: { $0.0 == known }) else {
                throw Self.error(
                    lines, at, "the header has a second `\(known.title):`.", "Keep one of them.")
            }
            found.append((known, String(value), at))
        }
        func part(_ directive: Directive) throws(AnnalsError) -> (value: String, at: Int) {
            guard let (_, value, at) = found.first(where: { $0.0 == directive }) else {
                throw Self.error(
                    lines, 0, "the header has no line `-- \(directive.title): …`.",
                    "Write `\(directive.usage)` before `-- Up`.")
            }
            return (value, at)
        }
        try Self.checkName(try part(.migration), name, lines)
        description = try part(.description).value
        let module = try part(.module)
        self.module = module.value
        moduleLine = lines.source.location(utf8Offset: module.at).line
        if let (_, dialect, at) = found.first(where: { $0.0 == .dialect }) {
            _ = try Dialect.named(dialect) { Self.error(lines, at, $1, $2, code: $0) }
        }
        var waivers: [LintWaiver] = []
        for (_, text, at) in found.filter({ $0.0 == .lint }) {
            let line = lines.source.location(utf8Offset: at).line
            guard let waiver = LintWaiver(text[...], line: line) else {
                throw Self.error(
                    lines, at, "a waiver names a rule and says why.",
                    "Write `\(Directive.lint.usage)`.")
            }
            waivers.append(waiver)
        }
        self.waivers = waivers
        let depends = found.first { $0.0 == .depends }.map { ($0.value, $0.at) }
        self.depends = try Self.numbers(depends, name, lines)
        dependsLine = depends.map { lines.source.location(utf8Offset: $0.1).line } ?? 1
    }

    /// The parts of a header.
    private enum Directive: String {
        case migration, description, module, depends, dialect, lint

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

        var usage: String {
            switch self {
            case .migration: "-- Migration: 002_add_weight"
            case .description: "-- Description: what it is for, in one line"
            case .module: "-- Module: name"
            case .depends: "-- Depends: 001, 002"
            case .dialect: "-- Dialect: sqlite"
            case .lint: "-- Lint: allow CODE reason"
            }
        }
    }

    /// Whether a line would be a part of a header, so that it can be refused elsewhere.
    static func isDirective(_ line: Substring) -> Bool {
        directive(line).map { Directive(rawValue: $0.word.lowercased()) != nil } ?? false
    }

    /// The word before the colon and the text behind it, of a comment `-- Word: text`.
    private static func directive(_ line: Substring) -> (word: Substring, value: Substring)? {
        let line = line.drop(while: \.isWhitespace).trimmingEnd()
        guard line.hasPrefix("--") else { return nil }
        let text = line.dropFirst(2).drop(while: \.isWhitespace)
        let word = text.prefix { $0.isLetter || $0 == "-" || $0 == "_" }
        let rest = text[word.endIndex...]
        guard !word.isEmpty, rest.first == ":" else { return nil }
        let value = rest.dropFirst()
        // `https://…` is no directive, `Module:name` is a badly written one.
        guard !value.hasPrefix("//") else { return nil }
        return (word, value.drop(while: \.isWhitespace))
    }

    private static func checkName(
        _ part: (value: String, at: Int), _ name: MigrationFileName, _ lines: MigrationLines
    ) throws(AnnalsError) {
        guard MigrationFileName(stem: part.value[...]) == name else {
            let expected = Migration.fullName(name.number, name.name)
            throw error(
                lines, part.at, "the header says \(part.value), the file's name \(expected).",
                "Write `-- Migration: \(expected)`, or rename the file.")
        }
    }

    private static func numbers(
        _ part: (value: String, at: Int)?, _ name: MigrationFileName, _ lines: MigrationLines
    ) throws(AnnalsError) -> [Int] {
        guard let part else { return [] }
        var numbers: [Int] = []
        for word in part.value.split(separator: ",", omittingEmptySubsequences: false) {
            let digits = word.drop { $0 == " " }.trimmingEnd()
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                (1...MigrationFileName.numberMax).contains(number)
            else {
                throw error(
                    lines, part.at, "`\(word)` is no migration number.",
                    "Write `-- Depends: 001, 002`: single numbers, with commas between them.")
            }
            guard !numbers.contains(number) else {
                throw error(
                    lines, part.at, "`\(digits)` is named twice.", "Name each number once.")
            }
            guard number < name.number else {
                throw error(
                    lines, part.at,
                    "it depends on \(Migration.padded(number)), which does not come before it.",
                    "A migration may depend on lower numbers only.", code: "MIGRATION_DEPENDS")
            }
            numbers.append(number)
        }
        return numbers.sorted()
    }

    private static func error(
        _ lines: MigrationLines, _ offset: Int, _ message: String, _ hint: String,
        code: String = "MIGRATION_HEADER"
    ) -> AnnalsError {
        lines.source.error(code, at: offset, message, hint: hint)
    }
}
