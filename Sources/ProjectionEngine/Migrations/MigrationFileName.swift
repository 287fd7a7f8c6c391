import EventModel

/// The number and name that a migration's file name gives: `NNN_name.sql` or `V{n}__{name}.sql`.
struct MigrationFileName: Equatable {
    /// The greatest number of a migration.
    static let numberMax = 999_999
    /// Characters of a migration's name, at most.
    static let nameCharactersMax = 64

    let number: Int
    let name: String

    /// Reads a file name without `.sql`; `nil` when it has neither form.
    init?(stem: Substring) {
        let digits: Substring
        let name: Substring
        if stem.first == "V", let mark = stem.firstRange(of: "__") {
            digits = stem[stem.index(after: stem.startIndex)..<mark.lowerBound]
            name = stem[mark.upperBound...]
            guard digits.first != "0" else { return nil }
        } else {
            guard let mark = stem.firstIndex(of: "_") else { return nil }
            digits = stem[..<mark]
            name = stem[stem.index(after: mark)...]
            // One spelling for each number: zeros only to fill up three digits.
            guard digits.count == 3 || (digits.count > 3 && digits.first != "0") else { return nil }
        }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
            (1...Self.numberMax).contains(number), Self.isName(name)
        else { return nil }
        self.number = number
        self.name = String(name)
    }

    /// Reads a file name, or throws with the forms that are right.
    init(file: String) throws(AnnalsError) {
        guard file.hasSuffix(".sql"), let name = MigrationFileName(stem: file.dropLast(4)) else {
            throw AnnalsError(
                .invalid, "MIGRATION_FILE_NAME",
                "\(file):1:1: the file's name is no migration name.",
                hint: """
                    Name it NNN_name.sql (three digits, 001 to 999, then lower-case letters, digits \
                    and _), for example 002_add_weight.sql, or V2__add_weight.sql.
                    """,
                context: .init(file: file, line: 1, column: 1))
        }
        self = name
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.count <= nameCharactersMax
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
            }
    }
}
