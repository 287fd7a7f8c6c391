import EventModel
internal import Yams

/// A node of a manifest, read strictly: what is not expected is an error with its place.
struct ManifestNode {
    let file: String
    let node: Node

    /// Parses a manifest.
    /// - Throws: `invalid`, `MANIFEST_SYNTAX`, for text that is not one YAML document.
    static func parse(_ source: SourceText) throws(AnnalsError) -> ManifestNode {
        let node: Node?
        do {
            node = try Yams.compose(yaml: source.text)
        } catch let error as YamlError {
            throw syntaxError(error, source.file)
        } catch {
            throw .inFile("MANIFEST_SYNTAX", source.file, 1, 1, "\(error)", hint: "")
        }
        guard let node else {
            throw .inFile(
                "MANIFEST_SYNTAX", source.file, 1, 1, "the manifest is empty.",
                hint: "It needs at least `name:` and `modules:`.")
        }
        return ManifestNode(file: source.file, node: node)
    }

    /// The members of a mapping.
    /// - Throws: for anything else, for an unknown key and for a missing one.
    func members(
        required: [String], optional: [String]
    ) throws(AnnalsError) -> [String: ManifestNode] {
        let known = (required + optional).joined(separator: ", ")
        guard case .mapping(let mapping) = node else {
            throw error("a mapping was expected.", hint: "Its keys are \(known).")
        }
        var members: [String: ManifestNode] = [:]
        for (key, value) in mapping {
            let keyNode = ManifestNode(file: file, node: key)
            guard let name = key.scalar?.string, required.contains(name) || optional.contains(name)
            else {
                throw keyNode.error(
                    "the key `\(key.scalar?.string ?? "…")` is unknown.",
                    hint: "The keys are \(known).",
                    code: "MANIFEST_KEY")
            }
            members[name] = ManifestNode(file: file, node: value)
        }
        for name in required where members[name] == nil {
            throw error(
                "the key `\(name)` is missing.", hint: "The keys are \(known).",
                code: "MANIFEST_KEY")
        }
        return members
    }

    /// The elements of a sequence.
    func elements() throws(AnnalsError) -> [ManifestNode] {
        guard case .sequence(let sequence) = node else {
            throw error("a list was expected.", hint: "Write [ … ], or lines that begin with `- `.")
        }
        return sequence.map { ManifestNode(file: file, node: $0) }
    }

    /// One line of text; numbers and the like must be in quotes.
    func text() throws(AnnalsError) -> String {
        guard case .scalar(let scalar) = node, Resolver.default.resolveTag(of: node) == .str,
            !scalar.string.contains("\n")
        else {
            throw error("one line of text was expected.", hint: "Put it in double quotes.")
        }
        return scalar.string
    }

    /// A name of a projection or a module, which may become part of a file's name.
    func name() throws(AnnalsError) -> String {
        let text = try text()
        let isRight =
            text.utf8.first.map { (0x61...0x7A).contains($0) } == true && text.utf8.count <= 64
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
            }
        guard isRight else {
            throw error(
                "`\(text)` is no name.",
                hint: "Use 1 to 64 lower-case letters, digits, _ and -, a letter first.")
        }
        return text
    }

    /// `true` or `false`.
    func flag() throws(AnnalsError) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain,
            let flag = Bool(scalar.string)
        else {
            throw error("true or false was expected.", hint: "Write it without quotes.")
        }
        return flag
    }

    /// A migration number.
    func number() throws(AnnalsError) -> Int {
        // `011` is octal in YAML and eleven to a reader: neither is taken.
        guard case .scalar(let scalar) = node, scalar.style == .plain,
            let number = Int(scalar.string), String(number) == scalar.string
        else {
            throw error("a migration number was expected.", hint: "Write it without zeros before.")
        }
        return number
    }

    /// A day as RFC 3339 writes it.
    func day() throws(AnnalsError) -> String {
        guard case .scalar(let scalar) = node,
            Timestamp(rfc3339: "\(scalar.string)T00:00:00Z") != nil
        else { throw error("a day was expected.", hint: "Write it like 2026-11-21.") }
        return scalar.string
    }

    /// The first and last number of a module.
    func range() throws(AnnalsError) -> ClosedRange<Int> {
        guard case .sequence(let sequence) = node else { throw rangeError() }
        let numbers = sequence.compactMap { (node: Node) -> Int? in
            guard case .scalar(let scalar) = node, scalar.style == .plain else { return nil }
            // `011` is octal in YAML and eleven to a reader: neither is taken.
            return Int(scalar.string).flatMap { String($0) == scalar.string ? $0 : nil }
        }
        guard numbers.count == 2, sequence.count == 2, numbers[0] >= 1, numbers[0] <= numbers[1],
            numbers[1] <= MigrationFileName.numberMax
        else { throw rangeError() }
        return numbers[0]...numbers[1]
    }

    /// An error at this node.
    func error(_ message: String, hint: String, code: String = "MANIFEST_VALUE") -> AnnalsError {
        .inFile(code, file, node.mark?.line ?? 1, node.mark?.column ?? 1, message, hint: hint)
    }

    private func rangeError() -> AnnalsError {
        error(
            "a range of migration numbers was expected.",
            hint: "Write the first and the last number, for example [1, 19]; numbers begin with 1.")
    }

    private static func syntaxError(_ error: YamlError, _ file: String) -> AnnalsError {
        let hint = "A manifest is one YAML document."
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return .inFile(
                "MANIFEST_SYNTAX", file, mark.line, mark.column, "\(problem).", hint: hint)
        case .duplicatedKeysInMapping(let names, let context):
            return .inFile(
                "MANIFEST_KEY", file, context.mark.line, context.mark.column,
                "the key `\(names.joined(separator: "`, `"))` is given twice.",
                hint: "Keep one of them.")
        case .reader(let problem, _, _, _):
            return .inFile("MANIFEST_SYNTAX", file, 1, 1, "\(problem).", hint: hint)
        default:
            return .inFile("MANIFEST_SYNTAX", file, 1, 1, "\(error)", hint: hint)
        }
    }
}
