internal import EventModel
internal import GRDB

extension Row {
    /// A column that holds one of a list of words.
    func word<Word: RawRepresentable<String>>(_ index: Int) throws -> Word {
        let text: String = self[index]
        guard let word = Word(rawValue: text) else {
            throw RotationError(
                .invalid(field: "\(Word.self)"), "'\(text)' is no \(Word.self) that is known here.")
        }
        return word
    }

    /// A column that holds milliseconds, or nothing.
    func time(_ index: Int) -> Timestamp? {
        (self[index] as Int64?).map(Timestamp.init(milliseconds:))
    }

    /// A column that holds JSON, or nothing.
    func json(_ index: Int) throws -> JSONValue? {
        try (self[index] as String?).map(JSONValue.init(text:))
    }
}
