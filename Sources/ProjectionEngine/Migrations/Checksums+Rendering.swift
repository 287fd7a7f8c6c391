extension Checksums {
    /// The hash of the text of a named part, `nil` when the migration has no such part.
    public func text(of name: String) -> String? { part(name)?.text }

    /// Both hashes of a named part, `nil` when the migration has no such part.
    public func part(_ name: String) -> Part? { parts.first { $0.name == name }?.part }

    /// The hashes as one text, for the `checksum` column of `schema_migrations`.
    ///
    /// *Shape*: LF-separated lines: the algorithm; `<whole> <tokens>`; for each part
    /// `<text> <tokens> <name>`.
    public var rendering: String {
        ([Checksums.algorithm, "\(whole) \(tokens)"]
            + parts.map { "\($0.part.text) \($0.part.tokens) \($0.name)" })
            .joined(separator: "\n")
    }

    /// Reads a rendering back; `nil` when it is none, or one of an unknown algorithm.
    public init?(rendering: String) {
        let lines = rendering.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines[0] == Checksums.algorithm else { return nil }
        let first = lines[1].split(separator: " ")
        guard first.count == 2 else { return nil }
        var parts: [(name: String, part: Part)] = []
        for line in lines.dropFirst(2) {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3 else { return nil }
            parts.append(
                (String(words[2]), Part(text: String(words[0]), tokens: String(words[1]))))
        }
        self.init(whole: String(first[0]), tokens: String(first[1]), parts: parts)
    }

    /// One part that is not what it was.
    public struct Difference: Sendable, Equatable {
        /// The part's name (`header`, `up`, `down`, `On TYPE` …).
        public let part: String
        /// The hash that was recorded, `nil` when the part is new.
        public let was: String?
        /// The hash that the file has now, `nil` when the part is gone.
        public let now: String?
        /// Whether only comments or spacing differ.
        public let isCosmetic: Bool
    }

    /// The parts that differ from the recorded hashes, recorded order first; empty for none.
    public func differences(from recorded: Checksums) -> [Difference] {
        var found: [Difference] = []
        for (name, was) in recorded.parts {
            let now = part(name)
            if now == was { continue }
            found.append(
                Difference(
                    part: name, was: was.text, now: now?.text, isCosmetic: now?.tokens == was.tokens
                ))
        }
        for (name, now) in parts where recorded.part(name) == nil {
            found.append(Difference(part: name, was: nil, now: now.text, isCosmetic: false))
        }
        return found
    }
}
